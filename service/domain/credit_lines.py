"""Credits that are a whole line or sign a text: bylines, source lines, sign-offs, whole-line mixed credits.

Owns the line and author-field families. Never searches inside sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_brackets import initials_behind, mixed_parties
from service.domain.credit_page import Finding, Line, Page, looks_like_outlet, name_at, split_names
from service.domain.credit_patterns import (
    BARE_DATELINE,
    BY_PERSON_BEFORE,
    BYLINE_END,
    BYLINE_LEAD,
    CHINESE_DATELINE,
    CONTRIBUTING_LIST,
    JAPANESE_DATELINE,
    NOT_A_SOURCE,
    PERSON_BEFORE,
    ROMANCE_BYLINE,
    SENTENCE_END,
    SOURCE_LABEL,
    SOURCE_LEAD,
    STAFF_OF,
    THANKS,
)
from service.domain.models import CreditKind, Organisation
from service.domain.registry import Mention

_SIGN_BEFORE = re.compile(r"(?:^|[.!?\"')\]\d…])[\s*]{0,3}(?P<dash>-{1,3} ?|\()?$|\n[\s*]{0,3}-{0,3} ?$")
_NAME_DASH = re.compile(r"\s?(?:-{1,2}|/)\s")
_AFTER_PREFIX = re.compile(r" {2,}(?=\S)")
_UNSIGNED_BEFORE = re.compile(r"\b(?:to|told|by|the|of|for|with|from|in|at|and|a|à|da|do|de|na|no|pela|pelo|la|el|al|der|die|von|an|is|was|are) $", re.IGNORECASE)
_CAPITAL_FOLLOWS = re.compile(r"!? {1,2}[A-Z\u00c0-\u00de]")
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

    def finding(organisation: Organisation, kind: CreditKind, confidence: float, start: int = 0, end: int | None = None) -> Finding:
        carry = "partial" if kind in ("mixed_source", "contribution") else "full"
        stop = line.end if end is None else line.start + end
        return Finding(organisation, kind, carry, line.paragraph, line.start + start, stop, confidence)  # type: ignore[arg-type]

    registry = page.registry
    bare = text.strip(" -*|[]'\");/>.:")
    whole = registry.by_title(bare) if len(bare) <= 60 else None
    if whole is not None and not registry.supplies_pictures_only(whole):
        signs = text.startswith("-") or text.endswith(")")
        if tail and not (head and page.after(line.paragraph, line.end) > 200) and (whole.kind in ("agency", "unnamed") or signs or page.is_tail(line.paragraph, line.end, 60)):
            yield finding(whole, "signoff", 0.85)
        elif head and (whole.kind in ("agency", "unnamed", "distributor", "network") or (previous and _is_byline(previous.text))):
            start = previous.start - line.start if previous and previous.paragraph == line.paragraph and _is_byline(previous.text) else 0
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
    return 1 <= len(words) <= 4 and all(w[:1].isupper() for w in words) and not any(c in name for c in ".,;:()'0123456789") and len(name) <= 40


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
        if found is not None and (lead or _is_person(name)) and found.kind not in _NOT_A_BYLINE:
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
    return 2 <= len(words) <= 8 and all(w[:1].isupper() or w in ("and", "de", "van", "von", "al", "da", "der") for w in words) and not any(c.isdigit() for c in name)


def _line_start(page: Page, line: Line, head: bool) -> Iterator[Finding]:
    """Datelines without brackets: `JTA - `, `PTI  `, a Chinese or Japanese wire head, and places that lost their agency."""
    text, registry = line.text, page.registry

    def finding(organisation: Organisation | None, end: int, confidence: float) -> Finding:
        return Finding(organisation, "dateline", "full", line.paragraph, line.start, line.start + end, confidence)

    first = text[:1]
    if first > "\u2e80" or first in "[(":
        chinese = CHINESE_DATELINE.match(text)
        if chinese:
            yield finding(registry.by_alias(chinese.group("name")) or registry.resolve(chinese.group("name")), chinese.end(), 0.95)
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


def find_signatures(page: Page, paragraph: int) -> Iterator[Finding]:
    """Names inside a paragraph whose position alone makes them credits: sign-offs at its end, bylines in a flat head."""
    text = page.texts[paragraph]
    for mention in page.mentions(paragraph):
        organisation = mention.organisation
        if page.registry.supplies_pictures_only(organisation):
            continue
        before = text[max(0, mention.start - 70) : mention.start]
        after = text[mention.end : mention.end + 60]
        if page.is_tail(paragraph, mention.end) and initials_behind(after.lstrip(") ")):
            signed = _SIGN_BEFORE.search(before)
            if signed and (signed.group("dash") or _signs_bare(text, mention)) and not (signed.group("dash") == "(" and after.lstrip()[:2] == ")."):
                start = mention.start - len(before) + before.rstrip(" -(*").__len__()
                yield Finding(organisation, "signoff", "full", paragraph, start + _leading_space(text[start:]), _sign_end(text, mention.end), 0.85)
                continue
        byline_start = _flat_byline(page, paragraph, mention, before, after)
        if byline_start >= 0:
            end = mention.end + (1 if after.startswith("!") else 0)
            yield Finding(organisation, "byline", "full", paragraph, byline_start, end, 0.75)


def _signs_bare(text: str, mention: Mention) -> bool:
    """Without dash or bracket only an agency in capitals, or a name alone on its line, signs a text."""
    name = text[mention.start : mention.end]
    line_start = text.rfind("\n", 0, mention.start) + 1
    return mention.organisation.kind in ("agency", "unnamed") and (name.isupper() and len(name) >= 3 or not text[line_start : mention.start].strip())


def _leading_space(text: str) -> int:
    return len(text) - len(text.lstrip(" \n"))


def _sign_end(text: str, end: int) -> int:
    return end + 1 if text[end : end + 1] == ")" else end


def _flat_byline(page: Page, paragraph: int, mention: Mention, before: str, after: str) -> int:
    """Where a byline that ends in this name begins, or -1."""
    kind = mention.organisation.kind
    if kind in _NOT_A_BYLINE or kind == "unnamed":
        return -1
    text = page.texts[paragraph]
    if page.is_head(paragraph, mention.start, 600):
        by = BY_PERSON_BEFORE.search(before)
        if by and (BYLINE_END.match(after) or after[:1] in " \n"):
            return mention.start - len(before) + by.start()
        person = PERSON_BEFORE.search(before)
        if person and BYLINE_END.match(after):
            return mention.start - len(before) + person.start()
        romance = ROMANCE_BYLINE.search(before)
        if romance and (not after.strip() or after.startswith((", em ", ", no ", ", na ", "\n"))):
            return mention.start - len(romance.group().lstrip())
    if page.is_head(paragraph, mention.start, 300) and kind == "agency" and _CAPITAL_FOLLOWS.match(after) and not mention.credit_only:
        name = text[mention.start : mention.end]
        long_enough = len(name) >= 10 and (" " in name or name.isupper())
        if long_enough and before.strip() and not _UNSIGNED_BEFORE.search(before) and not STAFF_OF.search(before) and before[-2:-1].isalpha():
            return mention.start
    if page.is_tail(paragraph, mention.end, 60) and not after.strip(" .") and kind == "agency":
        person = PERSON_BEFORE.search(before)
        if person and SENTENCE_END.search(before[: person.start()]):
            return mention.start - len(before) + person.start()
    return -1


def read_authors(page: Page, authors: list[str]) -> Iterator[tuple[int, Organisation, CreditKind, int, int]]:
    """Agencies in the author field: (author's index, organisation, kind, start, end). A personal name alone is never wire."""
    for index, author in enumerate(authors):
        trimmed = author.strip()
        start = len(author) - len(author.lstrip())
        end = start + len(trimmed)
        if not trimmed or len(trimmed) > 200:
            continue
        whole = page.registry.by_title(trimmed) or _doubled(page, trimmed)
        if whole is not None:
            if page.registry.supplies_pictures_only(whole):
                yield index, whole, "photo", start, end
            elif whole.kind not in ("outlet", "aggregator"):
                yield index, whole, "byline", start, end
            continue
        found = byline_organisation(page, trimmed, is_field=True)
        if found is not None:
            kind: CreditKind = "photo" if page.registry.supplies_pictures_only(found[0]) else "byline"
            yield index, found[0], kind, start, end
            continue
        via = re.search(r"[Vv]ia (?=\S)", trimmed)
        named = page.registry.by_title(trimmed[via.end() :]) if via else None
        if named is not None:
            yield index, named, "via", start, end


def _doubled(page: Page, author: str) -> Organisation | None:
    words = author.split()
    half = len(words) // 2
    return page.registry.by_title(" ".join(words[:half])) if len(words) % 2 == 0 and words[:half] == words[half:] else None


__all__ = ["byline_organisation", "find_in_lines", "find_signatures", "name_at", "read_authors"]
