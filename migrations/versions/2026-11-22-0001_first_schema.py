"""First schema: articles, units, pairs, stories."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out instead of imported: a migration must build the same tables for ever.
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("name", ORDERED, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "note",
        sa.Column("name", ORDERED, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_note"),
    )
    op.create_table(
        "article",
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("canonical_url", sa.Text()),
        sa.Column("outlet_site", sa.Text(), nullable=False),
        sa.Column("published_at", ORDERED),
        sa.Column("observed_at", ORDERED, nullable=False),
        sa.Column("dated_at", ORDERED, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("report_id", ORDERED),
        sa.Column("story_id", ORDERED),
        sa.Column("derivation", sa.Text()),
        sa.Column("findings", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("sequence", name="uq_article_sequence"),
        sa.UniqueConstraint("external_id", name="uq_article_external_id"),
        sa.UniqueConstraint("canonical_url", name="uq_article_canonical_url"),
    )
    op.create_index("ix_article_story_id_outlet_site", "article", ["story_id", "outlet_site"])
    op.create_index("ix_article_report_id_dated_at_id", "article", ["report_id", "dated_at", "id"])
    op.create_index("ix_article_outlet_site", "article", ["outlet_site"])
    op.create_index("ix_article_url", "article", ["url"])
    op.create_index("ix_article_dated_at", "article", ["dated_at"])
    op.create_index("ix_article_derivation", "article", ["derivation"])
    op.create_table(
        "article_body",
        sa.Column("article_id", ORDERED, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("caller_metadata", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_body"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_article_body_article_id_article", ondelete="CASCADE"),
    )
    op.create_table(
        "paragraph_unit",
        sa.Column("article_id", ORDERED, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("unit_key", ORDERED, nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "ordinal", name="pk_paragraph_unit"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_paragraph_unit_article_id_article", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_paragraph_unit_unit_key", "paragraph_unit", ["unit_key"])
    op.create_table(
        "unit",
        sa.Column("key", ORDERED, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_unit"),
    )
    op.create_table(
        "embedding",
        sa.Column("space", ORDERED, nullable=False),
        sa.Column("unit_key", ORDERED, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space", "unit_key", name="pk_embedding"),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name="fk_embedding_unit_key_unit", ondelete="CASCADE"),
    )
    op.create_table(
        "unit_pair",
        sa.Column("version", ORDERED, nullable=False),
        sa.Column("a", ORDERED, nullable=False),
        sa.Column("b", ORDERED, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("overlap_a", sa.Float(), nullable=False),
        sa.Column("overlap_b", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", "a", "b", name="pk_unit_pair"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unit_pair_version_b", "unit_pair", ["version", "b"])
    op.create_table(
        "story",
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", ORDERED, nullable=False),
        sa.Column("updated_at", ORDERED, nullable=False),
        sa.Column("first_published_at", ORDERED, nullable=False),
        sa.Column("last_published_at", ORDERED, nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("outlets", sa.Integer(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("organisations", sa.Text(), nullable=False),
        sa.Column("representative_id", ORDERED, nullable=False),
        sa.Column("merged_into", ORDERED),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
    )
    op.create_index("ix_story_updated_at_id", "story", ["updated_at", "id"])
    op.create_index("ix_story_first_published_at_id", "story", ["first_published_at", "id"])
    op.create_index("ix_story_articles_id", "story", ["articles", "id"])
    op.create_table(
        "story_facet",
        sa.Column("story_id", ORDERED, nullable=False),
        sa.Column("facet", ORDERED, nullable=False),
        sa.Column("value", ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("story_id", "facet", "value", name="pk_story_facet"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_story_facet_story_id_story", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_story_facet_facet_value_story_id", "story_facet", ["facet", "value", "story_id"])
    op.create_table(
        "story_version",
        sa.Column("story_id", ORDERED, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", ORDERED, nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "version", name="pk_story_version"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('article', 0)")


def downgrade() -> None:
    for table in (
        "story_version",
        "story_facet",
        "story",
        "unit_pair",
        "embedding",
        "unit",
        "paragraph_unit",
        "article_body",
        "article",
        "note",
        "counter",
    ):
        op.drop_table(table)
