"""What a story was sorted by at each version, so that a list goes on as it began while stories change; and which of a story's
articles is shown for all, without reading all.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_0006"
down_revision = "20261122_0005"
branch_labels = None
depends_on = None

# Written out instead of imported: a migration must build the same tables for ever.
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_index("ix_article_story_id_dated_at_id", "article", ["story_id", "dated_at", "id"])
    op.add_column("story_version", sa.Column("articles", sa.Integer()))
    op.add_column("story_version", sa.Column("first_published_at", ORDERED))
    # Only the last version of a story can be asked for by a list that begins after this.
    op.execute("""
UPDATE story_version SET
  articles = (SELECT story.articles FROM story WHERE story.id = story_version.story_id),
  first_published_at = (SELECT story.first_published_at FROM story WHERE story.id = story_version.story_id)
""")


def downgrade() -> None:
    op.drop_index("ix_article_story_id_dated_at_id", "article")
    for column in ("first_published_at", "articles"):
        with op.batch_alter_table("story_version") as batch:
            batch.drop_column(column)
