"""Batch jobs, articles that wait to be worked on, answers kept for repeated requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_0004"
down_revision = "20261122_0003"
branch_labels = None
depends_on = None

# Written out instead of imported: a migration must build the same tables for ever.
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Text(), nullable=False),
        sa.Column("errors", sa.Text(), nullable=False),
        sa.Column("created_at", ORDERED, nullable=False),
        sa.Column("started_at", ORDERED),
        sa.Column("finished_at", ORDERED),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_state_id", "job", ["state", "id"])
    op.create_table(
        "queued_article",
        sa.Column("ticket", ORDERED, nullable=False),
        sa.Column("article_id", ORDERED, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("external_id", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("canonical_url", sa.Text()),
        sa.Column("outlet_site", sa.Text(), nullable=False),
        sa.Column("published_at", ORDERED),
        sa.Column("observed_at", ORDERED, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("caller_metadata", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name="pk_queued_article"),
    )
    op.create_index("ix_queued_article_article_id_ticket", "queued_article", ["article_id", "ticket"])
    op.create_index("ix_queued_article_external_id", "queued_article", ["external_id"])
    op.create_index("ix_queued_article_canonical_url", "queued_article", ["canonical_url"])
    op.create_index("ix_queued_article_state_ticket", "queued_article", ["state", "ticket"])
    op.create_table(
        "stored_answer",
        sa.Column("scope", ORDERED, nullable=False),
        sa.Column("key", ORDERED, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", ORDERED, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_stored_answer"),
    )
    op.create_index("ix_stored_answer_at", "stored_answer", ["at"])


def downgrade() -> None:
    for table in ("stored_answer", "queued_article", "job"):
        op.drop_table(table)
