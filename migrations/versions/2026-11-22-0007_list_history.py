"""Lists of stories go on along the history by an index, however much has changed since they began."""

from __future__ import annotations

from alembic import op

revision = "20261122_0007"
down_revision = "20261122_0006"
branch_labels = None
depends_on = None

ORDERS = ("at", "first_published_at", "articles")


def upgrade() -> None:
    for order in ORDERS:
        op.create_index(f"ix_story_version_{order}_story_id", "story_version", [order, "story_id"])


def downgrade() -> None:
    for order in ORDERS:
        op.drop_index(f"ix_story_version_{order}_story_id", "story_version")
