"""Who carried whose copy inside one report: links with evidence, origins and derivation labels.

Credit says who, text says how much, time is the weakest witness and never speaks alone. Organisations that were never ingested
are sources like any other. What the evidence does not decide stays undetermined, with the reason.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.domain.branching import maximum_branching
from service.domain.matches import ArticleMatch
from service.domain.models import (
    COPY_KINDS,
    Basis,
    Carry,
    Credit,
    Derivation,
    DerivationLabel,
    Evidence,
    Link,
    Organisation,
    Origin,
    Relation,
)

ORGANISATION_NODE = "org:"
_AGENCY_KINDS = frozenset({"agency", "press_release"})
_HOP_CREDITS = frozenset({"source_line", "republication", "via", "translation", "copyright", "byline", "mixed_source"})
_OWN = 0.035
"""Up to this part of the body in passages of its own an article has nothing of substance of its own."""
_WHOLLY = 0.88
"""From this shared part on a link without a credit carries the whole article."""
_SEVERAL_CARRIERS = 4
"""So many carriers of a source that was never ingested show together what it held."""
_BACKGROUND = 0.22
"""Up to this part, copy in an uncredited article is background or quotation."""
_SECOND_SOURCE = 0.4
"""Least part of a body that an agency's article in another report must supply to be a source without any credit."""
_CREDITED_SECOND = 0.2
"""The same where a credit names the agency, unless the credit names several."""
_SHARED_EDIT = 0.02
_LABEL_DOUBT = 0.5
_ORIGIN_DOUBT = 0.4
_TO_THE_LETTER = 0.99
_LACK = 0.1
"""A carrier that lacks so much more of an article than the original does is not its source, whatever else they share."""
_READING_WEIGHT = 0.12
_MOST_READINGS = 4
_EXCERPT = 220


@dataclass(frozen=True, slots=True)
class Witness:
    """One article of a report as provenance sees it.

    `readings` are hashes of its credits and page furniture as they stand: what a copyist takes along unawares. `order` is its
    place in the order of arrival.
    """

    id: str
    key: str
    outlet: Organisation
    credits: tuple[Credit, ...]
    readings: frozenset[int]
    order: int
    observed_at: datetime
    published_at: datetime | None

    def is_named(self, organisation: Organisation) -> bool:
        """Whether a credit to `organisation` means this article's outlet: the same record, name or site."""
        if organisation.id == self.outlet.id:
            return True
        name = _letters(organisation.name)
        return bool(name) and (
            name == _letters(self.outlet.name) or any(name == _letters(s.split(".")[0]) for s in self.outlet.sites)
        )

    @property
    def is_agency(self) -> bool:
        return self.outlet.kind in _AGENCY_KINDS


@dataclass(frozen=True, slots=True)
class Kinship:
    """How well one article is explained by another: `share` of its body that stands there, `agreement` of the wording."""

    share: float
    agreement: float


@dataclass(frozen=True, slots=True)
class Traced:
    derivation: Derivation
    origin: Origin
    links: tuple[Link, ...]
    organisations: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: str
    score: float
    confidence: float
    relation: Relation
    carry: Carry
    basis: tuple[Basis, ...]
    evidence: tuple[Evidence, ...]


KinshipOf = Callable[[str, str], Kinship]
MatchOf = Callable[[str, str], ArticleMatch | None]


class ReportTracer:
    """Solves one report. `kinship(a, b)` says how b explains a, `match(a, b)` shows the places, both by article key."""

    def __init__(
        self,
        witnesses: Sequence[Witness],
        kinship: KinshipOf,
        match: MatchOf,
        sightings: Callable[[int], int],
        unexplained: Callable[[str, frozenset[str]], float],
        outside: Mapping[str, Sequence[tuple[Witness, Kinship]]],
    ) -> None:
        """`sightings` counts the articles anywhere that hold a reading; `unexplained` is the part of an article (by key) of which
        next to nothing stands in any of the articles given; `outside` are sources of an article in other reports.
        """
        self._witnesses = sorted(witnesses, key=lambda w: (w.order, w.key))
        self._kinship = kinship
        self._match = match
        self._sightings = sightings
        self._unexplained = unexplained
        self._outside = outside
        self._known = [*self._witnesses, *(other for rows in outside.values() for other, _ in rows)]
        self._agency = self._common_agency()

    def trace(self) -> dict[str, Traced]:
        """By article id."""
        chosen = self._consistent({w.id: self._candidates(w) for w in self._witnesses})
        by_id = {w.id: w for w in self._witnesses}
        links = {w.id: self._links(w, chosen[w.id]) for w in self._witnesses}
        return {
            w.id: Traced(
                _sure(self._derivation(w, links)),
                _surer(self._origin(w, links, by_id)),
                links[w.id],
                _organisations(w, links[w.id], self._agency),
            )
            for w in self._witnesses
        }

    # ---- candidates --------------------------------------------------------------------------------------------------

    def _common_agency(self) -> tuple[Organisation, float] | None:
        """The agency that the report's articles credit, if one outweighs the others together; with its part of the weight."""
        weight: dict[str, float] = defaultdict(float)
        named: dict[str, Organisation] = {}
        for witness in self._witnesses:
            best: dict[str, float] = {}
            if witness.is_agency:
                best[witness.outlet.id], named[witness.outlet.id] = 2.0, witness.outlet
            for credit in _text_credits(witness):
                if credit.organisation.kind in _AGENCY_KINDS:
                    named[credit.organisation.id] = credit.organisation
                    best[credit.organisation.id] = max(best.get(credit.organisation.id, 0.0), credit.confidence)
            for name, value in best.items():
                weight[name] += value
        if not weight:
            return None
        total = sum(weight.values())
        top = min(weight, key=lambda name: (-weight[name], name))
        return (named[top], weight[top] / total) if weight[top] > total / 2 else None

    def _candidates(self, a: Witness) -> list[_Candidate]:
        """Everything that could be the direct source of `a`, best first. An empty list: nothing is known above it."""
        if a.is_agency:
            return self._own_updates(a)
        named = _text_credits(a)
        hops = [c for c in named if c.organisation.kind not in _AGENCY_KINDS and c.organisation.kind != "unnamed"]
        agencies = [c for c in named if c.organisation.kind in _AGENCY_KINDS]
        found: list[_Candidate] = [*self._credited(a, hops, is_hop=True)]
        if not found:
            found += self._credited(a, agencies, is_hop=False)
        found += self._by_text(a, bool(found))
        if not agencies and not hops:
            found += self._own_updates(a)
        return sorted(found, key=lambda c: (-c.score, c.source))

    def _credited(self, a: Witness, lines: Sequence[Credit], *, is_hop: bool) -> list[_Candidate]:
        grouped: dict[str, list[Credit]] = defaultdict(list)
        for credit in lines:
            grouped[credit.organisation.id].append(credit)
        found: list[_Candidate] = []
        for group in grouped.values():
            organisation = group[0].organisation
            confidence = _either([c.confidence for c in group])
            carry = _carry(group)
            evidence = tuple(_credit_evidence(c) for c in group)
            bonus = 1.0 if is_hop else 0.0
            articles = [
                b for b in self._witnesses if b.id != a.id and b.is_named(organisation) and self._kinship(a.key, b.key).share > 0
            ]
            if articles:
                b = max(articles, key=lambda b: (self._kinship(a.key, b.key).agreement, -b.order))
                kin = self._kinship(a.key, b.key)
                text = self._text_evidence(a, b)
                found.append(
                    _Candidate(
                        b.id,
                        bonus + 0.9 * confidence + 0.1 * kin.agreement,
                        _either([confidence, 0.6 * kin.agreement]),
                        "carried",
                        carry,
                        ("credit", "text"),
                        evidence + text,
                    )
                )
            else:
                found.append(
                    _Candidate(
                        ORGANISATION_NODE + organisation.id,
                        bonus + 0.8 * confidence,
                        confidence,
                        "carried",
                        carry,
                        _basis_of(group),
                        evidence,
                    )
                )
        return found

    def _by_text(self, a: Witness, is_credited: bool) -> list[_Candidate]:
        """Sources that the wording points to: the agency's own article, or one whose edits and additions came along."""
        kin = {b.id: self._kinship(a.key, b.key) for b in self._witnesses if b.id != a.id}
        originals = [kin[b.id].agreement for b in self._witnesses if b.id != a.id and b.is_agency]
        found: list[_Candidate] = []
        for b in self._witnesses:
            if b.id == a.id or kin[b.id].share < _BACKGROUND:
                continue
            # Wording that fits a carrier better than the original descends from the carrier. Without the original at hand the
            # fuller carrier always fits better, which says nothing.
            gain = kin[b.id].agreement - max(originals) if originals else 0.0
            readings = self._shared_readings(a, b)
            if b.is_agency:
                score = 0.62 + 0.25 * kin[b.id].agreement
                confidence = min(0.95, 0.35 + 0.6 * kin[b.id].agreement)
            elif (
                b.order < a.order
                and (readings or self._is_descent(kin[b.id], gain))
                and gain > -_LACK
                and not _has_own_credit(a, b)
            ):
                score = (
                    0.55
                    + 0.3 * kin[b.id].agreement
                    + min(0.3, 3 * max(0.0, gain))
                    + _READING_WEIGHT * min(readings, _MOST_READINGS)
                )
                confidence = min(0.9, 0.4 + 0.2 * kin[b.id].share + _READING_WEIGHT * readings + 2 * max(0.0, gain))
            else:
                continue
            evidence = self._text_evidence(a, b) + _time_evidence(a, b)
            if readings:
                evidence += (
                    Evidence(
                        "shared_reading", f"{readings} paragraphs stand in these two articles alone", min(1.0, 0.3 * readings)
                    ),
                )
            basis: tuple[Basis, ...] = ("text", "time") if not b.is_agency else ("text",)
            found.append(_Candidate(b.id, score, confidence, "carried", "unknown", basis, evidence))
        if not found and not is_credited and self._agency is not None and any(k.share >= _BACKGROUND for k in kin.values()):
            organisation, part = self._agency
            if organisation.id != a.outlet.id:
                evidence = tuple(
                    Evidence("sibling_credit", f"{b.outlet.name} carries the same copy and credits {organisation.name}", 0.6)
                    for b in self._witnesses
                    if b.id != a.id and any(c.organisation.id == organisation.id for c in _text_credits(b))
                )[:3]
                found.append(
                    _Candidate(
                        ORGANISATION_NODE + organisation.id,
                        0.5,
                        round(0.75 * part, 3),
                        "carried",
                        "unknown",
                        ("text", "credit"),
                        evidence,
                    )
                )
        return found

    def _own_updates(self, a: Witness) -> list[_Candidate]:
        """An earlier version of the article by the same outlet."""
        found: list[_Candidate] = []
        for b in self._witnesses:
            if b.id == a.id or b.outlet.id != a.outlet.id or b.order >= a.order:
                continue
            kin = self._kinship(a.key, b.key)
            if max(kin.share, self._kinship(b.key, a.key).share) < 2 * _BACKGROUND:
                continue
            evidence = self._text_evidence(a, b) + _time_evidence(a, b)
            found.append(
                _Candidate(
                    b.id,
                    0.9 + 0.1 * kin.agreement,
                    min(0.95, 0.6 + 0.35 * kin.share),
                    "revision",
                    "full",
                    ("text", "time"),
                    evidence,
                )
            )
        return sorted(found, key=lambda c: (-c.score, c.source))

    @staticmethod
    def _is_descent(kin: Kinship, gain: float) -> bool:
        """The wording of what they share is the carrier's to the letter and not the original's."""
        return gain > _SHARED_EDIT and kin.agreement >= _TO_THE_LETTER * kin.share

    def _shared_readings(self, a: Witness, b: Witness) -> int:
        """Paragraphs that stand in these two articles and (but for their own copyists) nowhere else."""
        return sum(1 for reading in a.readings & b.readings if self._sightings(reading) == 2)

    # ---- one consistent history --------------------------------------------------------------------------------------

    def _consistent(self, candidates: dict[str, list[_Candidate]]) -> dict[str, list[_Candidate]]:
        """One source per article so that the whole history is the likeliest: a maximum-weight branching over the candidates."""
        of = {name: {row.source: row for row in reversed(rows)} for name, rows in candidates.items()}
        picked = maximum_branching({name: {source: row.score for source, row in rows.items()} for name, rows in of.items()})
        chosen: dict[str, list[_Candidate]] = {}
        for name, rows in candidates.items():
            best = of[name].get(picked.get(name, ""))
            # A credit to several organisations of one rank is several sources, not a choice between them.
            chosen[name] = (
                [] if best is None else [best, *(row for row in rows if row is not best and self._is_equal_source(best, row))]
            )
        return chosen

    @staticmethod
    def _is_equal_source(best: _Candidate, other: _Candidate) -> bool:
        def is_mixed(row: _Candidate) -> bool:
            return any(e.kind == "credit:mixed_source" for e in row.evidence)

        return is_mixed(best) and is_mixed(other) and other.source.startswith(ORGANISATION_NODE)

    # ---- results -----------------------------------------------------------------------------------------------------

    def _links(self, a: Witness, chosen: Sequence[_Candidate]) -> tuple[Link, ...]:
        links = [self._link(a, candidate, is_main=rank == 0) for rank, candidate in enumerate(chosen)]
        by_id = {w.id: w for w in self._witnesses}
        suppliers = {by_id[link.source].outlet.id for link in links if link.source in by_id}
        for other, kin in () if a.is_agency else self._outside.get(a.id, ()):
            if other.outlet.id in suppliers:
                continue  # what else of the same supplier stands in it is context that the supplier reused
            credited = [c for c in _text_credits(a) if other.is_named(c.organisation)]
            if not credited and not (other.is_agency and kin.share >= _SECOND_SOURCE):
                continue
            if kin.share < _CREDITED_SECOND and not _is_one_of_several(a, credited):
                continue
            node = ORGANISATION_NODE + (credited[0].organisation.id if credited else other.outlet.id)
            evidence = tuple(map(_credit_evidence, credited)) + self._text_evidence(a, other)
            basis: tuple[Basis, ...] = ("credit", "text") if credited else ("text",)
            links = [link for link in links if link.source != node]
            links.append(
                Link(
                    _link_id(other.id, a.id),
                    other.id,
                    a.id,
                    "carried",
                    "partial",
                    kin.share,
                    basis,
                    evidence,
                    0.9 if credited else 0.6,
                )
            )
        links += self._upstream(a, links)
        return tuple(links)

    def _link(self, a: Witness, candidate: _Candidate, *, is_main: bool) -> Link:
        source = next((b for b in self._witnesses if b.id == candidate.source), None)
        share = self._kinship(a.key, source.key).share if source else self._carried(a) if is_main else 0.0
        carry = candidate.carry
        if carry == "unknown" and source is not None:
            carry = "full" if share >= _WHOLLY else "partial"
        return Link(
            _link_id(candidate.source, a.id),
            candidate.source,
            a.id,
            candidate.relation,
            carry,
            round(share, 4),
            candidate.basis,
            candidate.evidence,
            round(min(0.99, candidate.confidence), 3),
        )

    def _upstream(self, a: Witness, links: Sequence[Link]) -> list[Link]:
        """Hops above a credited outlet that was never ingested: the agencies that the same lines name carried through it."""
        agencies = {ORGANISATION_NODE + c.organisation.id for c in a.credits if c.organisation.kind in _AGENCY_KINDS}
        direct = [link for link in links if link.source.startswith(ORGANISATION_NODE) and link.target == a.id]
        hop = next((link for link in direct if link.source not in agencies), None)
        if hop is None:
            return []
        found: list[Link] = []
        for credit in _text_credits(a):
            node = ORGANISATION_NODE + credit.organisation.id
            if credit.organisation.kind not in _AGENCY_KINDS or any(link.source == node for link in (*links, *found)):
                continue
            evidence = (_credit_evidence(credit),)
            found.append(
                Link(
                    _link_id(node, hop.source),
                    node,
                    hop.source,
                    "carried",
                    credit.carry,
                    0.0,
                    ("credit",),
                    evidence,
                    round(0.85 * credit.confidence, 3),
                )
            )
        return found

    def _carried(self, a: Witness) -> float:
        """Part of the body that stands in any other article of the report."""
        return max((self._kinship(a.key, b.key).share for b in self._witnesses if b.id != a.id), default=0.0)

    def _derivation(self, a: Witness, links: Mapping[str, Sequence[Link]]) -> Derivation:
        direct = [link for link in links[a.id] if link.target == a.id]
        if a.is_agency and not any(link.relation == "carried" for link in direct):
            return Derivation("independent", 0.0, 0.9)
        if not direct:
            is_open = bool(_text_credits(a)) or self._could_be_copied(a)
            return Derivation("undetermined", 0.0, 0.5) if is_open else Derivation("independent", 0.0, 0.6)
        confidence = max(link.confidence for link in direct)
        ingested = [link for link in direct if not link.source.startswith(ORGANISATION_NODE)]
        if ingested:
            keys = frozenset(w.key for w in self._known if any(w.id == link.source for link in ingested))
            share = min(1.0, sum(link.share for link in ingested))
            return Derivation(_label(self._unexplained(a.key, keys)), round(share, 4), round(confidence, 3))
        # The source itself was never seen: its other carriers show part of it, the credit says the rest.
        others = frozenset(b.key for b in self._witnesses if b.id != a.id and not _descends(b.id, a.id, links))
        seen, own = self._carried(a), self._unexplained(a.key, others)
        carries = {link.carry for link in direct}
        if len(others) < _SEVERAL_CARRIERS and "full" in carries and own > _OWN:
            return Derivation("wholly_derived", round(max(seen, 0.9), 4), round(0.8 * confidence, 3))
        if len(others) < _SEVERAL_CARRIERS and seen < _BACKGROUND and "partial" not in carries:
            return Derivation("undetermined", round(seen, 4), round(0.5 * confidence, 3))
        return Derivation(_label(own), round(1 - own, 4), round(0.9 * confidence, 3))

    def _could_be_copied(self, a: Witness) -> bool:
        """Whether an article that names no source shares more than background with an earlier one that names none either: too
        little for a link, too much to be called independent.
        """
        return any(
            b.order < a.order and not _text_credits(b) and self._kinship(a.key, b.key).share > _BACKGROUND
            for b in self._witnesses
        )

    def _origin(self, a: Witness, links: Mapping[str, Sequence[Link]], by_id: Mapping[str, Witness]) -> Origin:
        """Walk up the best links to where the trail ends."""
        here, confidence, basis = a, 1.0, set[Basis]()
        seen = {a.id}
        while True:
            direct = [link for link in links.get(here.id, ()) if link.target == here.id]
            if not direct:
                return self._root(a, here, confidence, basis)
            best = max(direct, key=lambda link: (link.confidence, link.source))
            confidence *= best.confidence
            basis |= set(best.basis)
            if best.source.startswith(ORGANISATION_NODE):
                above = [link for link in links[here.id] if link.target == best.source]
                top = max(above, key=lambda link: (link.confidence, link.source), default=None)
                if top is not None:
                    confidence *= top.confidence
                return self._named((top or best).source, links[here.id], confidence, basis)
            if best.source in seen or best.source not in by_id:
                return Origin("article", round(confidence, 3), article_id=best.source, basis=tuple(sorted(basis)))
            here = by_id[best.source]
            seen.add(here.id)

    def _root(self, a: Witness, here: Witness, confidence: float, basis: set[Basis]) -> Origin:
        if here.is_agency:
            names: tuple[Basis, ...] = tuple(sorted(basis)) or ("metadata",)
            return Origin("article", round(confidence * 0.98, 3), article_id=here.id, organisation=here.outlet, basis=names)
        if here.id == a.id:
            reason = "unnamed_source_credited" if _text_credits(a) else "no_credit_and_no_earlier_copy"
            return Origin("undetermined", 0.0, reason=reason)
        return Origin("undetermined", 0.0, reason="earliest_known_article_names_no_source", basis=tuple(sorted(basis)))

    def _named(self, node: str, links: Sequence[Link], confidence: float, basis: set[Basis]) -> Origin:
        for witness in self._witnesses:
            for credit in witness.credits:
                if ORGANISATION_NODE + credit.organisation.id == node:
                    return Origin(
                        "organisation", round(confidence, 3), organisation=credit.organisation, basis=tuple(sorted(basis))
                    )
        assert self._agency is not None, f"{node} is named by no credit ({len(links)} links)"
        return Origin("organisation", round(confidence, 3), organisation=self._agency[0], basis=tuple(sorted(basis)))

    # ---- evidence ----------------------------------------------------------------------------------------------------

    def _text_evidence(self, a: Witness, b: Witness) -> tuple[Evidence, ...]:
        match = self._match(a.key, b.key)
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


def _text_credits(witness: Witness) -> list[Credit]:
    return [
        c
        for c in witness.credits
        if c.kind != "photo" and not witness.is_named(c.organisation) and c.organisation.kind != "unnamed"
    ]


def _basis_of(group: Sequence[Credit]) -> tuple[Basis, ...]:
    """Lines of the text are credits; fields beside it (byline, source properties) are metadata."""
    where: set[Basis] = {"metadata" if credit.paragraph is None else "credit" for credit in group}
    return tuple(sorted(where))


def _is_one_of_several(a: Witness, credited: Sequence[Credit]) -> bool:
    """Whether one of the credits stands in a line that names other agencies too: then little copy of each is to be expected."""
    agencies = {c.organisation.id for c in _text_credits(a) if c.kind == "mixed_source" and c.organisation.kind in _AGENCY_KINDS}
    return len(agencies) > 1 and any(c.kind == "mixed_source" for c in credited)


def _has_own_credit(a: Witness, b: Witness) -> bool:
    """Whether `a` credits an agency in words that do not stand in `b`: it went to the agency itself."""
    of_b = {credit.text for credit in b.credits}
    mine = [c for c in _text_credits(a) if c.organisation.kind in _AGENCY_KINDS and c.kind != "self_reference"]
    return bool(mine) and all(credit.text not in of_b for credit in mine)


def _surer(found: Origin) -> Origin:
    """The origin is right oftener than every hop on the way to it: a hop through the wrong carrier ends at the same source."""
    return (
        found if found.kind == "undetermined" else replace(found, confidence=round(1 - (1 - found.confidence) * _ORIGIN_DOUBT, 3))
    )


def _sure(found: Derivation) -> Derivation:
    """The label is right oftener than the link that it rests on: a wrong parent of the same copy gives the same label. Measured
    by the calibration figures of the quality bench.
    """
    return replace(found, confidence=round(1 - (1 - found.confidence) * _LABEL_DOUBT, 3))


def _label(own: float) -> DerivationLabel:
    return "wholly_derived" if own <= _OWN else "partially_derived"


def _descends(article: str, ancestor: str, links: Mapping[str, Sequence[Link]]) -> bool:
    """Whether copy flows from `ancestor` to `article` along the links."""
    seen: set[str] = set()
    stack = [article]
    while stack:
        here = stack.pop()
        for link in links.get(here, ()):
            if link.target == here and link.source not in seen:
                if link.source == ancestor:
                    return True
                seen.add(link.source)
                stack.append(link.source)
    return False


def _letters(name: str) -> str:
    letters = "".join(c for c in name.casefold() if c.isalnum())
    return letters.removeprefix("the")


def _credit_evidence(credit: Credit) -> Evidence:
    return Evidence(
        f"credit:{credit.kind}", credit.text[:_EXCERPT], credit.confidence, credit.paragraph, None, credit.start, credit.end
    )


def _time_evidence(a: Witness, b: Witness) -> tuple[Evidence, ...]:
    earlier, later = b.published_at or b.observed_at, a.published_at or a.observed_at
    if earlier > later:
        return ()
    minutes = int((later - earlier).total_seconds() // 60)
    return (Evidence("time", f"{minutes // 60} h {minutes % 60} min after the source, as claimed", 0.1),)


def _carry(group: Sequence[Credit]) -> Carry:
    carries = {credit.carry for credit in group}
    return "full" if "full" in carries and "partial" not in carries else "partial" if "partial" in carries else "unknown"


def _either(chances: Sequence[float]) -> float:
    """Chance that at least one of several independent witnesses is right, kept below certainty."""
    miss = 1.0
    for chance in chances:
        miss *= 1 - min(0.99, chance)
    return round(min(0.99, 1 - miss), 4)


def _link_id(source: str, target: str) -> str:
    return hashlib.blake2b(f"{source}>{target}".encode(), digest_size=10).hexdigest()


def _organisations(a: Witness, links: Sequence[Link], agency: tuple[Organisation, float] | None) -> tuple[Organisation, ...]:
    """Every organisation that the article's links name, for the nodes of the graph."""
    named = {ORGANISATION_NODE + c.organisation.id: c.organisation for c in a.credits}
    if agency is not None:
        named.setdefault(ORGANISATION_NODE + agency[0].id, agency[0])
    nodes = sorted({node for link in links for node in (link.source, link.target) if node.startswith(ORGANISATION_NODE)})
    return tuple(named[node] for node in nodes if node in named)
