"""Stories by what they say: found by the words of their paragraphs and by the meaning of these, ranked, each with its passage.

Two rankings of stories become one by reciprocal rank fusion. The work is bounded whatever the store holds: so many paragraphs for
a word, so many neighbours, so many stories. Writes nothing. Synchronous; callers run it in a thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.domain.models import Article, Story
from service.domain.search import coverage, fuse, query_words
from service.flows import presentation as show
from service.flows import story_views
from service.ports import ReadSession, Store
from service.store_values import StoryFilter, UnitPlace

By = Literal["words", "meaning", "both"]
Order = Literal["updated", "first", "size"]

MOST_FOUND = 200
"""Stories of one search, so that a cursor can name those that were shown."""
_LOOKED_AT = (2_000, 10_000)
"""Of the paragraphs with a word, the newest that are looked at, without and with a filter that their story has to pass."""
_OF_ONE_WORD = 1_000
_LEAST_COVERAGE = 0.6
"""Part of the query's words that a story holds at least, in any of its paragraphs."""
_NEAREST = (500, 4_000)
"""Neighbours asked for, without and with a filter, which may leave few of them."""
_LEAST_COSINE = 0.35
_NAME_BYTES = 5

Nearest = Callable[[str, int], Sequence[tuple[str, float]]]
"""The units nearest in meaning to a text, with their cosines, best first. Raises EncoderUnavailable, Overloaded."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A story with the place that answers the query best. `score` 0 to 1."""

    story_id: str
    place: UnitPlace
    score: float
    by: By


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page showed, so that the next one shows something else: the stories' names, shortened. Whatever is stored meanwhile,
    no story comes twice, and one that is found all the time is not left out.
    """

    names: frozenset[bytes] = frozenset()

    def __contains__(self, story_id: str) -> bool:
        return _short(story_id) in self.names

    def with_these(self, story_ids: Iterable[str]) -> Shown:
        return Shown(self.names | {_short(story_id) for story_id in story_ids})

    def packed(self) -> bytes:
        return b"".join(sorted(self.names))

    @classmethod
    def unpacked(cls, packed: bytes) -> Shown:
        """Raises ValueError for what `packed` never gives."""
        if not packed or len(packed) % _NAME_BYTES or len(packed) > MOST_FOUND * _NAME_BYTES:
            raise ValueError("no list of names")
        return cls(frozenset(packed[at : at + _NAME_BYTES] for at in range(0, len(packed), _NAME_BYTES)))


class Search:
    def __init__(self, store: Store, nearest: Nearest) -> None:
        self._store = store
        self._nearest = nearest

    def page(
        self, text: str, where: StoryFilter, shown: Shown, limit: int, *, by: By = "both", order: Order | None = None
    ) -> tuple[list[story_views.ListedStoryView], Shown | None]:
        """The best stories that were not shown yet, and what is shown after them, None at the end. With an `order` the stories
        found are sorted by it instead of by how well they answer. Raises EncoderUnavailable unless only words are asked for.
        """
        # Before the store is opened: a connection is not for waiting.
        near = self._near(text, where) if by != "words" else {}
        with self._store.read() as session:
            by_words = _by_words(session, text, where) if by != "meaning" else None
            by_meaning = _by_meaning(session, near, where) if by != "words" else None
            found = _fused(by_words, by_meaning)
            stories = session.stories([one.story_id for one in found])
            if order is not None:
                found.sort(key=lambda one: (_sort_value(stories[one.story_id], order), one.story_id), reverse=True)
            # Newcomers count too, so that no paging shows more and no cursor grows longer.
            left = [one for one in found if one.story_id not in shown][: MOST_FOUND - len(shown.names)]
            page = left[:limit]
            leading = session.articles([stories[one.story_id].representative_id for one in page])
            holding = session.articles([one.place.article_id for one in page])
        items = [
            show.story_view(story, leading[story.representative_id]).model_copy(
                update={"match": _match_view(one, holding[one.place.article_id])}
            )
            for one in page
            for story in (stories[one.story_id],)
        ]
        return items, shown.with_these(one.story_id for one in page) if len(left) > limit else None

    def _near(self, text: str, where: StoryFilter) -> dict[str, float]:
        """Units near enough, with their cosines. More are asked for where a filter may leave few of them."""
        count = _NEAREST[where != StoryFilter()]
        return {unit: cosine for unit, cosine in self._nearest(text, count) if cosine >= _LEAST_COSINE}


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The stories of one way of finding, best first, and the places in the order of how well they answer."""

    stories: tuple[str, ...]
    places: tuple[UnitPlace, ...]


def _by_words(session: ReadSession, text: str, where: StoryFilter) -> _Ranked:
    """Ranked by the part of the query's words that the story holds, then the paragraph, then the newest paragraph."""
    weights = query_words(text)
    places: dict[UnitPlace, set[str]] = {}

    def look(words: Sequence[str], any_of: Sequence[str] = ()) -> int:
        found = session.places_by_words(words, any_of, where, _LOOKED_AT[where != StoryFilter()], _OF_ONE_WORD)
        for place in found:
            places.setdefault(place, set()).update(words)
        return len(found)

    # Of a frequent word only the newest paragraphs were given. It is asked for again beside the words whose paragraphs are all
    # known; where there is none such, all words together.
    frequent = [word for word in weights if look([word]) >= _OF_ONE_WORD]
    known = [word for word in weights if word not in frequent]
    if frequent and known:
        for word in frequent:
            look([word], known)
    elif len(frequent) > 1:
        look(frequent)
    of_story: dict[str, set[str]] = {}
    for place, words in places.items():
        of_story.setdefault(place.story_id, set()).update(words)
    whole = {story: coverage(words, weights) for story, words in of_story.items()}
    ordered = sorted(places, key=lambda place: (coverage(places[place], weights), place.number), reverse=True)
    kept = [place for place in ordered if whole[place.story_id] >= _LEAST_COVERAGE]
    # Stable: stories with an equal part stay in the order of their best paragraphs.
    stories = sorted(dict.fromkeys(place.story_id for place in kept), key=lambda story: -whole[story])
    return _Ranked(tuple(stories), tuple(kept))


def _by_meaning(session: ReadSession, near: Mapping[str, float], where: StoryFilter) -> _Ranked:
    places = session.places_by_unit(list(near), where)
    ordered = sorted(places, key=lambda place: (near[place.unit], place.number), reverse=True)
    return _Ranked(tuple(dict.fromkeys(place.story_id for place in ordered)), tuple(ordered))


def _fused(by_words: _Ranked | None, by_meaning: _Ranked | None) -> list[_Found]:
    """The best MOST_FOUND stories, best first, each with the passage that both rankings together put first."""
    ways = [one for one in (by_words, by_meaning) if one is not None]
    scores = fuse([way.stories for way in ways])
    best_place: dict[str, UnitPlace] = {}
    for place, _ in sorted(fuse([way.places for way in ways]).items(), key=lambda one: -one[1]):
        best_place.setdefault(place.story_id, place)
    words = frozenset(by_words.stories if by_words else ())
    meaning = frozenset(by_meaning.stories if by_meaning else ())

    def found_by(story: str) -> By:
        return "both" if story in words and story in meaning else "words" if story in words else "meaning"

    best = sorted(scores, key=lambda story: (scores[story], story), reverse=True)[:MOST_FOUND]
    return [_Found(story, best_place[story], scores[story], found_by(story)) for story in best]


def _sort_value(story: Story, order: Order) -> float:
    if order == "size":
        return story.counts.articles
    return (story.updated_at if order == "updated" else story.first_published_at).timestamp()


def _match_view(found: _Found, article: Article) -> story_views.StoryMatchView:
    unit = next(unit for unit in article.units if unit.key == found.place.unit)
    is_title = unit.paragraph < 0
    text = article.content.title if is_title else article.reading.paragraphs[unit.paragraph].text
    return story_views.StoryMatchView(
        article_id=article.id,
        paragraph=None if is_title else unit.paragraph,
        start=unit.start,
        end=unit.end,
        text=text[unit.start : unit.end],
        score=found.score,
        by=found.by,
    )


def _short(story_id: str) -> bytes:
    return hashlib.blake2b(story_id.encode(), digest_size=_NAME_BYTES).digest()
