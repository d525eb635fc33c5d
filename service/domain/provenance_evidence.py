"""What the articles of one report testify: credits, shared wording, times, and the evidence that links show.

Owns the witnesses and what may be asked of them. Never decides who copied whom.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from service.domain.matches import ArticleMatch
from service.domain.models import COPY_KINDS, Basis, Carry, Credit, Evidence, Organisation

AGENCY_KINDS = frozenset({"agency", "press_release"})
BACKGROUND = 0.22
"""Up to this part, copy in an uncredited article is background or quotation."""
_EXCERPT = 220


@dataclass(frozen=True, slots=True)
class Witness:
    """One article of a report as provenance sees it.

    `readings` are hashes of its credits and page furniture as they stand: what a copyist takes along unawares. `order` is its
    place in the order of arrival, `published_at` what was claimed of that, where it can be true.
    """

    id: str
    key: str
    outlet: Organisation
    credits: tuple[Credit, ...]
    readings: frozenset[int]
    order: int
    observed_at: datetime
    published_at: datetime | None
    language: str | None = None

    def is_named(self, organisation: Organisation) -> bool:
        """Whether a credit to `organisation` means this article's outlet: the same record, name or site."""
        if organisation.id == self.outlet.id:
            return True
        name = _letters(organisation.name)
        return bool(name) and (
            name == _letters(self.outlet.name) or any(name == _letters(s.split(".")[0]) for s in self.outlet.sites)
        )

    def was_before(self, other: Witness) -> bool:
        """Whether it came before another, and neither says otherwise."""
        is_later = self.published_at and other.published_at and self.published_at > other.published_at
        return self.order < other.order and not is_later

    def speaks_as(self, other: Witness) -> bool:
        """Whether both are written in one language (primary subtags of BCP 47), as far as is known."""
        mine, theirs = ((w.language or "").split("-")[0].lower() for w in (self, other))
        return mine == theirs or not (mine and theirs)

    @property
    def has_outlet(self) -> bool:
        """Whether it is known who published it."""
        return bool(self.outlet.name)

    def is_of_outlet_of(self, other: Witness) -> bool:
        return self.outlet.id == other.outlet.id and self.has_outlet

    @property
    def is_agency(self) -> bool:
        return self.outlet.kind in AGENCY_KINDS


@dataclass(frozen=True, slots=True)
class Kinship:
    """How well one article is explained by another: `share` of its body that stands there, `agreement` of the wording."""

    share: float
    agreement: float


KinshipOf = Callable[[str, str], Kinship]
MatchOf = Callable[[str, str], ArticleMatch | None]


@dataclass(frozen=True, slots=True)
class ReportEvidence:
    """All that is known of one report. `kinship(a, b)` says how b explains a, `match(a, b)` shows where, both by article key.

    `sightings` counts the articles anywhere that hold a reading; `unexplained` is the part of an article (by key) of which next
    to nothing stands in any of the articles given; `outside` are sources of an article (by id) in other reports, `parts` those
    of them (by id) that are the items of a roundup.
    """

    witnesses: Sequence[Witness]
    kinship: KinshipOf
    match: MatchOf
    sightings: Callable[[int], int]
    unexplained: Callable[[str, frozenset[str]], float]
    outside: Mapping[str, Sequence[tuple[Witness, Kinship]]]
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def others(self, a: Witness) -> list[Witness]:
        return [b for b in self.witnesses if b.id != a.id]

    def carried(self, a: Witness) -> float:
        """Part of the body that stands in any other article of the report."""
        return max((self.kinship(a.key, b.key).share for b in self.others(a)), default=0.0)

    def shared_readings(self, a: Witness, b: Witness) -> int:
        """Paragraphs that stand in these two articles and (but for their own copyists) nowhere else."""
        return sum(1 for reading in a.readings & b.readings if self.sightings(reading) == 2)

    def text_evidence(self, a: Witness, b: Witness) -> tuple[Evidence, ...]:
        match = self.match(a.key, b.key)
        if match is None:
            return ()
        copied = [pair for pair in match.pairs if pair.kind in COPY_KINDS]
        if not copied:
            return ()
        best = max(copied, key=lambda pair: (sum(s[1] - s[0] for s in pair.spans), -pair.paragraph))
        start, end = (min(s[0] for s in best.spans), max(s[1] for s in best.spans)) if best.spans else (None, None)
        text = f"{len(copied)} paragraphs shared, {match.share:.0%} of this article; the longest is {best.kind}"
        return (
            Evidence("shared_text", text[:_EXCERPT], round(match.share, 3), best.paragraph, best.other_paragraph, start, end),
        )


def text_credits(witness: Witness) -> list[Credit]:
    return [
        c
        for c in witness.credits
        if c.kind != "photo" and not witness.is_named(c.organisation) and c.organisation.kind != "unnamed"
    ]


def basis_of(group: Sequence[Credit]) -> tuple[Basis, ...]:
    """Lines of the text are credits; fields beside it (byline, source properties) are metadata."""
    where: set[Basis] = {"metadata" if credit.paragraph is None else "credit" for credit in group}
    return tuple(sorted(where))


def is_one_of_several(a: Witness, credited: Sequence[Credit]) -> bool:
    """Whether one of the credits stands in a line that names other agencies too: then little copy of each is to be expected."""
    agencies = {c.organisation.id for c in text_credits(a) if c.kind == "mixed_source" and c.organisation.kind in AGENCY_KINDS}
    return len(agencies) > 1 and any(c.kind == "mixed_source" for c in credited)


def has_own_credit(a: Witness, b: Witness) -> bool:
    """Whether `a` credits an agency in words that do not stand in `b`: it went to the agency itself."""
    of_b = {credit.text for credit in b.credits}
    mine = [c for c in text_credits(a) if c.organisation.kind in AGENCY_KINDS and c.kind != "self_reference"]
    return bool(mine) and all(credit.text not in of_b for credit in mine)


@lru_cache(maxsize=16_384)
def _letters(name: str) -> str:
    letters = "".join(c for c in name.casefold() if c.isalnum())
    return letters.removeprefix("the")


def credit_evidence(credit: Credit) -> Evidence:
    return Evidence(
        f"credit:{credit.kind}", credit.text[:_EXCERPT], credit.confidence, credit.paragraph, None, credit.start, credit.end
    )


def time_evidence(a: Witness, b: Witness) -> tuple[Evidence, ...]:
    earlier, later = b.published_at or b.observed_at, a.published_at or a.observed_at
    if earlier > later:
        return ()
    minutes = int((later - earlier).total_seconds() // 60)
    return (Evidence("time", f"{minutes // 60} h {minutes % 60} min after the source, as claimed", 0.1),)


def carry_of(group: Sequence[Credit]) -> Carry:
    carries = {credit.carry for credit in group}
    return "full" if "full" in carries and "partial" not in carries else "partial" if "partial" in carries else "unknown"


def either(chances: Sequence[float]) -> float:
    """Chance that at least one of several independent witnesses is right, kept below certainty."""
    miss = 1.0
    for chance in chances:
        miss *= 1 - min(0.99, chance)
    return round(min(0.99, 1 - miss), 4)


def link_id(source: str, target: str) -> str:
    return hashlib.blake2b(f"{source}>{target}".encode(), digest_size=10).hexdigest()
