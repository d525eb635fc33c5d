"""Reads a page: a role for every paragraph, the part of it that is copy, and its credits and citations.

Owns the order of work: credits are found before anything is dismissed as furniture. Never drops, merges or changes a paragraph.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Literal

from service.domain.credit_page import Finding
from service.domain.credit_patterns import fold
from service.domain.credits import read_credits
from service.domain.models import Organisation, Paragraph, Reading
from service.domain.registry import Registry
from service.domain.roles import assign_roles

_STATION_SITE = re.compile(r"(?:^|\.|/)(?P<sign>[kw][a-z]{2,3}?)(?:-?tv|-?fm|news)?\d{0,2}\.[a-z]{2,3}$")
_EDGE = " \t\n\r\u00a0-–—()[]*|.:"
_BEHIND_DATELINE = " \t\n\r\u00a0-–—|:.)"
_CLOSING = " \t\n\r\u00a0-–—([*|"
_CREDIT_REST_CHARACTERS = 30
SUMMARY_WORDS = 45
"""A body of at most so many words can only be a feed's summary; of up to twice as many where it says that it goes on."""
_GOES_ON = re.compile(r"(?:\.{3}|…|\[(?:\.{3}|…)\])\W{0,3}$")
_GO_ON = re.compile(
    r"\W{0,3}(?:read (?:more|the full|full|on)|continue reading|full (?:story|article)|weiterlesen|lire la suite|leer más)\b",
    re.IGNORECASE,
)
_INLINE_KINDS = frozenset({"photo", "self_reference"})


def read_article(
    paragraphs: Sequence[str],
    *,
    title: str,
    authors: Sequence[str],
    outlet_site: str,
    outlet_name: str,
    language: str | None,
    registry: Registry,
) -> Reading:
    """One `Paragraph` per given paragraph, same index, text untouched; credits to the outlet itself are left out.

    Never raises on any text. Time is linear in the length of the article. `language` is not needed by the rules; they
    hold several languages at once because credits often stand in another language than the text.
    """
    del language
    is_own = _own_test(registry, outlet_site, outlet_name)
    read = read_credits(paragraphs, title=title, authors=authors, registry=registry, is_own=is_own)
    places: dict[int, list[Finding]] = defaultdict(list)
    pictures: dict[int, tuple[int, int]] = {}
    for place in read.places:
        if place.kind == "photo":
            first, last = pictures.get(place.paragraph, (place.start, place.end))
            pictures[place.paragraph] = (min(first, place.start), max(last, place.end))
        elif place.kind not in _INLINE_KINDS:
            places[place.paragraph].append(place)
    folded = [fold(p) for p in paragraphs]
    credit_lines = {index for index, found in places.items() if _is_all_credit(folded[index], found)}
    roles = assign_roles(folded, title, credit_lines, pictures)
    result = []
    for index, (text, role) in enumerate(zip(paragraphs, roles, strict=True)):
        start, end = _core(text, places.get(index, ())) if role == "body" else (0, len(text))
        result.append(Paragraph(index, role, text, start, end))
    return Reading(tuple(result), read.credits, read.citations)


def is_summary_only(reading: Reading) -> bool:
    """Whether only a summary of the article is here, as in a feed: credits stand at the ends of texts, and the end is missing."""
    body = [p.text for p in reading.paragraphs if p.role == "body"]
    words = sum(len(text.split()) for text in body)
    goes_on = bool(body) and _GOES_ON.search(body[-1].rstrip()[-12:]) is not None
    goes_on = goes_on or any(p.role == "boilerplate" and _GO_ON.match(p.text) for p in reading.paragraphs[-3:])
    return words <= SUMMARY_WORDS or (goes_on and words <= 2 * SUMMARY_WORDS)


def unknown_credit_reason(reading: Reading) -> Literal["summary_only", "no_credit"] | None:
    """Why it is unknown whose copy this is, or None where somebody is credited. No credit never means that a text is original."""
    if any(credit.kind != "photo" for credit in reading.credits):
        return None
    return "summary_only" if is_summary_only(reading) else "no_credit"


def _own_test(registry: Registry, site: str, name: str) -> Callable[[Organisation], bool]:
    known: dict[str, bool] = {}

    def is_own(organisation: Organisation) -> bool:
        if organisation.id not in known:
            own_station = organisation.kind == "station" and not _is_other_station(organisation.name, site)
            known[organisation.id] = own_station or registry.is_same(organisation, site, name)
        return known[organisation.id]

    return is_own


def _is_other_station(call_sign: str, site: str) -> bool:
    """Whether the site is a broadcaster's by its name and not this one's; elsewhere a call sign is the outlet's own."""
    match = _STATION_SITE.search(site.casefold())
    return match is not None and not call_sign.casefold().startswith(match.group("sign"))


def _is_all_credit(text: str, found: Sequence[Finding]) -> bool:
    """Whether next to nothing stands beside the credits of a paragraph."""
    if all(f.organisation is None or f.kind in ("dateline", "press_release") for f in found):
        return False
    rest = 0
    reached = 0
    for place in sorted(found, key=lambda f: f.start):
        rest += len("".join(text[reached : place.start].split())) if place.start > reached else 0
        reached = max(reached, place.end)
    rest += len("".join(text[reached:].split()))
    covered = len("".join(text.split())) - rest
    return (
        rest <= _CREDIT_REST_CHARACTERS or rest * 3 <= covered or any(f.kind == "feed_disclaimer" and f.start <= 2 for f in found)
    )


def _core(text: str, found: Sequence[Finding]) -> tuple[int, int]:
    """The span of the copy: without datelines and bylines at the head and sign-offs at the tail."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    for place in sorted(found, key=lambda f: f.start):
        opens = place.start <= start or not text[start : place.start].strip(_EDGE)
        if opens and start < place.end < end and place.kind not in ("signoff", "copyright"):
            start = place.end + len(text[place.end :]) - len(text[place.end :].lstrip(_BEHIND_DATELINE))
    for place in sorted(found, key=lambda f: -f.end):
        if place.start > start and (place.end >= end or not text[place.end : end].strip(_EDGE)):
            end = start + len(text[start : place.start].rstrip(_CLOSING))
    return (start, end) if start < end else (0, len(text))
