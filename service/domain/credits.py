"""Whose copy an article says it carries: runs the credit families and combines what they find.

Owns order, overlap and contradiction between families; negative contexts (pictures) come first. Never drops a finding
because it stands in boilerplate, and never looks at the text of other articles.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence

from service.domain.citations import Cue, as_citation, read_cues, self_referring
from service.domain.credit_brackets import find_in_brackets
from service.domain.credit_lines import find_in_lines
from service.domain.credit_page import Finding, Page, carry_of
from service.domain.credit_sentences import find_in_sentences, find_pictures
from service.domain.credit_signatures import find_closing_words, find_signatures, read_authors
from service.domain.models import Citation, Credit, Organisation
from service.domain.registry import Registry

_UNLIKE_PICTURES = frozenset({"signoff", "byline", "source_line", "mixed_source", "dateline", "via"})
_TITLE_SUFFIX = re.compile(r"\s[-–—|]\s(?P<name>[^-–—|]{2,40})$")


@dataclasses.dataclass(frozen=True, slots=True)
class CreditReading:
    """Credits (own ones left out), citations, and every place that is not copy, own and nameless ones included."""

    credits: tuple[Credit, ...]
    citations: tuple[Citation, ...]
    places: tuple[Finding, ...]


def read_credits(
    paragraphs: Sequence[str],
    *,
    title: str,
    authors: Sequence[str],
    registry: Registry,
    is_own: Callable[[Organisation], bool],
) -> CreditReading:
    """All credits and citations of an article, in the order of the page; `is_own` says which names are the outlet itself.

    Spans are character offsets in the given paragraphs, authors or title; each `text` is exactly what stands there.
    """
    page = Page(paragraphs, registry)
    places = _find_places(page)
    cues = read_cues(page, places)
    scores = self_referring((c for c in cues if not is_own(c.organisation)), places)
    found = _field_credits(page, title, authors)
    found += _self_references(cues, scores, paragraphs)
    for place in sorted(places, key=lambda p: (p.paragraph, p.start, p.end)):
        if place.organisation is not None:
            found.append(
                Credit(
                    place.organisation,
                    place.kind,
                    place.carry,
                    paragraphs[place.paragraph][place.start : place.end],
                    place.start,
                    place.end,
                    place.paragraph,
                    place.confidence,
                )
            )
    citations = tuple(
        as_citation(c, paragraphs[c.paragraph]) for c in cues if c.organisation.id not in scores and not is_own(c.organisation)
    )
    return CreditReading(tuple(c for c in found if not is_own(c.organisation)), citations, tuple(places))


class _Kept:
    """The findings so far. The first of an organisation at a place wins; a picture's own name is no credit for the text."""

    def __init__(self, pictures: Iterable[Finding]) -> None:
        self.pictures = list(pictures)
        self._pictures = _by_paragraph(self.pictures)
        self._kept: dict[int, list[Finding]] = {}

    def add(self, found: Iterable[Finding], *, unless_inside: bool = False) -> None:
        """Keep what is new; with `unless_inside` nothing that another family has read already (desk footers apart)."""
        for finding in found:
            near = self._kept.setdefault(finding.paragraph, [])
            if unless_inside and any(_overlap(finding, k) and k.kind != "desk_footer" for k in near):
                continue
            pictures = self._pictures.get(finding.paragraph, ())
            names_picture = any(_overlap(finding, p) and p.organisation == finding.organisation for p in pictures)
            if names_picture and finding.kind in _UNLIKE_PICTURES:
                continue
            if not any(_overlap(finding, k) and k.organisation == finding.organisation for k in near):
                near.append(finding)

    def places(self) -> list[Finding]:
        return [finding for number in sorted(self._kept) for finding in self._kept[number]]


def _by_paragraph(findings: Iterable[Finding]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.paragraph, []).append(finding)
    return found


def _find_places(page: Page) -> list[Finding]:
    numbers = range(len(page.texts))
    kept = _Kept(f for n in numbers for f in find_pictures(page, n))
    for family in (find_in_brackets, find_in_sentences, find_closing_words):
        kept.add(f for n in numbers for f in family(page, n))
    kept.add(find_in_lines(page))
    # A name inside a place that another family has read says nothing further.
    kept.add([f for n in numbers for f in find_signatures(page, n)], unless_inside=True)
    places = _settle_footers(_without_cut_repeats(page, kept.places()))
    near = _by_paragraph(places)
    return places + [p for p in kept.pictures if not any(_overlap(p, k) for k in near.get(p.paragraph, ()))]


def _without_cut_repeats(page: Page, findings: list[Finding]) -> list[Finding]:
    """Leave out a bracket that the end of the text cut off where the same organisation is named in full elsewhere."""

    def is_cut(f: Finding) -> bool:
        text = page.texts[f.paragraph]
        return (
            f.end >= len(text.rstrip())
            and "(" in text[f.start - 1 if f.start else 0 : f.end]
            and ")" not in text[f.start : f.end]
        )

    whole = {f.organisation.id for f in findings if f.organisation is not None and not is_cut(f)}
    return [f for f in findings if f.organisation is None or f.organisation.id not in whole or not is_cut(f)]


def _overlap(a: Finding, b: Finding) -> bool:
    return a.paragraph == b.paragraph and a.start < b.end and b.start < a.end


def _settle_footers(findings: list[Finding]) -> list[Finding]:
    """A desk footer without a name is the agency's that the rest of the page names; only alone is it Reuters' by its form."""
    named = [
        f.organisation
        for f in findings
        if f.organisation is not None
        and f.organisation.kind == "agency"
        and f.carry == "full"
        and f.kind in ("dateline", "byline", "signoff", "source_line", "copyright")
    ]
    if not named or any(o.id == "reuters" for o in named):
        return findings
    return [
        dataclasses.replace(f, organisation=named[0]) if f.kind == "desk_footer" and f.confidence < 0.8 else f for f in findings
    ]


def _self_references(cues: Sequence[Cue], scores: dict[str, float], paragraphs: Sequence[str]) -> list[Credit]:
    found: list[Credit] = []
    for cue in cues:
        if cue.organisation.id in scores and cue.mark in ("own_eyes", "own_reporters", "told", "shown"):
            confidence = round(min(0.9, 0.4 + 0.1 * scores[cue.organisation.id]), 2)
            text = paragraphs[cue.paragraph][cue.start : cue.end]
            found.append(
                Credit(cue.organisation, "self_reference", "unknown", text, cue.start, cue.end, cue.paragraph, confidence)
            )
    return found


def _field_credits(page: Page, title: str, authors: Sequence[str]) -> list[Credit]:
    found: list[Credit] = []
    suffix = _TITLE_SUFFIX.search(title[-120:])
    organisation = page.registry.by_alias(suffix.group("name")) if suffix else None
    if suffix and organisation is not None and organisation.kind != "unnamed":
        start = len(title) - len(title[-120:]) + suffix.start("name")
        found.append(Credit(organisation, "via", "full", title[start:], start, len(title), None, 0.6, "title"))
    for index, named, kind, start, end in read_authors(page, list(authors)):
        found.append(Credit(named, kind, carry_of(kind), authors[index][start:end], start, end, None, 0.9, f"authors[{index}]"))
    return found
