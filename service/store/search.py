"""Units by the words they hold, and the stories they stand in: the halves of the repository behind a search.

Mixed into the reading and the writing session; begins and ends no transaction. Ranks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    delete,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from service.domain.search import search_words
from service.store.lists import outlet_sites, story_conditions
from service.store.search_tables import INDEX, unit_words
from service.store.tables import article, paragraph_unit, story, unit
from service.store_values import StoryFilter, UnitPlace

_CHUNK = 500


class SearchQueries:
    """The reading half."""

    _connection: Connection

    def places_by_words(
        self, words: Sequence[str], any_of: Sequence[str], where: StoryFilter, looked_at: int, limit: int
    ) -> list[UnitPlace]:
        if not words:
            return []
        holding = self._holding(words, any_of, looked_at)
        places = self._places(where, unit_words.join(holding, holding.c.number == unit_words.c.number))
        return self._found(places.order_by(unit_words.c.number.desc(), article.c.story_id).limit(limit))

    def places_by_unit(self, units: Sequence[str], where: StoryFilter) -> list[UnitPlace]:
        found: list[UnitPlace] = []
        distinct = list(dict.fromkeys(units))
        for start in range(0, len(distinct), _CHUNK):
            some = distinct[start : start + _CHUNK]
            places = self._places(where, unit_words).where(unit_words.c.unit_key.in_(some))
            found.extend(self._found(places.order_by(unit_words.c.number.desc(), article.c.story_id)))
        return found

    def _places(self, where: StoryFilter, units: FromClause) -> Select[Any]:
        first = func.min(article.c.id)
        return (
            select(unit_words.c.unit_key, unit_words.c.number, article.c.story_id, first)
            .select_from(
                units.join(paragraph_unit, paragraph_unit.c.unit_key == unit_words.c.unit_key)
                .join(article, article.c.id == paragraph_unit.c.article_id)
                .join(story, story.c.id == article.c.story_id)
            )
            .where(*story_conditions(where, outlet_sites(self._connection, where)))
            .group_by(unit_words.c.unit_key, unit_words.c.number, article.c.story_id)
        )

    def _found(self, places: Select[Any]) -> list[UnitPlace]:
        return [UnitPlace(*row) for row in self._connection.execute(places)]

    def _holding(self, words: Sequence[str], any_of: Sequence[str], looked_at: int) -> FromClause:
        """The numbers of the newest units with these words."""
        if self._connection.dialect.name == "postgresql":
            # As the index has it, to the letter.
            held: ColumnElement[Any] = literal_column("string_to_array(unit_words.words, ' ')", postgresql.ARRAY(Text))
            rules = [held.op("@>")(_array(words))] + ([held.op("&&")(_array(any_of))] if any_of else [])
            return (
                select(unit_words.c.number).where(and_(*rules)).order_by(unit_words.c.number.desc()).limit(looked_at).subquery()
            )
        # Of the words nothing but letters, digits and _ is left, so a quoted one cannot end its quotes.
        wanted = " AND ".join(f'"{word}"' for word in words)
        if any_of:
            wanted += " AND (" + " OR ".join(f'"{word}"' for word in any_of) + ")"
        found = f"SELECT rowid AS number FROM {INDEX} WHERE {INDEX} MATCH :wanted ORDER BY rowid DESC LIMIT :looked_at"  # noqa: S608 - a constant
        return text(found).bindparams(wanted=wanted, looked_at=looked_at).columns(unit_words.c.number).subquery()


class SearchWriting(SearchQueries):
    """The writing half."""

    def index_words(self) -> int:
        self._connection.execute(delete(unit_words))
        first = func.min(article.c.sequence)
        seen = select(paragraph_unit.c.unit_key).join(article, article.c.id == paragraph_unit.c.article_id)
        # In the order in which they came, so that the newest have the largest numbers again.
        keys = list(self._connection.scalars(seen.group_by(paragraph_unit.c.unit_key).order_by(first, paragraph_unit.c.unit_key)))
        for start in range(0, len(keys), _CHUNK):
            some = keys[start : start + _CHUNK]
            rows = self._connection.execute(select(unit.c.key, unit.c.text).where(unit.c.key.in_(some)))
            texts = {key: content for key, content in rows}  # noqa: C416 - rows are not tuples to the type checker
            self._put_words((key, texts[key]) for key in some if key in texts)
        return len(keys)

    def _put_words(self, units: Iterable[tuple[str, str]]) -> None:
        """Keys and texts; those that are there already stay as they are."""
        rows = [{"unit_key": key, "words": " ".join(search_words(content))} for key, content in units]
        if rows:
            insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
            self._connection.execute(insert(unit_words).on_conflict_do_nothing(index_elements=[unit_words.c.unit_key]), rows)


def _array(words: Sequence[str]) -> ColumnElement[Any]:
    return cast(literal(list(words), postgresql.ARRAY(Text)), postgresql.ARRAY(Text))
