"""Meetings, openings, seats, tickets, transitions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("host_public_key", sa.String(43), nullable=False),
        sa.Column("proof_hash", sa.String(43), nullable=False),
        sa.Column("card_version", sa.Integer(), nullable=False),
        sa.Column("card_sealed", sa.Text()),
        sa.Column("closes_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
    )
    op.create_table(
        "openings",
        sa.Column("session", sa.String(22), nullable=False),
        sa.Column("meeting", sa.String(22), nullable=False),
        sa.Column("room", sa.String(22), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("empty_since", sa.DateTime()),
        sa.PrimaryKeyConstraint("session", name="pk_openings"),
        sa.ForeignKeyConstraint(["meeting"], ["meetings.id"], name="fk_openings_meeting_meetings", ondelete="CASCADE"),
        sa.UniqueConstraint("room", name="uq_openings_room"),
    )
    not_over = sa.text("state <> 'over'")
    op.create_index(
        "uq_openings_meeting",
        "openings",
        ["meeting"],
        unique=True,
        sqlite_where=not_over,
        postgresql_where=not_over,
    )
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
    op.create_table(
        "transitions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("meeting", sa.String(22), nullable=False),
        sa.Column("pseudonym", sa.String(22)),
        sa.Column("event", sa.String(48), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
        sa.ForeignKeyConstraint(
            ["meeting"], ["meetings.id"], name="fk_transitions_meeting_meetings", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_transitions_meeting", "transitions", ["meeting"])


def downgrade() -> None:
    for table in ("transitions", "tickets", "seats", "openings", "meetings"):
        op.drop_table(table)
