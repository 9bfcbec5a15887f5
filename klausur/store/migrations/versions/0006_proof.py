"""The proof: the ledger of evidence, runs, declared facts, attestations, waivers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proof_runs",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proof_runs"),
    )
    op.create_index("ix_proof_runs_begun_at", "proof_runs", ["begun_at"])
    op.create_table(
        "proof_entries",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_proof_entries"),
        sa.UniqueConstraint("prev", name="uq_proof_entries_prev"),
    )
    op.create_table(
        "proof_evidence",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.String(22), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_proof_evidence"),
    )
    op.create_index("ix_proof_evidence_run", "proof_evidence", ["run"])
    op.create_table(
        "proof_facts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_proof_facts"),
    )
    for said in ("proof_attestations", "proof_waivers"):
        op.create_table(
            said,
            sa.Column("id", sa.String(22), nullable=False),
            sa.Column("objective", sa.String(64), nullable=False),
            sa.Column("until", sa.DateTime(), nullable=False),
            sa.Column("body", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{said}"),
        )


def downgrade() -> None:
    for table in ("waivers", "attestations", "facts", "evidence", "entries", "runs"):
        op.drop_table(f"proof_{table}")
