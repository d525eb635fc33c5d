"""Credits in brackets and slashes: datelines, sign-offs, mixed credits, disclaimers, desk footers.

Owns what a bracket means by what stands inside and around it. Never looks at metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.credit_page import Finding, Page, looks_like_outlet, split_names
from service.domain.credit_patterns import (
    BRACKET,
    CALL_SIGN,
    CONTRIBUTING_LIST,
    DASH_AFTER,
    DATE_BEFORE,
    DATED_WIRE,
    DESK_TOKEN,
    INITIALS,
    MIXED,
    NAMED_INPUTS,
    NOT_A_SOURCE,
    PICTURE_WORD,
    PLACE_JOINERS,
    SENTENCE_END,
    SOURCE_LABEL,
    STAFF_MIXED,
    UNNAMED_SUPPLIERS,
    VIA_AGGREGATOR,
)
from service.domain.models import CreditKind, Organisation
from service.domain.registry import slug

LONGEST_ROUND = 100
LONGEST_SQUARE = 40
_BETWEEN_SENTENCES = re.compile(r"[.!?\"']\s{1,2}(?:[a-z]{1,3}(?:[/,][a-z]{1,3}){1,5} )?$")
_AFTER_PLACE = re.compile(r"\s{0,3}[\"'A-Z\u00c0-\u00de0-9$]")


def find_in_brackets(page: Page, paragraph: int) -> Iterator[Finding]:
    """Everything that the brackets of a paragraph say."""
    for offset, text in page.windows(paragraph):
        if "(" not in text and "[" not in text:
            continue
        for count, bracket in enumerate(BRACKET.finditer(text)):
            if count > 200:
                break
            if not bracket.group("close") and offset + bracket.end() < len(page.texts[paragraph]):
                continue
            yield from _read_bracket(page, paragraph, offset, text, bracket)


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A bracket with its surroundings: the line before it and what follows, `start`..`end` in the paragraph."""

    page: Page
    paragraph: int
    start: int
    end: int
    inner: str
    is_round: bool
    before: str
    after: str

    @property
    def ends_line(self) -> bool:
        return not self.after.split("\n", 1)[0].strip(" .)") and not self.after.lstrip(" .").startswith("-")

    @property
    def in_tail(self) -> bool:
        return self.page.is_tail(self.paragraph, self.end)

    def found(self, organisation: Organisation, kind: CreditKind, confidence: float, lead: int = 0) -> Finding:
        return Finding(organisation, kind, self.paragraph, self.start - lead, self.end, confidence)


def _read_bracket(page: Page, paragraph: int, offset: int, text: str, match: re.Match[str]) -> list[Finding]:
    inner = match.group("inner").strip()
    is_round = match.group().startswith("(")
    if len(inner) > (LONGEST_ROUND if is_round else LONGEST_SQUARE):
        return []
    start, end = match.span()
    before = text[max(0, start - 90) : start].rpartition("\n")[2]
    bracket = _Bracket(page, paragraph, offset + start, offset + end, inner, is_round, before, text[end : end + 40])
    organisations, rest = split_names(page.registry, inner)
    is_call_sign = is_round and not organisations and CALL_SIGN.fullmatch(inner) is not None
    dateline = _dateline(bracket, organisations, rest, is_call_sign=is_call_sign)
    if dateline or is_call_sign:
        return dateline
    dated = DATED_WIRE.fullmatch(inner)
    wire = page.registry.by_title(dated.group("name")) if dated else None
    if wire is not None and wire.kind == "press_release" and page.is_head(paragraph, bracket.start):
        return [bracket.found(wire, "press_release", 0.9)]
    via = VIA_AGGREGATOR.fullmatch(inner)
    hop = page.registry.by_alias(via.group("hop")) if via else None
    if via and hop is not None and hop.kind == "aggregator":
        return [bracket.found(o, "via", 0.85) for o in (page.registry.resolve(via.group("name").strip()), hop)]
    if organisations and not rest:
        return _names(bracket, organisations)
    if organisations and all(DESK_TOKEN.fullmatch(r) for r in rest) and bracket.ends_line and bracket.in_tail:
        return [bracket.found(o, "mixed_source", 0.85) for o in organisations]
    return _worded(bracket)


def _dateline(bracket: _Bracket, organisations: list[Organisation], rest: list[str], *, is_call_sign: bool) -> list[Finding]:
    """The bracket as the end of a dateline: one agency, or a station's call sign."""
    joined_to_place = len(organisations) == 1 and bool(rest) and _is_city_pair(bracket.inner, rest)
    one_name = bracket.is_round and len(organisations) == 1 and not rest
    if not (is_call_sign or one_name or joined_to_place):
        return []
    place = _dateline_start(bracket)
    agency = Organisation(slug(bracket.inner), bracket.inner, "station") if is_call_sign else organisations[0]
    if place < 0 or bracket.page.registry.supplies_pictures_only(agency):
        return []
    kind: CreditKind = "press_release" if agency.kind == "press_release" else "dateline"
    return [bracket.found(agency, kind, 0.95, len(bracket.before) - place)]


def _names(bracket: _Bracket, organisations: list[Organisation]) -> list[Finding]:
    """Nothing but names: a byline alone at the head, a sign-off at the tail, several of them a mixed credit."""
    page, before, after = bracket.page, bracket.before, bracket.after
    lead = before.strip(" -*")
    alone = (not lead or INITIALS.fullmatch(lead) is not None) and bracket.ends_line
    closes = bracket.ends_line and (SENTENCE_END.search(before) is not None or alone)
    several = len(organisations) > 1
    stands_between = several and _BETWEEN_SENTENCES.search(before) is not None and after[:1] == " " and after[1:2].isupper()
    if not (closes or stands_between) or any(page.registry.supplies_pictures_only(o) for o in organisations):
        return []
    if several:
        return [bracket.found(o, "mixed_source", 0.9) for o in organisations] if bracket.in_tail or alone else []
    is_head = page.is_head(bracket.paragraph, bracket.start) and not page.is_tail(bracket.paragraph, bracket.end, 200)
    if alone and is_head:
        return [bracket.found(organisations[0], "byline", 0.85)]
    return [bracket.found(organisations[0], "signoff", 0.9)] if bracket.in_tail else []


def _worded(bracket: _Bracket) -> list[Finding]:
    """A bracket that says more than names: `with inputs from`, `via`, `Source:`."""
    registry = bracket.page.registry
    mixed = mixed_parties(bracket.page, bracket.inner)
    if mixed:
        return [bracket.found(o, mixed[0], 0.9) for o in mixed[1]]
    inputs = CONTRIBUTING_LIST.fullmatch(bracket.inner)
    if inputs:
        organisations, rest = split_names(registry, inputs.group("list"))
        return [bracket.found(o, "mixed_source", 0.85) for o in organisations if not rest]
    if bracket.inner.casefold().startswith("via "):
        organisations, _ = split_names(registry, bracket.inner[4:])
        return [bracket.found(o, "via", 0.7) for o in organisations if not registry.supplies_pictures_only(o)]
    source = SOURCE_LABEL.fullmatch(bracket.inner)
    if not source or NOT_A_SOURCE.search(source.group("name")):
        return []
    if not (bracket.ends_line and bracket.page.is_tail(bracket.paragraph, bracket.start, 600)):
        return []
    name = source.group("name").strip()
    known = registry.by_title(name)
    if known is None and not looks_like_outlet(name):
        return []
    return [bracket.found(known or registry.resolve(name), "source_line", 0.8)]


def mixed_parties(page: Page, inner: str) -> tuple[CreditKind, list[Organisation]] | None:
    """The parties of a credit such as `FRANCE 24 with AFP and Reuters`, when every supplier is a known name."""
    if len(inner) > 120 or PICTURE_WORD.match(inner):
        return None
    registry = page.registry
    staff = STAFF_MIXED.fullmatch(inner)
    if staff:
        suppliers, _ = split_names(registry, staff.group("list"))
        if suppliers or staff.group("list").casefold() in ("wire", "news service", "agency"):
            return "mixed_source", suppliers or _unnamed(page, "wire-reports")
    if UNNAMED_SUPPLIERS.fullmatch(inner.rstrip(" .")):
        return "mixed_source", _unnamed(page, "wire-reports" if "ire" in inner else "agencies")
    inputs = NAMED_INPUTS.search(inner.rstrip(" ."))
    if inputs:
        named, others = split_names(registry, re.sub(r"^[Ww]ith ", "", inner[: inputs.start()]))
        if named and not others:
            return "mixed_source", named
    match = MIXED.fullmatch(inner)
    if match is None:
        return None
    suppliers, others = split_names(registry, match.group("list").strip(" .)"))
    if not suppliers or any(
        not DESK_TOKEN.fullmatch(o) and o.casefold() not in ("agency", "other agencies", "staff") for o in others
    ):
        return None
    left = (match.group("left") or "").strip(" -(")
    kind: CreditKind = (
        "contribution"
        if (match.group("what") or "").startswith(("file", "report")) and match.group("with") in ("With", "with")
        else "mixed_source"
    )
    if left and not left[0].isupper():
        return None
    if left:
        known = registry.by_title(left)
        first = known or (registry.resolve(left) if looks_like_outlet(left) else None)
        if first is not None and first not in suppliers:
            suppliers = [first, *suppliers]
    return kind, suppliers


def _unnamed(page: Page, identifier: str) -> list[Organisation]:
    found = page.registry.by_id(identifier)
    return [found] if found else []


def _is_city_pair(inner: str, rest: list[str]) -> bool:
    """`서울=연합뉴스`, `dpa/tmn`: a place or desk joined to the agency."""
    return len(rest) == 1 and ("=" in inner or ("/" in inner and rest[0].islower() and len(rest[0]) <= 4))


def _dateline_start(bracket: _Bracket) -> int:
    """Where in the line before it the dateline begins that this bracket closes, or -1 where the bracket closes none.

    Needs a dash behind the bracket, or a date before it, or a place in capitals; in mid-text a sentence must have ended
    before the place.
    """
    before, after = bracket.before, bracket.after
    in_head = bracket.page.is_head(bracket.paragraph, bracket.start)
    dash = DASH_AFTER.match(after) is not None and not after.lstrip(" .").startswith(":)")
    trimmed = before.rstrip(" -")
    alone = bracket.ends_line and in_head and not bracket.page.is_tail(bracket.paragraph, bracket.end, 120)
    if not dash and not (alone and trimmed.strip(" *>-\"'")) and not _AFTER_PLACE.match(after):
        return -1
    if not trimmed.strip(" *>-\"'"):
        opens_text = (dash or in_head) and not _closes_nothing(after)
        return len(before) - len(before.lstrip(" *>-\"'")) if opens_text else -1
    date = DATE_BEFORE.search(trimmed)
    place = trimmed[: date.start()] if date else trimmed
    begin, capitals, words = _place_start(place.rstrip(" ,-"))
    if words == 0:
        return date.start(1) if date and not place.strip() else -1
    if _is_acronym(place[begin:], bracket.inner):
        return -1
    lead = place[:begin].rstrip()
    at_start = not lead or lead[-1:] in "\n*|>" or SENTENCE_END.search(lead) is not None or lead.endswith(('"', ")", "]", "-"))
    if not dash and not date and not capitals:
        return -1
    if not (capitals or date or (at_start and not lead and words <= 4)):
        return -1
    if not in_head and not (at_start or capitals):
        return -1
    return begin


def _closes_nothing(after: str) -> bool:
    return not after.strip(" .-:\n")


def _place_start(place: str) -> tuple[int, bool, int]:
    """Start of the place name at the end of `place`, whether it is in capitals, and its number of words."""
    position = len(place)
    words: list[str] = []
    shouting = False
    start = position
    while position > 0 and len(words) < 7:
        cut = place.rfind(" ", 0, position)
        token = place[cut + 1 : position]
        bare = token.strip(",.[]()/")
        if not bare or not (bare[0].isupper() or (bare in PLACE_JOINERS and words)):
            break
        ends_sentence = token.endswith((".", "!", "?", ":", '"')) and words and not (len(bare) <= 4 or "." in bare)
        if ends_sentence or (shouting and not bare.isupper() and not token.endswith(",")):
            break
        words.append(bare)
        shouting = shouting or (bare.isupper() and len(bare) > 2 and not token.startswith("["))
        start = cut + 1
        position = cut
    capitals = shouting and words[-1].isupper()
    return start, capitals, len(words)


def _is_acronym(place: str, inner: str) -> bool:
    """`Armed Forces of the Philippines (AFP)` spells the bracket out, so it is no dateline."""
    initials = "".join(w[0] for w in re.findall(r"[A-Za-z]+", place) if w[0].isupper())
    return (
        len(inner) >= 2
        and len(initials) >= 2
        and inner.upper().startswith(initials.upper()[-len(inner) :])
        and not place.isupper()
    )


def initials_behind(text: str) -> bool:
    """Whether what stands behind a sign-off is nothing but desk initials."""
    trimmed = text.strip(" .\n")
    return not trimmed or INITIALS.fullmatch(trimmed) is not None
