"""The tables. Secrets are in them as SHA-256 only, what people write as ciphertext only, addresses not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """Aware datetimes in UTC; SQLite would forget the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


meetings = Table(
    "meetings",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("host_public_key", String(43), nullable=False),
    Column("proof_hash", String(43), nullable=False),
    Column("card_version", Integer, nullable=False, default=0),
    Column("card_sealed", Text),
    Column("rules_version", Integer, nullable=False, default=0, server_default="0"),
    Column("rules_document", Text),
    Column("rules_signature", String(86)),
    Column("opens_at", Instant),
    Column("closes_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

openings = Table(
    "openings",
    metadata,
    Column("session", String(22), primary_key=True),
    Column("meeting", ForeignKey("meetings.id", ondelete="CASCADE"), nullable=False),
    Column("room", String(22), nullable=False, unique=True),
    Column("empty_since", Instant),
    Column("began_at", Instant),
    Index("uq_openings_meeting", "meeting", unique=True),
)

seats = Table(
    "seats",
    metadata,
    Column("session", ForeignKey("openings.session", ondelete="CASCADE"), nullable=False),
    Column("pseudonym", String(22), nullable=False),
    Column("meeting", String(22), nullable=False),
    Column("secret_hash", String(43), nullable=False),
    Column("announcement", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("connections", Integer, nullable=False, default=0),
    Column("since", Instant, nullable=False),
    Column("key", String(43), nullable=False),
    Column("role", String(16), nullable=False),
    Column("admission", Text, nullable=False),
    Column("knock", Text, nullable=False),
    Column("knocked_at", Instant),
    Column("declines", Integer, nullable=False, default=0),
    PrimaryKeyConstraint("session", "pseudonym"),
    Index("uq_seats_key", "session", "key", unique=True),
    Index("ix_seats_meeting", "meeting", "pseudonym"),
    Index("ix_seats_state", "state", "since"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("hash", String(43), primary_key=True),
    Column("session", String(22), nullable=False),
    Column("pseudonym", String(22), nullable=False),
    Column("state", String(16), nullable=False),
    Column("made_at", Instant, nullable=False),
    ForeignKeyConstraint(["session", "pseudonym"], ["seats.session", "seats.pseudonym"], ondelete="CASCADE"),
    Index("ix_tickets_seat", "session", "pseudonym"),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("meeting", ForeignKey("meetings.id", ondelete="CASCADE"), nullable=False),
    Column("pseudonym", String(22)),
    Column("event", String(48), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_transitions_meeting", "meeting"),
)
