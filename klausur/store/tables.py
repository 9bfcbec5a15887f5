"""The tables. Secrets are in them as hashes or sealed only, what people write as ciphertext only, addresses not at all.
Of names there are those by which people sign in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    true,
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
    Column("account", ForeignKey("accounts.id", ondelete="SET NULL")),
    Column("guests", Boolean, nullable=False, default=True, server_default=true()),
    Column("times_version", Integer, nullable=False, default=0, server_default="0"),
    Index("ix_meetings_account", "account"),
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


# -- people -----------------------------------------------------------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("name_key", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_day", Date, nullable=False),
    Column("kdf", Text),
    Column("verifier", String(43)),
    Column("totp_sealed", Text),
    Column("totp_last_step", Integer, nullable=False),
    Column("provider_subject", String(43)),
    UniqueConstraint("name_key"),
    UniqueConstraint("provider_subject"),
)


def _account() -> Column[str]:
    return Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False)


passkeys = Table(
    "passkeys",
    metadata,
    _account(),
    Column("id", String(1364), primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", String(64), nullable=False),
    Column("created_day", Date, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Index("ix_passkeys_account", "account"),
)

backup_codes = Table(
    "backup_codes",
    metadata,
    _account(),
    Column("hash", String(43), nullable=False),
    PrimaryKeyConstraint("account", "hash"),
)

sessions = Table(
    "sessions",
    metadata,
    _account(),
    Column("hash", String(43), primary_key=True),
    Column("id", String(22), nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seen_hour", Instant, nullable=False),
    Column("strong", Boolean, nullable=False),
    Column("browser", String(64), nullable=False),
    Column("provider", Boolean, nullable=False),
    Column("provider_session", String(43)),
    Index("ix_sessions_account", "account"),
    Index("ix_sessions_provider_session", "provider_session"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("hash", String(43), primary_key=True),
    Column("id", String(22), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("name", String(64)),
    # Of an account that may be yet to come.
    Column("account", String(22), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("made_by", String(22)),
    UniqueConstraint("id"),
)

notices = Table(
    "notices",
    metadata,
    _account(),
    Column("id", String(22), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("day", Date, nullable=False),
    Index("ix_notices_account", "account"),
)

vaults = Table(
    "vaults",
    metadata,
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("blob", Text, nullable=False),
)

vault_wraps = Table(
    "vault_wraps",
    metadata,
    _account(),
    Column("kind", String(16), nullable=False),
    Column("id", String(1364), nullable=False),
    Column("wrapped", String(80), nullable=False),
    PrimaryKeyConstraint("account", "kind", "id"),
)

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key_proof", String(43), nullable=False),
)
"""One row; see installation.py."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    # Ids of what may be gone by then: the trail outlives it.
    Column("account", String(22)),
    Column("act", String(48), nullable=False),
    Column("object", String(22), nullable=False),
)


# -- the proof: see domain/proof_ports.py ------------------------------------------------------------------------------

proof_runs = Table(
    "proof_runs",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("body", Text, nullable=False),
    Index("ix_proof_runs_begun_at", "begun_at"),
)

proof_entries = Table(
    "proof_entries",
    metadata,
    # Numbered by us: a number that the database gives leaves gaps, and gaps are what a thief of entries leaves.
    Column("seq", Integer, primary_key=True, autoincrement=False),
    # As text: what goes into a hash should not depend on how a database writes times.
    Column("at", String(20), nullable=False),
    Column("type", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("prev", String(64), nullable=False),
    UniqueConstraint("prev"),
)

proof_evidence = Table(
    "proof_evidence",
    metadata,
    # No reference: that an entry was taken away from under its blob is to be found, not to be prevented.
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("run", String(22), nullable=False),
    Column("name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_proof_evidence_run", "run"),
)

proof_facts = Table(
    "proof_facts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
)

proof_attestations = Table(
    "proof_attestations",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("objective", String(64), nullable=False),
    Column("until", Instant, nullable=False),
    Column("body", Text, nullable=False),
)

proof_waivers = Table(
    "proof_waivers",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("objective", String(64), nullable=False),
    Column("until", Instant, nullable=False),
    Column("body", Text, nullable=False),
)

proof_pages = Table(
    "proof_pages",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
)
