"""What the links of a report say of each article: how much of it is derived, and where its copy began.

Owns the labels, origins and their confidences. Never looks for links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from service.domain.models import ORGANISATION_NODE, Basis, Derivation, DerivationLabel, Link, Organisation, Origin
from service.domain.provenance_evidence import AGENCY_KINDS, BACKGROUND, ReportEvidence, Witness, text_credits
from service.domain.provenance_sources import Candidate

_OWN = 0.035
"""Up to this part of the body in passages of its own an article has nothing of substance of its own."""
_SEVERAL_CARRIERS = 4
"""So many carriers of a source that was never ingested show together what it held."""
_MOST_BACKGROUND = 0.5
"""Up to this part of a body, what stands in several earlier articles together is background of theirs."""
_LABEL_DOUBT = 0.5
_ORIGIN_DOUBT = 0.4

Links = Mapping[str, Sequence[Link]]
"""By the id of the article that they explain."""


class Verdicts:
    """Over one solved report. `agency` is the agency that its articles have in common, if any; `considered` is all that could
    have been the source of an article (by id).
    """

    def __init__(
        self,
        known: ReportEvidence,
        links: Links,
        agency: Organisation | None,
        considered: Mapping[str, Sequence[Candidate]],
    ) -> None:
        self._known = known
        self._links = links
        self._considered = considered
        self._agency = agency
        self._by_id = {w.id: w for w in known.witnesses}

    def _all_witnesses(self) -> list[Witness]:
        outside = self._known.outside.values()
        return [*self._known.witnesses, *(other for rows in outside for other, _ in rows)]

    def derivation(self, a: Witness) -> Derivation:
        return _sure(self._derivation(a))

    def origin(self, a: Witness) -> Origin:
        """Walks up the best links to where the trail ends."""
        return _surer(self._origin(a))

    def _derivation(self, a: Witness) -> Derivation:
        direct = [link for link in self._links[a.id] if link.target == a.id]
        if a.is_agency and not any(link.relation != "revision" for link in direct):
            return Derivation("independent", 0.0, 0.9)
        foreign = self._from_others(a)
        sources = {link.source: self._share(a, link) for link in foreign if not link.source.startswith(ORGANISATION_NODE)}
        confidence = max((link.confidence for link in foreign), default=0.0)
        if any(link not in foreign for link in direct):
            # An update may have more of an agency than the version before had, which its link to that version does not say.
            for candidate in self._considered.get(a.id, ()):
                source = self._by_id.get(candidate.source)
                if source is not None and source.is_agency:
                    sources.setdefault(source.id, self._known.kinship(a.key, source.key).share)
                    confidence = max(confidence, candidate.confidence)
        if sources:
            own = self._known.unexplained(a.key, frozenset(w.key for w in self._all_witnesses() if w.id in sources))
            # Two sources may hold the same quotation, so that their shares add up to more than was carried.
            is_linked = any(link in direct for link in foreign)
            return _derived(own, min(1 - own, sum(sources.values())), confidence, is_linked=is_linked)
        if not foreign:
            is_open = bool(text_credits(a)) or self._could_be_copied(a)
            return Derivation("undetermined", 0.0, 0.5) if is_open else Derivation("independent", 0.0, 0.6)
        if not any(link in direct for link in foreign):
            return self._update(a, direct)
        # The source itself was never seen: its other carriers show part of it, the credit says the rest.
        others = frozenset(b.key for b in self._known.witnesses if b.id != a.id and not _descends(b.id, a.id, self._links))
        seen, own = self._known.carried(a), self._known.unexplained(a.key, others)
        carries = {link.carry for link in foreign}
        if len(others) < _SEVERAL_CARRIERS and "full" in carries and own > _OWN:
            return Derivation("wholly_derived", round(max(seen, 0.9), 4), round(0.8 * confidence, 3))
        if len(others) < _SEVERAL_CARRIERS and seen < BACKGROUND and "partial" not in carries:
            return Derivation("undetermined", round(seen, 4), round(0.5 * confidence, 3))
        return Derivation(_label(own), round(1 - own, 4), round(0.9 * confidence, 3))

    def _update(self, a: Witness, direct: Sequence[Link]) -> Derivation:
        """Of an update of articles that its own outlet had from a source that was never seen: as much as stands in these is as
        derived as they are.
        """
        # These have links to others themselves, so that their derivation asks for no further version.
        before = [v for v in self._versions(a) if any(self._is_foreign(v, link) for link in self._links[v.id])]
        kept = max(before, key=lambda b: (self._known.kinship(a.key, b.key).share, b.key))
        found = self._derivation(kept)
        own = self._known.unexplained(a.key, frozenset((kept.key,)))
        confidence = found.confidence * max(link.confidence for link in direct)
        if found.label == "undetermined" and 1 - own > BACKGROUND:
            return Derivation("undetermined", round((1 - own) * found.share, 4), round(confidence, 3))
        if found.label == "partially_derived":
            own = 1 - (1 - own) * found.share
        return _derived(own, (1 - own) * min(1.0, found.share), confidence, is_linked=False)

    def _from_others(self, a: Witness) -> list[Link]:
        """The links by which copy of others came into an article: into itself, or into earlier versions by its own outlet. What
        it has of these is as much its outlet's own as it was there.
        """
        return [link for v in self._versions(a) for link in self._links.get(v.id, ()) if self._is_foreign(v, link)]

    def _versions(self, a: Witness) -> list[Witness]:
        """The article and those above it, link by link, that its own outlet had before; there may be very many."""
        found, seen = [a], {a.id}
        for here in found:
            for link in self._links.get(here.id, ()):
                source = self._by_id.get(link.source)
                if link.target == here.id and source is not None and source.id not in seen and a.is_of_outlet_of(source):
                    seen.add(source.id)
                    found.append(source)
        return found

    def _is_foreign(self, a: Witness, link: Link) -> bool:
        if link.target != a.id:
            return False
        source = self._by_id.get(link.source)
        is_own = a.is_of_outlet_of(source) if source else a.has_outlet and link.source == ORGANISATION_NODE + a.outlet.id
        return not is_own

    def _share(self, a: Witness, link: Link) -> float:
        """How much of an article stands in the source of a link that may be one of its earlier versions'."""
        if link.target == a.id:
            return link.share
        return next((self._known.kinship(a.key, w.key).share for w in self._all_witnesses() if w.id == link.source), 0.0)

    def _is_own_work(self, a: Witness, b: Witness) -> bool:
        """Whether `b` is of the same outlet and, as far as is known, nobody else's copy."""
        return a.is_of_outlet_of(b) and not text_credits(b) and not self._from_others(b)

    def _could_be_copied(self, a: Witness) -> bool:
        """Whether an article that names no source shares more than background with an earlier one, of its report where that
        names none either, or of another report: too little for a link, too much to be called independent. What its own outlet
        had before that one does not count.
        """
        before = [b for b in self._known.witnesses if b.order < a.order and self._is_own_work(a, b)]
        shares = [(b, self._known.kinship(a.key, b.key).share) for b in self._known.witnesses if not text_credits(b)]
        shares += [(b, kin.share) for b, kin in self._known.outside.get(a.id, ())]
        together = {b: share for b, share in shares if b.order < a.order and share and not self._is_own_work(a, b)}
        for b, share in together.items():
            if share <= BACKGROUND:
                continue
            versions = frozenset(v.key for v in before if v.order < b.order)
            if not versions or self._added(a, versions, frozenset((b.key,))) > BACKGROUND:
                return True
        # Little of each of many is no background any more. Whole quotations are explained by whoever has them, but no share.
        if sum(together.values()) <= _MOST_BACKGROUND:
            return False
        return self._added(a, frozenset(v.key for v in before), frozenset(b.key for b in together)) > _MOST_BACKGROUND

    def _added(self, a: Witness, own: frozenset[str], others: frozenset[str]) -> float:
        """Part of an article that stands in the others (keys) and not in its outlet's own."""
        return self._known.unexplained(a.key, own) - self._known.unexplained(a.key, own | others)

    def _origin(self, a: Witness) -> Origin:
        items = [link for link in self._links.get(a.id, ()) if link.source in self._known.parts.get(a.id, ())]
        if len(items) > 1:
            return self._origin_of_items(items)
        here, confidence, basis = a, 1.0, set[Basis]()
        seen = {a.id}
        while True:
            own = ORGANISATION_NODE + here.outlet.id  # an earlier version of its own that was never seen is the same origin
            direct = [link for link in self._links.get(here.id, ()) if link.target == here.id and link.source != own]
            if not direct:
                return self._root(a, here, confidence, basis)
            best = max(direct, key=lambda link: (link.confidence, link.source))
            confidence *= best.confidence
            basis |= set(best.basis)
            if best.source.startswith(ORGANISATION_NODE):
                above = [link for link in self._links[here.id] if link.target == best.source]
                top = max(above, key=lambda link: (link.confidence, link.source), default=None)
                if top is not None:
                    confidence *= top.confidence
                return self._named((top or best).source, confidence, basis)
            if best.source in seen or best.source not in self._by_id:
                return Origin("article", round(confidence, 3), article_id=best.source, basis=tuple(sorted(basis)))
            here = self._by_id[best.source]
            seen.add(here.id)

    def _origin_of_items(self, items: Sequence[Link]) -> Origin:
        """Of a roundup: whose its items are, where they are all of one agency."""
        sources = {link.source for link in items}
        owners = {w.outlet.id: w.outlet for w in self._all_witnesses() if w.id in sources}
        basis: tuple[Basis, ...] = tuple(sorted({one for link in items for one in link.basis}))
        if len(owners) == 1 and (owner := next(iter(owners.values()))).kind in AGENCY_KINDS:
            confidence = max(link.confidence for link in items)
            return Origin("organisation", round(confidence, 3), organisation=owner, basis=basis)
        return Origin("undetermined", 0.0, reason="several_sources", basis=basis)

    def _root(self, a: Witness, here: Witness, confidence: float, basis: set[Basis]) -> Origin:
        if here.is_agency:
            names: tuple[Basis, ...] = tuple(sorted(basis)) or ("metadata",)
            return Origin("article", round(confidence * 0.98, 3), article_id=here.id, organisation=here.outlet, basis=names)
        if here.id == a.id:
            reason = "unnamed_source_credited" if text_credits(a) else "no_credit_and_no_earlier_copy"
            return Origin("undetermined", 0.0, reason=reason)
        return Origin("undetermined", 0.0, reason="earliest_known_article_names_no_source", basis=tuple(sorted(basis)))

    def _named(self, node: str, confidence: float, basis: set[Basis]) -> Origin:
        for witness in self._known.witnesses:
            for credit in witness.credits:
                if ORGANISATION_NODE + credit.organisation.id == node:
                    return Origin(
                        "organisation", round(confidence, 3), organisation=credit.organisation, basis=tuple(sorted(basis))
                    )
        assert self._agency is not None, f"{node} is named by no credit"
        return Origin("organisation", round(confidence, 3), organisation=self._agency, basis=tuple(sorted(basis)))


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


def _derived(own: float, share: float, confidence: float, *, is_linked: bool) -> Derivation:
    """Of an article of which `own` is its own. What came through earlier versions alone may have shrunk to background."""
    is_rest = not is_linked and share <= BACKGROUND
    label: DerivationLabel = "independent" if is_rest else _label(own)
    return Derivation(label, round(share, 4), round(confidence, 3))


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
