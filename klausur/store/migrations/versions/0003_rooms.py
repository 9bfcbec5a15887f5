"""Lobby, lock and roles: states of meetings, seats with keys."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meetings", sa.Column("opens_at", sa.DateTime()))
    op.add_column("meetings", sa.Column("rules_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("meetings", sa.Column("rules_document", sa.Text()))
    op.add_column("meetings", sa.Column("rules_signature", sa.String(86)))
    _drop_seats()
    _carry_states_over()
    op.drop_index("uq_openings_meeting", "openings")
    op.drop_column("openings", "state")
    op.create_index("uq_openings_meeting", "openings", ["meeting"], unique=True)
    _create_seats(
        sa.Column("key", sa.String(43), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("admission", sa.Text(), nullable=False),
        sa.Column("knock", sa.Text(), nullable=False),
        sa.Column("knocked_at", sa.DateTime()),
        sa.Column("declines", sa.Integer(), nullable=False),
    )
    op.create_index("uq_seats_key", "seats", ["session", "key"], unique=True)


def downgrade() -> None:
    _drop_seats()
    op.add_column("openings", sa.Column("state", sa.String(16), nullable=False, server_default="prepared"))
    op.execute("UPDATE openings SET state = 'open' WHERE began_at IS NOT NULL")
    op.execute("UPDATE meetings SET state = 'live' WHERE state <> 'ended'")
    op.drop_index("uq_openings_meeting", "openings")
    not_over = sa.text("state <> 'over'")
    op.create_index(
        "uq_openings_meeting",
        "openings",
        ["meeting"],
        unique=True,
        sqlite_where=not_over,
        postgresql_where=not_over,
    )
    _create_seats()
    for column in ("opens_at", "rules_version", "rules_document", "rules_signature"):
        op.drop_column("meetings", column)


def _carry_states_over() -> None:
    """Whoever sat somewhere joins anew: a running opening is empty from now on."""
    now = datetime.now(UTC).replace(tzinfo=None)
    openings = sa.table(
        "openings",
        sa.column("meeting"),
        sa.column("state"),
        sa.column("began_at", sa.DateTime()),
        sa.column("empty_since", sa.DateTime()),
    )
    meetings = sa.table("meetings", sa.column("id"), sa.column("state"))
    op.execute(openings.delete().where(openings.c.state == "over"))
    begun = openings.c.state == "open"
    op.execute(openings.update().where(begun, openings.c.began_at.is_(None)).values(began_at=now))
    op.execute(openings.update().where(begun, openings.c.empty_since.is_(None)).values(empty_since=now))
    live = meetings.c.state == "live"
    running = sa.select(openings.c.meeting).where(begun)
    op.execute(meetings.update().where(live, meetings.c.id.in_(running)).values(state="open"))
    op.execute(meetings.update().where(live).values(state="scheduled"))


def _drop_seats() -> None:
    """Seats of the other release cannot be carried over: only their bearers could make the keys that they lack."""
    op.drop_table("tickets")
    op.drop_table("seats")


def _create_seats(*more: sa.Column[object]) -> None:
    op.create_table(
        "seats",
        sa.Column("session", sa.String(22), nullable=False),
        sa.Column("pseudonym", sa.String(22), nullable=False),
        sa.Column("meeting", sa.String(22), nullable=False),
        sa.Column("secret_hash", sa.String(43), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("session", "pseudonym", name="pk_seats"),
        sa.ForeignKeyConstraint(
            ["session"], ["openings.session"], name="fk_seats_session_openings", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_seats_meeting", "seats", ["meeting", "pseudonym"])
    op.create_index("ix_seats_state", "seats", ["state", "since"])
    op.create_table(
        "tickets",
        sa.Column("hash", sa.String(43), nullable=False),
        sa.Column("session", sa.String(22), nullable=False),
        sa.Column("pseudonym", sa.String(22), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_tickets"),
        sa.ForeignKeyConstraint(
            ["session", "pseudonym"],
            ["seats.session", "seats.pseudonym"],
            name="fk_tickets_session_seats",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_tickets_seat", "tickets", ["session", "pseudonym"])
