"""Boilerplate that no list knows: what recurs in articles of one outlet which have nothing else to do with each other.

Decides from who carries a paragraph and which of them are unrelated; never from the order in which they came. Compares no texts:
whether two articles are related is asked of the caller.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from service.domain.models import Article
from service.domain.roles import CALENDAR_WORDS
from service.domain.tokens import tokenize

SIGHTINGS = 3
"""So many articles of one outlet, each unrelated to the others, and the paragraph is boilerplate there."""
_SIGHTINGS_HERE_ALONE = 2
_SIGHTINGS_ANYWHERE = 8
"""Two of them must be this outlet's alone. Where the articles stand in other outlets too, the paragraph with them, it may be
context that an agency reuses for a few stories; but not for so many.
"""
LOOKED_AT = 24
"""Of more carriers only the first by key are looked at; sightings are soon found where there are any."""
_LEAST_WORDS = 4
_YEAR = re.compile(r"(?:19|20)\d\d")
_TIME = re.compile(r"\d{1,2}[:.]\d\d")
_DAY = re.compile(r"\d{1,2}(?:st|nd|rd|th)?")
_DATE_SIGNS = frozenset("年月日년월일")


def form_of(text: str) -> int | None:
    """A number that is equal for paragraphs equal but for case, punctuation and dates filled in (64 bits); None for a paragraph
    too short to tell. Other figures are not left out: rows of next week's table are no boilerplate.
    """
    words = tokenize(text).words
    dated = [word in CALENDAR_WORDS or word in _DATE_SIGNS for word in words]
    left = [
        word
        for i, word in enumerate(words)
        if not (dated[i] or _YEAR.fullmatch(word) or _TIME.fullmatch(word) or (_DAY.fullmatch(word) and _is_beside(dated, i)))
    ]
    if len(left) < _LEAST_WORDS:
        return None
    return int.from_bytes(hashlib.blake2b(" ".join(left).encode(), digest_size=8).digest())


def is_learned(carriers: Collection[str], is_copied: Callable[[str], bool], are_unrelated: Callable[[str, str], bool]) -> bool:
    """Whether a paragraph is boilerplate of the outlet whose articles `carriers` names. `is_copied`: the article shares other
    copy with an article of another outlet that holds the paragraph too, so that it may have come with the copy.
    `are_unrelated` is symmetrical.
    """
    if len(carriers) < SIGHTINGS:
        return False
    names = sorted(carriers)[:LOOKED_AT]
    if not _has_unrelated(names, SIGHTINGS, are_unrelated):
        return False
    own = [name for name in names if not is_copied(name)]
    return _has_unrelated(own, _SIGHTINGS_HERE_ALONE, are_unrelated) or _has_unrelated(names, _SIGHTINGS_ANYWHERE, are_unrelated)


def with_boilerplate(article: Article, paragraphs: Collection[int]) -> Article:
    """The article with these paragraphs, by index, read as boilerplate and no longer as body."""
    if not paragraphs:
        return article
    read = tuple(
        replace(p, role="boilerplate") if p.index in paragraphs and p.role == "body" else p for p in article.reading.paragraphs
    )
    return replace(article, reading=replace(article.reading, paragraphs=read))


def as_concluded(article: Article) -> Article:
    """The article as it is to be shown: what was learned about its paragraphs counts above how its page alone was read."""
    return article if article.findings is None else with_boilerplate(article, article.findings.boilerplate)


def _has_unrelated(names: Sequence[str], wanted: int, are_unrelated: Callable[[str, str], bool]) -> bool:
    """Whether so many of them can be chosen, each unrelated to each. From every start the next that fits is taken, which finds
    them unless nearly all are related to some.
    """
    for start in range(len(names) - wanted + 1):
        chosen = [names[start]]
        for name in (*names[start + 1 :], *names[:start]):
            if all(are_unrelated(one, name) for one in chosen):
                chosen.append(name)
                if len(chosen) == wanted:
                    return True
    return False


def _is_beside(dated: Sequence[bool], index: int) -> bool:
    return (index > 0 and dated[index - 1]) or (index + 1 < len(dated) and dated[index + 1])
