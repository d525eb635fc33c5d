"""Who carried whose copy inside one report: links with evidence, origins and derivation labels.

Credit says who, text says how much, time is the weakest witness and never speaks alone. Organisations that were never ingested
are sources like any other. What the evidence does not decide stays undetermined, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.domain.branching import maximum_branching
from service.domain.certainty import Certainty
from service.domain.models import ORGANISATION_NODE, Basis, Credit, Derivation, Link, Organisation, Origin
from service.domain.provenance_evidence import (
    AGENCY_KINDS,
    BACKGROUND,
    ReportEvidence,
    Witness,
    carry_of,
    credit_evidence,
    is_one_of_several,
    link_id,
    text_credits,
    time_evidence,
)
from service.domain.provenance_sources import Candidate, SourceFinder
from service.domain.provenance_verdicts import Verdicts

_WHOLLY = 0.88
"""From this shared part on a link without a credit carries the whole article."""
_SECOND_SOURCE = 0.4
"""Least part of a body that an agency's article in another report must supply to be a source without any credit."""
_CREDITED_SECOND = 0.2
"""The same where a credit names the agency, unless the credit names several."""

_ITEM = 0.45
"""An item of a roundup stood in an outlet's article before, which may have it from where the roundup has it."""


@dataclass(frozen=True, slots=True)
class Traced:
    derivation: Derivation
    origin: Origin
    links: tuple[Link, ...]
    organisations: tuple[Organisation, ...]


class ReportTracer:
    """Solves one report; `certainty` brings what the rules claim to how often they are right."""

    def __init__(self, known: ReportEvidence, certainty: Certainty | None = None) -> None:
        self._certainty = certainty or Certainty()
        self._known = replace(known, witnesses=sorted(known.witnesses, key=lambda w: (w.order, w.key)))
        self._by_id = {w.id: w for w in known.witnesses}

    def trace(self) -> dict[str, Traced]:
        """By article id."""
        finder = SourceFinder(self._known)
        witnesses = self._known.witnesses
        candidates = {w.id: finder.candidates(w) for w in witnesses}
        chosen = self._consistent(candidates)
        links = {w.id: self._links(w, chosen[w.id]) for w in witnesses}
        agency = finder.agency[0] if finder.agency else None
        verdicts = Verdicts(self._known, links, agency, candidates)
        found: dict[str, Traced] = {}
        for w in witnesses:
            shown = tuple(map(self._certainty.of_link, (*links[w.id], *self._pictures(w, links[w.id]))))
            origin = self._certainty.of_origin(verdicts.origin(w))
            found[w.id] = Traced(verdicts.derivation(w), origin, shown, _organisations(w, shown, agency))
        return found

    # ---- one consistent history --------------------------------------------------------------------------------------

    def _consistent(self, candidates: dict[str, list[Candidate]]) -> dict[str, list[Candidate]]:
        """One source per article so that the whole history is the likeliest: a maximum-weight branching over the candidates."""
        of = {name: {row.source: row for row in reversed(rows)} for name, rows in candidates.items()}
        picked = maximum_branching({name: {source: row.score for source, row in rows.items()} for name, rows in of.items()})
        chosen: dict[str, list[Candidate]] = {}
        for name, rows in candidates.items():
            best = of[name].get(picked.get(name, ""))
            # A credit to several organisations of one rank is several sources, not a choice between them.
            chosen[name] = (
                [] if best is None else [best, *(row for row in rows if row is not best and self._is_equal_source(best, row))]
            )
        return chosen

    @staticmethod
    def _is_equal_source(best: Candidate, other: Candidate) -> bool:
        def is_mixed(row: Candidate) -> bool:
            return any(e.kind == "credit:mixed_source" for e in row.evidence)

        return is_mixed(best) and is_mixed(other) and other.source.startswith(ORGANISATION_NODE)

    # ---- results -----------------------------------------------------------------------------------------------------

    def _links(self, a: Witness, chosen: Sequence[Candidate]) -> tuple[Link, ...]:
        links = [self._link(a, candidate, is_main=rank == 0) for rank, candidate in enumerate(chosen)]
        suppliers = {self._by_id[link.source].outlet.id for link in links if link.source in self._by_id}
        parts = frozenset[str]() if suppliers else self._parts(a)
        for other, kin in () if a.is_agency else self._known.outside.get(a.id, ()):
            if other.outlet.id in suppliers:
                continue  # what else of the same supplier stands in it is context that the supplier reused
            credited = [c for c in text_credits(a) if other.is_named(c.organisation)]
            if other.id not in parts:
                if not credited and not (other.is_agency and kin.share >= _SECOND_SOURCE):
                    continue
                if kin.share < _CREDITED_SECOND and not is_one_of_several(a, credited):
                    continue
            node = ORGANISATION_NODE + (credited[0].organisation.id if credited else other.outlet.id)
            evidence = tuple(map(credit_evidence, credited)) + self._known.text_evidence(a, other)
            basis: tuple[Basis, ...] = ("credit", "text") if credited else ("text",)
            confidence = 0.9 if credited else 0.6
            if not credited and not other.is_agency:
                evidence, basis, confidence = evidence + time_evidence(a, other), ("text", "time"), _ITEM
            links = [link for link in links if link.source != node]
            links.append(
                Link(
                    link_id(other.id, a.id),
                    other.id,
                    a.id,
                    "carried",
                    "partial",
                    kin.share,
                    basis,
                    evidence,
                    confidence,
                )
            )
        links += self._upstream(a, links)
        return tuple(links)

    def _parts(self, a: Witness) -> frozenset[str]:
        """The sources (by id) of a roundup's items: what agencies wrote, and what others had before it did; none where they
        supply no more than background together. A roundup whose credits name others has its items from these.
        """
        named = text_credits(a)
        items = [
            other
            for other, _ in self._known.outside.get(a.id, ())
            if other.id in self._known.parts.get(a.id, ())
            and (any(other.is_named(c.organisation) for c in named) if named else other.is_agency or other.was_before(a))
        ]
        if not items or self._known.unexplained(a.key, frozenset(other.key for other in items)) >= 1 - BACKGROUND:
            return frozenset()
        return frozenset(other.id for other in items)

    def _link(self, a: Witness, candidate: Candidate, *, is_main: bool) -> Link:
        source = self._by_id.get(candidate.source)
        share = self._known.kinship(a.key, source.key).share if source else self._known.carried(a) if is_main else 0.0
        carry = candidate.carry
        if carry == "unknown" and source is not None:
            carry = "full" if share >= _WHOLLY else "partial"
        return Link(
            link_id(candidate.source, a.id),
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
        agencies = {ORGANISATION_NODE + c.organisation.id for c in a.credits if c.organisation.kind in AGENCY_KINDS}
        direct = [link for link in links if link.source.startswith(ORGANISATION_NODE) and link.target == a.id]
        hop = next((link for link in direct if link.source not in agencies), None)
        if hop is None:
            return []
        named: dict[str, list[Credit]] = defaultdict(list)
        for credit in text_credits(a):
            node = ORGANISATION_NODE + credit.organisation.id
            if credit.organisation.kind in AGENCY_KINDS and all(link.source != node for link in links):
                named[node].append(credit)
        return [
            Link(
                link_id(node, hop.source),
                node,
                hop.source,
                "carried",
                carry_of(group),
                0.0,
                ("credit",),
                tuple(map(credit_evidence, group)),
                round(0.85 * max(credit.confidence for credit in group), 3),
            )
            for node, group in named.items()
        ]

    def _pictures(self, a: Witness, links: Sequence[Link]) -> list[Link]:
        """Suppliers of pictures alone. A picture says nothing of where the words come from: these links carry no text."""
        suppliers = {link.source for link in links}
        writers = [self._by_id[name] for name in suppliers if name in self._by_id]
        found: dict[str, Link] = {}
        for credit in a.credits:
            organisation, node = credit.organisation, ORGANISATION_NODE + credit.organisation.id
            if credit.kind != "photo" or organisation.kind == "unnamed" or node in suppliers:
                continue
            if any(w.is_named(organisation) for w in (a, *writers)):
                continue
            name = link_id(f"photo:{node}", a.id)
            evidence = (credit_evidence(credit),)
            link = Link(name, node, a.id, "photo", "partial", 0.0, ("credit",), evidence, round(credit.confidence, 3))
            if node not in found or found[node].confidence < link.confidence:
                found[node] = link
        return list(found.values())


def _organisations(a: Witness, links: Sequence[Link], agency: Organisation | None) -> tuple[Organisation, ...]:
    """Every organisation that the article's links name, for the nodes of the graph."""
    named = {ORGANISATION_NODE + c.organisation.id: c.organisation for c in a.credits}
    named.setdefault(ORGANISATION_NODE + a.outlet.id, a.outlet)
    if agency is not None:
        named.setdefault(ORGANISATION_NODE + agency.id, agency)
    nodes = sorted({node for link in links for node in (link.source, link.target) if node.startswith(ORGANISATION_NODE)})
    return tuple(named[node] for node in nodes if node in named)
