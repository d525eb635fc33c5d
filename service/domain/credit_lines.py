"""Credits that fill a line: bylines, source lines, sign-offs, mixed credits, and datelines without brackets.

Owns the line families. Never searches inside sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_brackets import mixed_parties
from service.domain.credit_page import Finding, Line, Page, looks_like_outlet, split_names
from service.domain.credit_patterns import (
    BARE_DATELINE,
    BYLINE_LEAD,
    CHINESE_DATELINE,
    CONTRIBUTING_LIST,
    JAPANESE_DATELINE,
    NOT_A_SOURCE,
    SENTENCE_END,
    SOURCE_LABEL,
    SOURCE_LEAD,
    THANKS,
)
from service.domain.models import CreditKind, Organisation

_NAME_DASH = re.compile(r"\s?(?:-{1,2}|/)\s")
_AFTER_PREFIX = re.compile(r" {2,}(?=\S)")
_NOT_A_BYLINE = frozenset({"aggregator", "station"})


def find_in_lines(page: Page) -> Iterator[Finding]:
    """Credits that fill a line."""
    previous: Line | None = None
    for line in page.lines:
        yield from _read_line(page, line, previous)
        previous = line


def _read_line(page: Page, line: Line, previous: Line | None) -> Iterator[Finding]:
    text = line.text
    head = page.is_head(line.paragraph, line.start)
    tail = page.is_tail(line.paragraph, line.end)
    if not (head or tail) or len(text) > 240:
        yield from _line_start(page, line, head)
        return

    def finding(
        organisation: Organisation, kind: CreditKind, confidence: float, start: int = 0, end: int | None = None
    ) -> Finding:
        stop = line.end if end is None else line.start + end
        return Finding(organisation, kind, line.paragraph, line.start + start, stop, confidence)

    registry = page.registry
    bare = text.strip(" -*|[]'\");/>.:")
    whole = registry.by_title(bare) if len(bare) <= 60 else None
    if whole is not None and not registry.supplies_pictures_only(whole):
        signs = text.startswith("-") or text.endswith(")")
        if (
            tail
            and not (head and page.after(line.paragraph, line.end) > 200)
            and (whole.kind in ("agency", "unnamed") or signs or page.is_tail(line.paragraph, line.end, 60))
        ):
            yield finding(whole, "signoff", 0.85)
        elif head and (whole.kind in ("agency", "unnamed", "distributor", "network") or (previous and _is_byline(previous.text))):
            start = (
                previous.start - line.start
                if previous and previous.paragraph == line.paragraph and _is_byline(previous.text)
                else 0
            )
            yield finding(whole, "byline", 0.8, start)
        return
    if len(text) <= 130:
        mixed = mixed_parties(page, text.strip(" -*()[]."))
        if mixed:
            yield from (finding(o, mixed[0], 0.85) for o in mixed[1])
            return
        listed = CONTRIBUTING_LIST.fullmatch(text)
        if listed:
            organisations, _ = split_names(registry, listed.group("list"))
            yield from (finding(o, "contribution", 0.85) for o in organisations)
            return
        if head or tail:
            byline = byline_organisation(page, text)
            if byline is not None:
                yield finding(byline[0], "byline", 0.85, byline[1])
                return
    yield from _source_line(page, line, finding, alone=previous is None or previous.paragraph != line.paragraph)
    yield from _line_start(page, line, head)


def _source_line(page: Page, line: Line, finding, *, alone: bool) -> Iterator[Finding]:  # type: ignore[no-untyped-def]
    labelled = SOURCE_LABEL.fullmatch(line.text)
    led = None if labelled else SOURCE_LEAD.fullmatch(line.text)
    match = labelled or led
    if match is None or NOT_A_SOURCE.search(match.group("name")):
        return
    name = match.group("name").strip(" )].:*")
    thanks = THANKS.match(name)
    name = name[thanks.end() :] if thanks else name
    organisations, rest = split_names(page.registry, name.strip())
    if organisations and not rest:
        yield from (finding(o, "source_line", 0.9) for o in organisations if not page.registry.supplies_pictures_only(o))
        return
    tail_name = page.registry.by_title(name.rpartition(",")[2]) if "," in name else None
    if tail_name is not None:
        yield finding(tail_name, "source_line", 0.85)
    elif looks_like_outlet(name) or (labelled and alone and page.is_tail(line.paragraph, line.end, 400) and _is_plain_name(name)):
        yield finding(page.registry.resolve(name), "source_line", 0.75)


def _is_plain_name(name: str) -> bool:
    words = name.split()
    return (
        1 <= len(words) <= 4
        and all(w[:1].isupper() for w in words)
        and not any(c in name for c in ".,;:()'0123456789")
        and len(name) <= 40
    )


def _is_byline(text: str) -> bool:
    return len(text) <= 90 and bool(BYLINE_LEAD.fullmatch(text)) and not SENTENCE_END.search(text + " ")


def byline_organisation(page: Page, text: str, *, is_field: bool = False) -> tuple[Organisation, int] | None:
    """The organisation at the end of a name line (`By Jane Merrit, AFP`), and where the line's credit begins."""
    registry = page.registry
    lead = BYLINE_LEAD.fullmatch(text)
    rest = (lead.group("rest") if lead else text).rstrip(" .)|")
    if SENTENCE_END.search(text) and not lead and not text.endswith("."):
        return None
    if lead:
        whole = registry.by_title(rest) or registry.by_title(rest.partition("|")[0])
        if whole is not None and whole.kind not in _NOT_A_BYLINE:
            return whole, 0
    name, comma, tail = rest.rpartition(",")
    if not comma and "(" in rest:
        name, comma, tail = rest.rpartition("(")
    if comma:
        found = registry.by_title(re.sub(r"^(?:for|of|from|with) ", "", tail.strip()))
        if found is not None and (lead or is_field or _is_person(name)) and found.kind not in _NOT_A_BYLINE:
            return found, 0
    words = rest.split()
    if not lead and not (len(words) <= 7 and _is_person(" ".join(words[:2]))):
        return None
    for size in range(min(5, len(words) - 1), 0, -1):
        candidate = " ".join(words[-size:])
        found = registry.by_title(candidate)
        if found is not None and len(words) > size and found.kind not in _NOT_A_BYLINE:
            person = " ".join(words[:-size])
            joined = words[-size - 1].casefold().strip(",") in ("of", "for", "from", "with", "the", "at", "/", "-", "|")
            clear = lead is not None or is_field or person.isupper() or (found.kind == "agency" and _is_person(person))
            if clear and (lead or joined or _is_person(person)):
                return found, 0
    return None


def _is_person(name: str) -> bool:
    words = name.strip(" ,").split()
    return (
        2 <= len(words) <= 8
        and all(w[:1].isupper() or w in ("and", "de", "van", "von", "al", "da", "der") for w in words)
        and not any(c.isdigit() for c in name)
    )


def _line_start(page: Page, line: Line, head: bool) -> Iterator[Finding]:
    """Datelines without brackets: `JTA - `, `PTI  `, a Chinese or Japanese wire head, and places that lost their agency."""
    text, registry = line.text, page.registry

    def finding(organisation: Organisation | None, end: int, confidence: float) -> Finding:
        return Finding(organisation, "dateline", line.paragraph, line.start, line.start + end, confidence)

    first = text[:1]
    if first > "\u2e80" or first in "[(":
        chinese = CHINESE_DATELINE.match(text)
        if chinese:
            yield finding(
                registry.by_alias(chinese.group("name")) or registry.resolve(chinese.group("name")), chinese.end(), 0.95
            )
            return
        japanese = JAPANESE_DATELINE.match(text)
        if japanese:
            name = japanese.group("name")
            found = registry.by_alias(name + "通信") or registry.by_alias(name)
            if found is not None:
                yield finding(found, japanese.end(), 0.9)
            return
    if not first.isupper():
        return
    for mention in registry.mentions(text[:40], limit=1):
        if mention.start == 0 and head:
            behind = text[mention.end : mention.end + 6]
            prefix = _AFTER_PREFIX.match(behind)
            dash = _NAME_DASH.match(behind)
            if prefix and len(text) > mention.end + 30 and mention.organisation.kind == "agency":
                yield finding(mention.organisation, mention.end + prefix.end(), 0.8)
                return
            if dash and mention.organisation.kind == "agency" and len(text) > mention.end + 30:
                yield finding(mention.organisation, mention.end + dash.end(), 0.7)
                return
    bare = BARE_DATELINE.match(text[:120])
    if bare and len(text) > bare.end() + 20:
        yield finding(None, bare.end(), 0.5)
