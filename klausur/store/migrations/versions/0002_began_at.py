"""When an opening began."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("openings", sa.Column("began_at", sa.DateTime()))


def downgrade() -> None:
    op.drop_column("openings", "began_at")
