"""The words of every unit, for searching. Same rules as `service/store/tables.py`, whose metadata these share.

What finds them by word differs: on SQLite the full-text table `unit_words_index` that triggers keep in step, on PostgreSQL a GIN
index. The migration makes both; no class can describe them.
"""

from sqlalchemy import BigInteger, ForeignKey, Integer, Text
from sqlmodel import Field

from service.store.tables import Ordered, Row

INDEX = "unit_words_index"
# An alias of SQLite's own row number must have exactly this type there.
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class UnitWordsRow(Row, table=True):
    """`words`: the different words of a unit between blanks, as `service.domain.search.search_words` gives them. `number` grows
    with every unit, so the largest are the newest.
    """

    __tablename__ = "unit_words"
    number: int | None = Field(sa_type=_NUMBER, primary_key=True, default=None)
    unit_key: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("unit.key", ondelete="CASCADE"),), unique=True)
    words: str = Field(sa_type=Text)


def is_described(name: str | None, kind: str, _: object = None) -> bool:
    """Alembic's `include_name`: false for what finds the words, which no class describes."""
    return kind not in ("table", "index") or name is None or not (name == INDEX or name.startswith(f"{INDEX}_"))


unit_words = Row.metadata.tables["unit_words"]
