"""Credits in brackets and slashes: datelines, sign-offs, mixed credits, disclaimers, desk footers.

Owns what a bracket means by what stands inside and around it. Never looks at metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_page import Finding, Page, looks_like_outlet, split_names
from service.domain.credit_patterns import (
    BRACKET,
    CALL_SIGN,
    DASH_AFTER,
    DATE_BEFORE,
    DESK_TOKEN,
    INITIALS,
    MIXED,
    NOT_A_SOURCE,
    PICTURE_WORD,
    PLACE_JOINERS,
    SENTENCE_END,
    SOURCE_LABEL,
    STAFF_MIXED,
    VIA_AGGREGATOR,
)
from service.domain.models import CreditKind, Organisation
from service.domain.registry import slug

_PICTURE_INNER = re.compile(r"/ ?[A-Z][\w.'-]+ [A-Z]|^[^/]{2,40} ?/ ?|\b(?:via|[Ff]ile)\b")
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


def _read_bracket(page: Page, paragraph: int, offset: int, text: str, bracket: re.Match[str]) -> Iterator[Finding]:
    inner = bracket.group("inner").strip()
    start, end = bracket.start(), bracket.end()
    if len(inner) > 100 or bracket.group()[0] == "[" and len(inner) > 40:
        return
    line_before = text[max(0, start - 90) : start].rpartition("\n")[2]
    after = text[end : end + 40]
    ends_text = not after.split("\n", 1)[0].strip(" .)") and not after.lstrip(" .")[:1] == "-"

    def finding(organisation: Organisation | None, kind: CreditKind, confidence: float, begin: int = start) -> Finding:
        carry = "partial" if kind in ("mixed_source", "contribution") else "full"
        return Finding(organisation, kind, carry, paragraph, offset + begin, offset + end, confidence)  # type: ignore[arg-type]

    registry = page.registry
    own = registry.by_title(inner) if bracket.group()[0] == "(" else None
    organisations, rest = split_names(registry, inner)
    is_call_sign = bool(CALL_SIGN.fullmatch(inner)) and own is None
    if own is not None or is_call_sign or (len(organisations) == 1 and rest and _is_city_pair(inner, rest)):
        place = _dateline_start(page, paragraph, offset, line_before, inner, after)
        if place >= 0:
            begin = start - (len(line_before) - place)
            agency = own or (organisations[0] if organisations else None)
            picture = agency is not None and registry.supplies_pictures_only(agency)
            if is_call_sign:
                agency = Organisation(slug(inner), inner, "station")
            if not picture:
                kind: CreditKind = "press_release" if agency is not None and agency.kind == "press_release" else "dateline"
                yield finding(agency, kind, 0.95, begin)
                return
        if is_call_sign:
            return
    via = VIA_AGGREGATOR.fullmatch(inner)
    hop = registry.by_alias(via.group("hop")) if via else None
    if via and hop is not None and hop.kind == "aggregator":
        yield finding(registry.resolve(via.group("name").strip()), "via", 0.85)
        yield finding(hop, "via", 0.85)
        return
    if organisations and not rest:
        alone = not line_before.strip(" -*") and ends_text
        closes = ends_text and (SENTENCE_END.search(line_before) is not None or alone) and not after.startswith(".")
        stands_between = len(organisations) > 1 and _BETWEEN_SENTENCES.search(line_before) is not None and after[:1] == " " and after[1:2].isupper()
        if not (closes or stands_between) or any(registry.supplies_pictures_only(o) for o in organisations):
            return
        in_tail = page.is_tail(paragraph, offset + end)
        if len(organisations) > 1:
            if in_tail or alone:
                yield from (finding(o, "mixed_source", 0.9) for o in organisations)
        elif alone and page.is_head(paragraph, offset + start) and not page.is_tail(paragraph, offset + end, 200):
            yield finding(organisations[0], "byline", 0.85)
        elif in_tail:
            yield finding(organisations[0], "signoff", 0.9)
        return
    if organisations and all(DESK_TOKEN.fullmatch(r) for r in rest) and ends_text and page.is_tail(paragraph, offset + end):
        yield from (finding(o, "mixed_source", 0.85) for o in organisations)
        return
    yield from _worded_bracket(page, inner, paragraph, offset, ends_text, line_before, finding)


def _worded_bracket(page: Page, inner: str, paragraph: int, offset: int, ends_text: bool, line_before: str, finding) -> Iterator[Finding]:  # type: ignore[no-untyped-def]
    registry = page.registry
    mixed = mixed_parties(page, inner)
    if mixed:
        kind, organisations = mixed
        yield from (finding(o, kind, 0.9) for o in organisations)
        return
    if inner.startswith(("via ", "Via ", "VIA ")):
        organisations, _ = split_names(registry, inner[4:])
        yield from (finding(o, "via", 0.7) for o in organisations if not registry.supplies_pictures_only(o))
        return
    source = SOURCE_LABEL.fullmatch(inner)
    if source and not NOT_A_SOURCE.search(source.group("name")) and ends_text and page.is_tail(paragraph, offset, 600):
        name = source.group("name").strip()
        known = registry.by_title(name)
        if known is not None or looks_like_outlet(name):
            yield finding(known or registry.resolve(name), "source_line", 0.8)


def mixed_parties(page: Page, inner: str) -> tuple[CreditKind, list[Organisation]] | None:
    """The parties of a credit such as `FRANCE 24 with AFP and Reuters`, when every supplier is a known name."""
    if len(inner) > 120 or PICTURE_WORD.match(inner):
        return None
    registry = page.registry
    staff = STAFF_MIXED.fullmatch(inner)
    if staff:
        suppliers, others = split_names(registry, staff.group("list"))
        if suppliers or staff.group("list").casefold() in ("wire", "news service", "agency"):
            return "mixed_source", suppliers or _unnamed(page, "wire-reports")
    match = MIXED.fullmatch(inner)
    if match is None:
        return None
    suppliers, others = split_names(registry, match.group("list").strip(" .)"))
    if not suppliers or any(not DESK_TOKEN.fullmatch(o) and o.casefold() not in ("agency", "other agencies", "staff") for o in others):
        return None
    left = (match.group("left") or "").strip(" -(")
    kind: CreditKind = "contribution" if (match.group("what") or "").startswith(("file", "report")) and match.group("with") in ("With", "with") else "mixed_source"
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


def _dateline_start(page: Page, paragraph: int, offset: int, before: str, inner: str, after: str) -> int:
    """Where in `before` the dateline begins that this bracket closes, or -1 where the bracket closes none.

    `before` is the line up to the bracket (its last 90 characters). Needs a dash behind the bracket, or a date before it,
    or a place in capitals; in mid-text a sentence must have ended before the place.
    """
    dash = DASH_AFTER.match(after) is not None and not after.lstrip(" .").startswith(":)")
    if not dash and not _AFTER_PLACE.match(after):
        return -1
    trimmed = before.rstrip()
    if not trimmed.strip(" *>-\"'"):
        at_line_start = page.is_head(paragraph, offset)
        return len(before) - len(before.lstrip(" *>-\"'")) if (dash or at_line_start) and not _closes_nothing(after) else -1
    date = DATE_BEFORE.search(trimmed)
    place = trimmed[: date.start()] if date else trimmed
    begin, capitals, words = _place_start(place.rstrip(" ,"))
    if words == 0:
        return date.start(1) if date and not place.strip() else -1
    if _is_acronym(place[begin:], inner):
        return -1
    lead = place[:begin].rstrip()
    at_start = not lead or lead[-1:] in "\n*|>" or SENTENCE_END.search(lead) is not None or lead.endswith(('"', ")", "]", "-"))
    in_head = page.is_head(paragraph, offset)
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
        if not bare or not (bare[0].isupper() or bare in PLACE_JOINERS and words):
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
    return len(inner) >= 2 and len(initials) >= 2 and inner.upper().startswith(initials.upper()[-len(inner) :]) and not place.isupper()


def initials_behind(text: str) -> bool:
    """Whether what stands behind a sign-off is nothing but desk initials."""
    trimmed = text.strip(" .\n")
    return not trimmed or INITIALS.fullmatch(trimmed) is not None
