"""The change feed, its consumers, an editor's constraints, webhooks and their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_0003"
down_revision = "20261122_0002"
branch_labels = None
depends_on = None

# Written out instead of imported: a migration must build the same tables for ever.
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", ORDERED, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("story_id", ORDERED),
        sa.Column("article_id", ORDERED),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_change"),
    )
    op.create_table(
        "change_consumer",
        sa.Column("name", ORDERED, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_change_consumer"),
    )
    op.create_table(
        "editor_constraint",
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", ORDERED, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editor_constraint"),
    )
    op.create_table(
        "webhook",
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", ORDERED, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("disabled_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("webhook_id", ORDERED, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", ORDERED),
        sa.Column("last_at", ORDERED),
        sa.Column("status", sa.Integer()),
        sa.Column("response", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", "sequence", name="pk_webhook_delivery"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name="fk_webhook_delivery_webhook_id_webhook", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_webhook_delivery_webhook_id_state", "webhook_delivery", ["webhook_id", "state"])
    op.execute("INSERT INTO counter (name, value) VALUES ('change', 0)")


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook", "editor_constraint", "change_consumer", "change"):
        op.drop_table(table)
    op.execute("DELETE FROM counter WHERE name = 'change'")
