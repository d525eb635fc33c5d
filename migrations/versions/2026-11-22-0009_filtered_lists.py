"""Articles of an outlet, and of a derivation, in the order of their lists."""

from __future__ import annotations

from alembic import op

revision = "20261122_0009"
down_revision = "20261122_0008"
branch_labels = None
depends_on = None

FILTERS = ("outlet_site", "derivation")


def upgrade() -> None:
    for column in FILTERS:
        op.create_index(f"ix_article_{column}_id", "article", [column, "id"])
        op.drop_index(f"ix_article_{column}", "article")


def downgrade() -> None:
    for column in FILTERS:
        op.create_index(f"ix_article_{column}", "article", [column])
        op.drop_index(f"ix_article_{column}_id", "article")
