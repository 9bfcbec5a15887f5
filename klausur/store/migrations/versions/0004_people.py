"""Accounts, sessions, invitations, vaults, the audit trail; who made a meeting, and whether guests may join it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_accounts()
    _create_what_belongs_to_accounts()
    op.create_table(
        "invitations",
        sa.Column("hash", sa.String(43), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(64)),
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.String(22)),
        sa.PrimaryKeyConstraint("hash", name="pk_invitations"),
        sa.UniqueConstraint("id", name="uq_invitations_id"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account", sa.String(22)),
        sa.Column("act", sa.String(48), nullable=False),
        sa.Column("object", sa.String(22), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    with op.batch_alter_table("meetings") as meetings:
        meetings.add_column(sa.Column("account", sa.String(22)))
        meetings.add_column(sa.Column("guests", sa.Boolean(), nullable=False, server_default=sa.true()))
        meetings.add_column(sa.Column("times_version", sa.Integer(), nullable=False, server_default="0"))
        meetings.create_foreign_key(
            "fk_meetings_account_accounts", "accounts", ["account"], ["id"], ondelete="SET NULL"
        )
    op.create_index("ix_meetings_account", "meetings", ["account"])


def downgrade() -> None:
    op.drop_index("ix_meetings_account", "meetings")
    with op.batch_alter_table("meetings") as meetings:
        meetings.drop_constraint("fk_meetings_account_accounts", type_="foreignkey")
        for column in ("account", "guests", "times_version"):
            meetings.drop_column(column)
    for table in ("audit", "invitations", "vault_wraps", "vaults", "notices", "sessions", "backup_codes", "passkeys"):
        op.drop_table(table)
    op.drop_table("accounts")


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("name_key", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_day", sa.Date(), nullable=False),
        sa.Column("kdf", sa.Text()),
        sa.Column("verifier", sa.String(43)),
        sa.Column("totp_sealed", sa.Text()),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("provider_subject", sa.String(43)),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name_key", name="uq_accounts_name_key"),
        sa.UniqueConstraint("provider_subject", name="uq_accounts_provider_subject"),
    )


def _create_what_belongs_to_accounts() -> None:
    _belonging(
        "passkeys",
        sa.Column("id", sa.String(1364), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("created_day", sa.Date(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        key=("id",),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])
    _belonging("backup_codes", sa.Column("hash", sa.String(43), nullable=False), key=("account", "hash"))
    _belonging(
        "sessions",
        sa.Column("hash", sa.String(43), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("seen_hour", sa.DateTime(), nullable=False),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("provider", sa.Boolean(), nullable=False),
        sa.Column("provider_session", sa.String(43)),
        key=("hash",),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_provider_session", "sessions", ["provider_session"])
    _belonging(
        "notices",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        key=("id",),
    )
    op.create_index("ix_notices_account", "notices", ["account"])
    _belonging(
        "vaults",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        key=("account",),
    )
    _belonging(
        "vault_wraps",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("id", sa.String(1364), nullable=False),
        sa.Column("wrapped", sa.String(80), nullable=False),
        key=("account", "kind", "id"),
    )


def _belonging(name: str, *columns: sa.Column[object], key: tuple[str, ...]) -> None:
    """Rows that go with their account."""
    op.create_table(
        name,
        sa.Column("account", sa.String(22), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=f"fk_{name}_account_accounts", ondelete="CASCADE"),
    )
