"""Metadata fields that name a source of the copy, turned into credits. What a page's text says is read in credits.py.

A field says who, never how much: only fields that mean "this is theirs" carry in full, and the article's own outlet is no credit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.models import Carry, ClaimedSource, Credit, CreditKind, Organisation
from service.domain.registry import Registry
from service.domain.urls import UrlError, site_of


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a role says. `any_name`: whether a name that nobody registered counts, because the field holds nothing but sources."""

    kind: CreditKind
    carry: Carry
    confidence: float
    any_name: bool = False


_MEANINGS = {
    "sourceOrganization": _Meaning("source_line", "full", 0.8, any_name=True),
    "originator": _Meaning("source_line", "full", 0.85, any_name=True),
    "distributor": _Meaning("source_line", "unknown", 0.7, any_name=True),
    "aggregator": _Meaning("source_line", "unknown", 0.6, any_name=True),
    "infoSource": _Meaning("source_line", "unknown", 0.6, any_name=True),
    "creditText": _Meaning("source_line", "full", 0.7),
    "source": _Meaning("byline", "full", 0.8),
    "publisher": _Meaning("source_line", "full", 0.6),
    "copyrightHolder": _Meaning("copyright", "full", 0.6),
    "provider": _Meaning("source_line", "unknown", 0.5),
    "canonical": _Meaning("republication", "full", 0.85),
    # Search engines gave both up; absence says nothing, presence a little.
    "syndication-source": _Meaning("republication", "full", 0.6),
    "original-source": _Meaning("republication", "unknown", 0.4),
    "isBasedOn": _Meaning("republication", "unknown", 0.5),
    "source-url": _Meaning("source_line", "unknown", 0.6),
    "translationOfWork": _Meaning("translation", "full", 0.7),
}
_PICTURE = re.compile(
    r"\b(?:photo|photos|photograph|photographer|picture|image|images|foto|fotos|bild|getty|shutterstock|istock)\b", re.IGNORECASE
)
_EXCERPT_CHARACTERS = 220


def metadata_credits(
    claims: Sequence[ClaimedSource], *, registry: Registry, outlet_site: str, outlet_name: str, read: Sequence[Credit] = ()
) -> tuple[Credit, ...]:
    """One credit for each organisation that a claim names, `field` as in the claim, offsets within the claim's value.

    `read` are the credits of the text: where it says that an organisation carries only a part, a field does not overrule it.
    """
    partial = {credit.organisation.id for credit in read if credit.carry == "partial"}
    found: dict[tuple[str, str], Credit] = {}
    for claim in claims:
        meaning = _MEANINGS.get(claim.role)
        if meaning is None or not claim.name.strip():
            continue
        places = _named(claim.name[:_EXCERPT_CHARACTERS], meaning, registry)
        is_picture = bool(_PICTURE.search(claim.name)) or any(registry.supplies_pictures_only(place[0]) for place in places)
        for organisation, start, end in places:
            if registry.is_same(organisation, outlet_site, outlet_name):
                continue
            kind: CreditKind = "photo" if is_picture else meaning.kind
            carry: Carry = "unknown" if is_picture or organisation.id in partial else meaning.carry
            credit = Credit(
                organisation, kind, carry, claim.name[start:end], start, end, None, meaning.confidence, f"metadata.{claim.field}"
            )
            found.setdefault((organisation.id, credit.field), credit)
    return tuple(found.values())


def _named(value: str, meaning: _Meaning, registry: Registry) -> list[tuple[Organisation, int, int]]:
    """The organisations of a field's value with the place of each name."""
    start = len(value) - len(value.lstrip())
    end = start + len(value.strip())
    trimmed = value[start:end]
    if trimmed.lower().startswith(("http://", "https://")):
        try:
            return [(registry.outlet(site_of(trimmed), ""), start, end)]
        except UrlError:
            return []
    whole = registry.by_title(trimmed)
    if whole is not None:
        return [(whole, start, end)]
    # A field is no prose: a name in it is a credit, also one too ambiguous to count in a sentence.
    mentions = [
        (mention.organisation, mention.start, mention.end)
        for mention in registry.mentions(value, limit=8)
        if _is_part(value, mention.start, mention.end)
    ]
    if mentions:
        return mentions
    return [(registry.resolve(trimmed), start, end)] if meaning.any_name and any(c.isalpha() for c in trimmed) else []


def _is_part(value: str, start: int, end: int) -> bool:
    """Whether a name stands between separators, so that `Thomson Reuters Foundation` is not read as Reuters."""
    before = re.search(r"(?:^|[/,;|&+(]|\b(?:and|via|by|with|for|the|und|et|y)\b)\s*$", value[:start], re.IGNORECASE)
    after = re.match(r"\s{0,9}(?:$|[/,;|&+).]|\b(?:and|via|und|et|y)\b)", value[end:], re.IGNORECASE)
    return before is not None and after is not None
