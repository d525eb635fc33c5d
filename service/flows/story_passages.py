"""The passages of a story: which paragraphs carry which, where each stood first, how its later places relate to the first.

Reads what was concluded, decides nothing, writes nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.matches import shown_kind
from service.domain.models import COPY_KINDS, RETOLD_KINDS, Article, MatchKind, Story, UnitPair
from service.domain.passages import Place, body_units, passage_ids
from service.flows import presentation as show
from service.flows import story_views
from service.ports import ReadSession

_CACHED_STORIES = 256
_KIND_STRENGTH: dict[MatchKind, int] = {"verbatim": 3, "edited": 2, "paraphrase": 1, "quotation": 0}


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[int, datetime, str]
    articles: Mapping[str, int]
    ids: Mapping[Place, str]


class StoryPassages:
    """Ids of passages by place, kept for each version of a story, because every GET of an article shows them. `version` is the
    pipeline version whose pairs count, as a session sees it. May be asked from any thread.
    """

    def __init__(self, version: Callable[[ReadSession], str]) -> None:
        self._version = version
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def of_article(self, session: ReadSession, article: Article) -> dict[int, str]:
        """By the number of the paragraph."""
        story = session.story(article.findings.story_id) if article.findings else None
        ids = self.of_story(session, story, article) if story else passage_ids(body_units([article]), [])
        return {paragraph: ident for (owner, paragraph), ident in ids.items() if owner == article.id}

    def of_story(self, session: ReadSession, story: Story, wanted: Article | None = None) -> Mapping[Place, str]:
        """Of all its articles; they hold `wanted` with the revision that it has now."""
        version = self._version(session)
        stamp = story.version, story.updated_at, version
        with self._lock:
            kept = self._kept.get(story.id)
            if kept is not None and kept.stamp == stamp and (wanted is None or kept.articles.get(wanted.id) == wanted.revision):
                self._kept.move_to_end(story.id)
                return kept.ids
        units: dict[Place, tuple[str, ...]] = {}
        revisions: dict[str, int] = {}
        boilerplate = session.story_boilerplate(story.id)
        for article_id, revision, paragraph, key in session.story_units(story.id):
            revisions[article_id] = revision
            if paragraph not in boilerplate.get(article_id, ()):
                units[article_id, paragraph] = (*units.get((article_id, paragraph), ()), key)
        keys = sorted({key for found in units.values() for key in found})
        ids = passage_ids(units, session.copy_links(version, keys))
        with self._lock:
            self._kept[story.id] = _Kept(stamp, revisions, ids)
            self._kept.move_to_end(story.id)
            while len(self._kept) > _CACHED_STORIES:
                self._kept.popitem(last=False)
        return ids


def pairs_among(session: ReadSession, version: str, units: Mapping[Place, tuple[str, ...]]) -> list[UnitPair]:
    """The copy pairs between units of these places."""
    keys = {key for found in units.values() for key in found}
    if not keys:
        return []
    return [
        pair
        for pair in session.unit_pairs(version, sorted(keys))
        if pair.kind in COPY_KINDS and pair.a in keys and pair.b in keys
    ]


def passage_view(
    ident: str,
    places: Sequence[Place],
    articles: Mapping[str, Article],
    units: Mapping[Place, tuple[str, ...]],
    pairs: Iterable[UnitPair],
) -> story_views.PassageView:
    """The passage with the id `ident` that these places carry; `pairs` may be of other units too."""
    ordered = sorted(places, key=lambda place: (*first_seen(articles[place[0]]), place[1]))
    first_place = ordered[0]
    first = articles[first_place[0]]
    members = {key for place in places for key in units[place]}
    kinds: dict[str, MatchKind] = {}
    for pair in pairs:
        if pair.kind not in RETOLD_KINDS and pair.a in members and pair.b in members:
            for mine, other in ((pair.a, pair.b), (pair.b, pair.a)):
                # A pair with the first paragraph itself says more than one with another copy of it.
                if other in units[first_place] or mine not in kinds:
                    kinds[mine] = shown_kind(pair.kind)

    def kind(place: Place) -> MatchKind:
        if place == first_place or set(units[place]) & set(units[first_place]):
            return "verbatim"
        return max((kinds.get(key, "edited") for key in units[place]), key=_KIND_STRENGTH.__getitem__)

    label = first.findings.derivation.label if first.findings else "undetermined"
    return story_views.PassageView(
        id=ident,
        text=next(paragraph.text for paragraph in first.reading.paragraphs if paragraph.index == first_place[1]),
        kind_of_first={"independent": "own", "wholly_derived": "carried"}.get(label, "undetermined"),
        first_seen=story_views.FirstSeenView(
            article_id=first.id, outlet=show.outlet_view(first.content), at=first_seen(first)[0]
        ),
        occurrences=[
            story_views.OccurrenceView(article_id=article_id, paragraph=paragraph, kind=kind((article_id, paragraph)))
            for article_id, paragraph in ordered
        ],
    )


def first_seen(article: Article) -> tuple[datetime, int]:
    """Sorts articles in the order in which they appeared, as far as their publishers say."""
    return article.appeared_at, article.sequence
