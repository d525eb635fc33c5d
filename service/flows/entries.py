"""An article as the working memory holds it: named by its content, with what is compared of it and what it is about.

A function of the article and its units' vectors. Compares nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.domain.learned_boilerplate import with_boilerplate
from service.domain.matches import body_characters, body_units, unit_text
from service.domain.models import Article, UnitRef
from service.domain.story_similarity import Profile, profile
from service.domain.tokens import unit_key
from service.domain.units import Unit


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` names the article by content, so that no result depends on the order of arrival. `units` are those of its body,
    `characters` the size of that body; `readings` number the paragraphs beside the copy as they stand. `boilerplate`
    are paragraphs taken out of the body because of what other articles hold; `article` is read accordingly.
    """

    key: str
    article: Article
    units: tuple[UnitRef, ...]
    characters: int
    profile: Profile
    readings: frozenset[int]
    agencies: frozenset[str]
    at: datetime | None
    boilerplate: frozenset[int] = frozenset()

    @property
    def version(self) -> tuple[str, datetime | None, frozenset[int]]:
        """Everything that what two entries are to each other can depend on."""
        return self.key, self.at, self.boilerplate


def entry_of(article: Article, units: Mapping[str, Unit], dimension: int) -> Entry:
    """`units` holds those of the article by key, `dimension` is that of their vectors."""
    content = article.content
    # Marked by what it is, because one article's external id may be another's address.
    name = f"e {content.external_id}" if content.external_id else f"u {content.canonical_url or article.id}"
    body = body_units(article)
    agencies = frozenset(
        c.organisation.id for c in article.reading.credits if c.organisation.kind == "agency" and c.kind != "photo"
    )
    furniture = [p.text for p in article.reading.paragraphs if p.role != "body" and p.text.strip()]
    datelines = [p.text[: p.core_start] for p in article.reading.paragraphs if p.role == "body" and p.core_start]
    return Entry(
        f"{article.content_hash}:{name}",
        article,
        tuple(body),
        body_characters(article),
        profile_of(article, body, units, dimension),
        frozenset(map(_reading, (*furniture, *datelines))),
        agencies,
        article.believed_at,
    )


def without_boilerplate(entry: Entry, paragraphs: Collection[int], units: Mapping[str, Unit], dimension: int) -> Entry:
    """The same article with these paragraphs taken out of its body. `entry` has all of it."""
    if not paragraphs:
        return entry
    article = with_boilerplate(entry.article, paragraphs)
    body = body_units(article)
    return replace(
        entry,
        article=article,
        units=tuple(body),
        characters=body_characters(article),
        profile=profile_of(article, body, units, dimension),
        boilerplate=frozenset(paragraphs),
    )


def profile_of(article: Article, body: Sequence[UnitRef], units: Mapping[str, Unit], dimension: int) -> Profile:
    """What the article is about, judged by its title and these units of its body."""
    title = next((unit for unit in article.units if unit.paragraph < 0), None)
    return profile(
        article.content.title,
        [unit_text(article, unit) for unit in body],
        units[title.key].vector if title else None,
        [units[unit.key].vector for unit in body],
        dimension,
        article.believed_at,
    )


def apart(a: Entry, b: Entry) -> timedelta | None:
    """The time between two articles; None where either has none."""
    return abs(a.at - b.at) if a.at and b.at else None


def is_in_window(a: Entry, b: Entry, window: timedelta) -> bool:
    """Whether two articles are near enough in time to share anything; one without a time is near to all."""
    between = apart(a, b)
    return between is None or between <= window


def _reading(text: str) -> int:
    """A paragraph as it stands, as a number: equal for equal surfaces."""
    return int(unit_key(text)[:16], 16)
