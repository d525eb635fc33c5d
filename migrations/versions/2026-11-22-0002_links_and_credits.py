"""Links, credits, organisations and outlets as rows, for the record of each outlet and organisation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_0002"
down_revision = "20261122_0001"
branch_labels = None
depends_on = None

# Written out instead of imported: a migration must build the same tables for ever.
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("article", sa.Column("share", sa.Float()))
    op.add_column("article", sa.Column("origin_organisation", ORDERED))
    op.create_index("ix_article_origin_organisation", "article", ["origin_organisation"])
    op.create_table(
        "outlet",
        sa.Column("site", ORDERED, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", name="pk_outlet"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sites", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )
    op.create_table(
        "article_credit",
        sa.Column("article_id", ORDERED, nullable=False),
        sa.Column("organisation_id", ORDERED, nullable=False),
        sa.Column("kind", ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "organisation_id", "kind", name="pk_article_credit"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_article_credit_article_id_article", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_credit_organisation_id", "article_credit", ["organisation_id"])
    op.create_table(
        "article_link",
        sa.Column("article_id", ORDERED, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("source_article", ORDERED),
        sa.Column("source_organisation", ORDERED),
        sa.Column("is_direct", sa.Boolean(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("carry", sa.Text(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "ordinal", name="pk_article_link"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_article_link_article_id_article", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_link_source_article", "article_link", ["source_article"])
    op.create_index("ix_article_link_source_organisation", "article_link", ["source_organisation"])
    # The next start takes its results for those of another pipeline and concludes anew, which fills these tables.
    op.execute("DELETE FROM note WHERE name = 'pipeline'")


def downgrade() -> None:
    for table in ("article_link", "article_credit", "organisation", "outlet"):
        op.drop_table(table)
    with op.batch_alter_table("article") as batch:
        batch.drop_index("ix_article_origin_organisation")
        batch.drop_column("origin_organisation")
        batch.drop_column("share")
