"""Words of every unit for searching, the form of a batch, how far the change feed was cut off, a webhook's last secret."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_0005"
down_revision = "20261122_0004"
branch_labels = None
depends_on = None

# Written out instead of imported: a migration must build the same tables for ever.
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# The words come already folded and parted by blanks, so the tokenizer must leave them whole. Only whether a unit holds a word is
# asked, never where: that keeps the index a third of its usual size.
SQLITE_INDEX = """
CREATE VIRTUAL TABLE unit_words_index USING fts5(
  words, content='unit_words', content_rowid='number', detail='none', columnsize=0,
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co' tokenchars '_'"
)
"""
# Deleting by the values that were inserted is how a table without content of its own forgets; a cascade fires triggers too.
SQLITE_TRIGGERS = (
    """
CREATE TRIGGER unit_words_index_in AFTER INSERT ON unit_words BEGIN
  INSERT INTO unit_words_index(rowid, words) VALUES (new.number, new.words);
END
""",
    """
CREATE TRIGGER unit_words_index_out AFTER DELETE ON unit_words BEGIN
  INSERT INTO unit_words_index(unit_words_index, rowid, words) VALUES ('delete', old.number, old.words);
END
""",
)
POSTGRESQL_INDEX = "CREATE INDEX unit_words_index ON unit_words USING gin (string_to_array(words, ' '))"


def upgrade() -> None:
    # Filled at the next start by the service, which knows how words are made.
    op.create_table(
        "unit_words",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("unit_key", ORDERED, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_unit_words"),
        sa.UniqueConstraint("unit_key", name="uq_unit_words_unit_key"),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name="fk_unit_words_unit_key_unit", ondelete="CASCADE"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in (SQLITE_INDEX, *SQLITE_TRIGGERS):
            op.execute(statement)
    else:
        op.execute(POSTGRESQL_INDEX)
    op.add_column("job", sa.Column("form", sa.Text(), nullable=False, server_default="lines"))
    op.add_column("webhook", sa.Column("last_secret", sa.Text()))
    op.add_column("webhook", sa.Column("last_secret_until", ORDERED))
    # The highest sequence that was dropped from the change feed.
    op.execute("INSERT INTO counter (name, value) VALUES ('change.dropped', 0)")
    op.create_index("ix_webhook_delivery_state_last_at", "webhook_delivery", ["state", "last_at"])


def downgrade() -> None:
    op.drop_index("ix_webhook_delivery_state_last_at", "webhook_delivery")
    op.execute("DELETE FROM counter WHERE name = 'change.dropped'")
    for table, column in (("webhook", "last_secret_until"), ("webhook", "last_secret"), ("job", "form")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("unit_words_index")
    op.drop_table("unit_words")
