"""Bodies of batches in the database, where several machines share it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_0008"
down_revision = "20261122_0007"
branch_labels = None
depends_on = None

# Written out instead of imported: a migration must build the same tables for ever.
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "batch_part",
        sa.Column("job_id", ORDERED, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_batch_part"),
    )


def downgrade() -> None:
    op.drop_table("batch_part")
