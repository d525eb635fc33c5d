"""Whether an article is likely wire copy by byline, headline and URL alone, before anybody reads its text.

Owns the weak evidence that names nobody (sections, forms of headline) and its weights. Never makes a credit: a hint only
raises or lowers confidence, and a personal name alone says nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.domain.credit_page import Page
from service.domain.credit_patterns import CALL_SIGN, fold
from service.domain.credit_signatures import read_authors
from service.domain.models import Organisation
from service.domain.registry import Registry, name_key

USUAL_SHARE = 0.2
"""Part of an outlet's pages that is wire copy where nothing is known: one in five of sampled local news items."""
FLAGGED_SHARE = 0.95
"""The same among pages that another detector has flagged as wire: the precision that such detectors publish."""

_LONGEST = 400
# Weights are log-odds: +1 makes wire 2.7 times as likely, -1 as much less.
_NAMED_IN_BYLINE = 6.0
_NAMED_IN_URL = 3.0
_NAMED_IN_HEADLINE = 3.5
_WIRE_SECTION = 2.0
_FAR_SECTION = 1.0
_FAR_WORD = 0.5
_LOCAL_SECTION = -1.5
_LOCAL_FORM = -4.5
_COLUMNIST = -3.5
_LOCAL_WORD = -1.5
_ACCOUNT_NAME = -3.6
_OWN_CALL_SIGN = -4.0
_OWN_NAME = -1.0
_NO_SECTION = -1.0
_WORDS_THAT_COUNT = 3

_SEPARATOR = re.compile(r"[,;|]| - |- | {2}| and | via | for |\n")
_SECTIONS = {
    "wire": _WIRE_SECTION, "wires": _WIRE_SECTION, "wire-news": _WIRE_SECTION, "newswire": _WIRE_SECTION,
    "syndicated": _WIRE_SECTION,
    "nation-world": _FAR_SECTION, "nation": _FAR_SECTION, "national": _FAR_SECTION, "world": _FAR_SECTION, "us": _FAR_SECTION,
    "us-world": _FAR_SECTION, "international": _FAR_SECTION, "national_business": _FAR_SECTION, "national_sports": _FAR_SECTION,
    "local": _LOCAL_SECTION, "local-news": _LOCAL_SECTION, "community": _LOCAL_SECTION, "obituaries": 2 * _LOCAL_SECTION,
    "obituary": 2 * _LOCAL_SECTION, "letters": 2 * _LOCAL_SECTION, "letters-to-the-editor": 2 * _LOCAL_SECTION,
    "events": _LOCAL_SECTION, "calendar": 2 * _LOCAL_SECTION, "columns": _LOCAL_SECTION, "columnists": _LOCAL_SECTION,
    "public-notices": 2 * _LOCAL_SECTION, "schools": _LOCAL_SECTION, "prep-sports": _LOCAL_SECTION,
    "high-school": _LOCAL_SECTION, "high-school-sports": _LOCAL_SECTION,
}  # fmt: skip
_DESKS = frozenset(["hosts", "staff", "staffs", "news", "newsroom", "editor", "editors", "webmaster", "desk"])
_LOCAL_HEADLINE = re.compile(
    r"\A(?:\W{0,3}(?:community calendar|calendar of|events? calendar|letters? to the editor|letter:|our (?:opinion|view)"
    r"|editorial:|guest (?:column|commentary)|my (?:view|turn):"
    r"|days gone by|from (?:the|our) (?:pages|files|archives?)|looking back"
    r"|years ago|today in history:|obituar|death notices?|police (?:blotter|log|beat|reports?:)|crime (?:log|blotter)|arrest"
    r" (?:log|report)|court (?:docket|records)|marriage licen[sc]es|property transfers|births?:|school (?:menus?|lunch)"
    r"|honor roll|pets? of the week|athletes? of the week|students? of the (?:week|month)|public notices?|legal notices?"
    r"|blood drives?|church (?:news|notes)|senior (?:menu|center)|sports? (?:schedule|calendar)|prep roundup"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day (?:through|to|-) )"
    r"|.{0,60}\b(?:health|restaurant|food) inspections?\b)",
    re.IGNORECASE,
)
_COLUMNIST_LEAD = re.compile(r"(?P<name>(?:[A-Z][a-z'.-]{1,15} ){1,2}(?:and [A-Z][a-z]{1,15} )?[A-Z][a-z'-]{1,15}): \S")
_NOT_COLUMNISTS = """
analysis exclusive review recap live latest update updates fact report preview takeaways digest in on dear new the photos video
music puzzle monday tuesday wednesday thursday friday saturday sunday breaking watch
"""
_NO_COLUMNIST = frozenset(_NOT_COLUMNISTS.split())
_LOCAL_WORDS = re.compile(
    r"\b(?:rotary|lions club|kiwanis|elks lodge|4-H|school (?:board|district)|city (?:council|hall)|county|councilm[ae]n"
    r"|alderm[ae]n|mayors?|township|sheriff|local|area|downtown|homecoming|parade|fundraiser|volunteers?"
    r"|adoption event|food pantr(?:y|ies)|library|historical society|genealogy|farmers'? market|veterans'? (?:home|hall)"
    r"|community|residents?|ribbon[- ]cutting|wreck|pedestrian|intersection|street|avenue|sidewalks?"
    r"|ballot question|zoning|sewer|water main|varsity|band concert|theatre|nonprofits?)\b"
    r"|\bI-\d{1,3}\b|\bM?DOT\b|\bMoDOT\b",
    re.IGNORECASE,
)
_FAR_WORDS = re.compile(
    r"\b(?:White House|Supreme Court|Congress|Senate|Pentagon|Kremlin|United Nations|U\.?N\.?|NATO|EU|Wall Street|Federal"
    r" Reserve|Trump|Biden|Putin|Xi|Zelenskyy?|Netanyahu|Gaza|Israeli?|Ukrain(?:e|ian)|Russian?|China|Chinese|Iran(?:ian)?"
    r"|India|Japan|Korea|Europe(?:an)?|Africa|NFL|NBA|MLB|NHL|World Series|Champions League|AP Top 25|Hollywood|Nobel)\b"
)
_AGENCY_HEADLINE = re.compile(
    r"\((?P<bracket>[A-Z][A-Za-z ]{1,24})\)\s{0,2}$|\s[-|]\s{1,2}(?P<suffix>[A-Z][A-Za-z. ]{1,24})$"
    r"|^(?P<lead>AP|AFP|UPI|Reuters)\b|\b(?P<source>AP|AFP|Reuters) (?:sources?|report|says|poll|interview|exclusive|analysis)\b"
)


@dataclass(frozen=True, slots=True)
class WireHint:
    """What the fields suggest.

    `confidence` (0 to 1) is the estimated chance that `is_wire` is right; `organisation` is whom the fields name, if anybody;
    `reasons` say which evidence counted, strongest first.
    """

    is_wire: bool
    organisation: Organisation | None
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sign:
    weight: float
    reason: str
    organisation: Organisation | None = None


def wire_hint(
    byline: str | Sequence[str],
    headline: str,
    url: str,
    outlet_site: str,
    outlet_name: str,
    registry: Registry,
    *,
    prior: float = USUAL_SHARE,
) -> WireHint:
    """Weighs byline (names, one line of them, or a JSON list), headline and URL; any of them may be empty.

    `prior` is the share of wire among the pages asked about (0 to 1, exclusive): `FLAGGED_SHARE` to check another detector.
    """
    signs = [*_byline_signs(_names(byline), outlet_site, outlet_name, registry)]
    signs += _headline_signs(fold(headline[:_LONGEST]).strip(), outlet_site, outlet_name, registry)
    signs += _url_signs(url[: 2 * _LONGEST], outlet_site, outlet_name, registry)
    score = math.log(prior / (1 - prior)) + sum(s.weight for s in signs)
    chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
    ordered = sorted(signs, key=lambda s: -abs(s.weight))
    named = next((s.organisation for s in ordered if s.organisation is not None), None)
    is_wire = chance >= 0.5
    return WireHint(is_wire, named, round(chance if is_wire else 1 - chance, 3), tuple(s.reason for s in ordered))


def _names(byline: str | Sequence[str]) -> list[str]:
    if not isinstance(byline, str):
        return [name[:_LONGEST] for name in byline][:20]
    text = byline.strip()
    if text.startswith("["):
        try:
            listed = json.loads(text[: 4 * _LONGEST])
        except ValueError:
            listed = None
        if isinstance(listed, list):
            return [str(name)[:_LONGEST] for name in listed][:20]
    return [text[:_LONGEST]] if text else []


def _byline_signs(names: Sequence[str], site: str, outlet: str, registry: Registry) -> Iterator[_Sign]:
    page = Page((), registry)
    pieces = [piece.strip() for name in names for piece in _SEPARATOR.split(name)]
    found = [o for _, o, kind, _, _ in read_authors(page, [*names, *pieces]) if kind != "photo"]
    named = next((o for o in found if not registry.is_same(o, site, outlet)), None)
    if named is not None:
        yield _Sign(_NAMED_IN_BYLINE, f"byline names {named.name}", named)
        return
    if any(CALL_SIGN.fullmatch(p) for p in pieces if p):
        yield _Sign(_OWN_CALL_SIGN, "byline is a station's call sign")
    elif len(names) == 1 and _is_account(names[0]) and registry.by_title(names[0]) is None:
        # Writers sign with two names; one alone is the account of whoever put the page into the publishing system.
        yield _Sign(_ACCOUNT_NAME, f"byline is one bare name: {names[0]}")


def _is_account(name: str) -> bool:
    return name.isalpha() and name.istitle() and name.casefold() not in _DESKS


def _headline_signs(headline: str, site: str, outlet: str, registry: Registry) -> Iterator[_Sign]:
    agency = _AGENCY_HEADLINE.search(headline)
    if agency:
        found = registry.by_alias(agency.group(agency.lastgroup or 0))
        if found is not None and registry.is_same(found, site, outlet):
            yield _Sign(_OWN_NAME, "headline ends in the outlet's own name")
        elif found is not None and found.kind != "outlet":
            yield _Sign(_NAMED_IN_HEADLINE, f"headline names {found.name}", found)
        elif agency.group("suffix") and outlet and name_key(agency.group("suffix")) in name_key(outlet):
            yield _Sign(_OWN_NAME, "headline ends in the outlet's own name")
    if _LOCAL_HEADLINE.match(headline):
        yield _Sign(_LOCAL_FORM, "headline has the form of a local notice or column")
    columnist = _COLUMNIST_LEAD.match(headline)
    if columnist and not any(w in _NO_COLUMNIST for w in columnist.group("name").casefold().split()):
        yield _Sign(_COLUMNIST, f"headline opens with a columnist's name: {columnist.group('name')}")
    yield from _counted(_LOCAL_WORDS, headline, _LOCAL_WORD, "headline speaks of local matters")
    yield from _counted(_FAR_WORDS, headline, _FAR_WORD, "headline speaks of national or foreign matters")


def _counted(words: re.Pattern[str], headline: str, weight: float, reason: str) -> Iterator[_Sign]:
    seen = {m.group().casefold() for m in words.finditer(headline)}
    if seen:
        yield _Sign(weight * min(len(seen), _WORDS_THAT_COUNT), f"{reason}: {', '.join(sorted(seen)[:_WORDS_THAT_COUNT])}")


def _url_signs(url: str, site: str, outlet: str, registry: Registry) -> Iterator[_Sign]:
    try:
        path = urlsplit(url).path
    except ValueError:
        return
    parts = [part.casefold() for part in path.split("/") if part][:12]
    if len(parts) == 1 and parts[0].count("-") >= 2:
        # Feeds of agencies are published into sections; a page at the root was put there by hand.
        yield _Sign(_NO_SECTION, "URL has no section")
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        weight = 0.0 if last else _SECTIONS.get(part, 0.0)
        if weight:
            yield _Sign(weight, f"URL section /{part}/")
            continue
        # A name is a section of its own or opens the last part: /ap/, /stacker/, /ap-business-summary.
        name = part.partition("-")[0] if last else part
        if last and name == part:
            continue
        found = registry.by_alias(name.upper()) if len(name) <= 4 else registry.by_alias(name.replace("-", " "))
        if found is None or found.kind not in ("agency", "distributor", "network", "press_release"):
            continue
        if not registry.is_same(found, site, outlet):
            yield _Sign(_NAMED_IN_URL, f"URL names {found.name}: {part[:40]}", found)
