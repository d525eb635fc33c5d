"""Credits that fill a line: bylines, source lines, sign-offs, mixed credits, and datelines without brackets.

Owns the line families. Never searches inside sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_brackets import mixed_parties
from service.domain.credit_page import Finding, Line, Page, looks_like_outlet, split_names
from service.domain.credit_patterns import (
    AGENCY_FIRST,
    BARE_DATELINE,
    BYLINE_LEAD,
    CHINESE_DATELINE,
    CONTRIBUTING_LIST,
    JAPANESE_DATELINE,
    LIST_JOINT,
    NOT_A_SOURCE,
    OWN_STAFF,
    SENTENCE_END,
    SOURCE_LABEL,
    SOURCE_LEAD,
    SPECIAL_TO,
    THANKS,
    UNBRACKETED_DATELINE,
)
from service.domain.models import CreditKind, Organisation
from service.domain.registry import Registry

LONGEST_CREDIT_LINE = 240
LONGEST_BYLINE = 130
_NAME_DASH = re.compile(r"\s?(?:-{1,2}|/)\s")
_PLACE_STOP = re.compile(r"(?:[A-Z\u00c0-\u00de][A-Z\u00c0-\u00de'-]{2,24} ?){1,4}+\. ")
_AFTER_PREFIX = re.compile(r" {2,20}+(?=\S)")
_NOT_A_BYLINE = frozenset({"aggregator", "station"})


def find_in_lines(page: Page) -> Iterator[Finding]:
    """Credits that fill a line."""
    previous: Line | None = None
    for line in page.lines:
        yield from _read_line(page, line, previous)
        previous = line


def _read_line(page: Page, line: Line, previous: Line | None) -> Iterator[Finding]:
    head = page.is_head(line.paragraph, line.start)
    tail = page.is_tail(line.paragraph, line.end)
    if (head or tail) and len(line.text) <= LONGEST_CREDIT_LINE:
        bare = line.text.strip(" -*|[]'\");/>.:")
        whole = page.registry.by_title(bare) if len(bare) <= 60 else None
        if whole is not None and not page.registry.supplies_pictures_only(whole):
            yield from _name_alone(page, line, previous, whole)
            return
        alone = previous is None or previous.paragraph != line.paragraph
        says_via = line.text[:4].casefold() == "via "
        listed = (not says_via and _listed(page, line)) or _source_line(page, line, alone=alone)
        if listed:
            yield from listed
            return
    yield from _line_start(page, line, head=head)


def _name_alone(page: Page, line: Line, previous: Line | None, whole: Organisation) -> Iterator[Finding]:
    """A line that is nothing but a name: a sign-off at the tail, a byline at the head, elsewhere a heading."""
    head = page.is_head(line.paragraph, line.start)
    behind = page.after(line.paragraph, line.end)
    is_agency = whole.kind in ("agency", "unnamed")
    signs = is_agency or line.text.startswith("-") or line.text.endswith(")") or behind <= 60
    if page.is_tail(line.paragraph, line.end) and not (head and behind > 200) and signs:
        yield line.found(whole, "signoff", 0.85)
        return
    follows_byline = previous is not None and _is_byline(previous.text)
    if head and (is_agency or whole.kind in ("distributor", "network") or follows_byline):
        joined = previous is not None and follows_byline and previous.paragraph == line.paragraph
        yield line.found(whole, "byline", 0.8, previous.start if previous is not None and joined else None)


def _listed(page: Page, line: Line) -> list[Finding]:
    """A mixed credit, a list of contributors or a byline that fills the line."""
    if len(line.text) > LONGEST_BYLINE:
        return []
    mixed = mixed_parties(page, line.text.strip(" -*()[]."))
    if mixed:
        return [line.found(o, mixed[0], 0.85) for o in mixed[1]]
    contributors = CONTRIBUTING_LIST.fullmatch(line.text)
    if contributors:
        organisations, _ = split_names(page.registry, contributors.group("list"))
        return [line.found(o, "contribution", 0.85) for o in organisations]
    named, others = split_names(page.registry, line.text.strip(" -*()[]."))
    # `Staff and agencies`: the outlet's own people are a party that is not named.
    others = [o for o in others if not OWN_STAFF.fullmatch(o)] if named else others
    several = len(named) > 1 or (named and OWN_STAFF.search(line.text) is not None and LIST_JOINT.search(line.text) is not None)
    if several and not others and not any(page.registry.supplies_pictures_only(o) for o in named):
        return [line.found(o, "mixed_source", 0.85) for o in named]
    first = next(page.registry.mentions(line.text[:40], limit=1), None)
    if first and first.start == 0 and first.organisation.kind == "agency" and AGENCY_FIRST.match(line.text, first.end):
        return [line.found(first.organisation, "byline", 0.75)]
    special = SPECIAL_TO.fullmatch(line.text)
    if special:
        name = special.group("name")
        paper = page.registry.by_title(name)
        if paper is not None or looks_like_outlet(name.title() if name.isupper() else name):
            return [line.found(paper or page.registry.resolve(name), "byline", 0.8)]
    byline = byline_organisation(page, line.text)
    return [line.found(byline, "byline", 0.85)] if byline is not None else []


def _source_line(page: Page, line: Line, *, alone: bool) -> list[Finding]:
    """`Source: X`, `Provided by X`, `From X`; a name that is no known outlet needs the shape of one or its own last line."""
    labelled = SOURCE_LABEL.fullmatch(line.text)
    match = labelled or SOURCE_LEAD.fullmatch(line.text)
    if match is None or NOT_A_SOURCE.search(match.group("name")):
        return []
    name = THANKS.sub("", match.group("name").partition(", http")[0].strip(" )].:*"), count=1).strip()
    organisations, rest = split_names(page.registry, name)
    lead = line.text[: match.start("name")].strip(" -*[(").casefold()
    kind: CreditKind = "via" if lead.startswith("via") else "republication" if lead.startswith("courtesy") else "source_line"
    if kind == "republication" and not page.is_tail(line.paragraph, line.end, 200):
        return []  # under a picture it says whose picture it is
    if organisations and not rest:
        return [line.found(o, kind, 0.9) for o in organisations if not page.registry.supplies_pictures_only(o)]
    with_writer = page.registry.by_title(name.rpartition(",")[2]) if "," in name else None
    if with_writer is not None:
        return [line.found(with_writer, kind, 0.85)]
    closes_page = labelled is not None and alone and page.is_tail(line.paragraph, line.end, 400)
    if looks_like_outlet(name) or (closes_page and _is_plain_name(name)):
        return [line.found(page.registry.resolve(name), kind, 0.75)]
    return []


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


def byline_organisation(page: Page, text: str, *, is_field: bool = False) -> Organisation | None:
    """The organisation at the end of a name line (`By Jane Merrit, AFP`). In the author field no `By` is needed."""
    registry = page.registry
    lead = BYLINE_LEAD.fullmatch(text)
    rest = (lead.group("rest") if lead else text).rstrip(" .)|")
    if SENTENCE_END.search(text) and not lead and not text.endswith("."):
        return None
    if lead:
        whole = registry.by_title(rest) or registry.by_title(rest.partition("|")[0])
        if whole is not None and whole.kind not in _NOT_A_BYLINE:
            return whole
    name, comma, tail = rest.rpartition(",")
    if not comma and "(" in rest:
        name, comma, tail = rest.rpartition("(")
    if comma:
        found = registry.by_title(re.sub(r"^(?:for|of|from|with) ", "", tail.strip()))
        if found is not None and (lead or is_field or _is_person(name)) and found.kind not in _NOT_A_BYLINE:
            return found
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
                return found
    return None


def _is_person(name: str) -> bool:
    words = name.strip(" ,").split()
    return (
        2 <= len(words) <= 8
        and all(w[:1].isupper() or w in ("and", "de", "van", "von", "al", "da", "der") for w in words)
        and not any(c.isdigit() or c == ":" for c in name)
    )


def _line_start(page: Page, line: Line, *, head: bool) -> Iterator[Finding]:
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
    opened = (_opens_with_agency(text, registry) or _place_and_agency(text, registry)) if head else None
    # Copy begins with a capital; what goes on in small letters is a sentence about the agency.
    if opened and not text[opened[1] :].lstrip(" \"“‘'")[:1].islower():
        yield finding(*opened)
        return
    bare = BARE_DATELINE.match(text[:120])
    if bare and len(text) > bare.end() + 20:
        yield finding(None, bare.end(), 0.5)


def _opens_with_agency(text: str, registry: Registry) -> tuple[Organisation, int, float] | None:
    """`JTA - Officials`, `PTI  Officials`: the agency, where in the line the copy begins, and the confidence."""
    mention = next(registry.mentions(text[:40], limit=1), None)
    if mention is None or mention.start or mention.organisation.kind != "agency" or len(text) <= mention.end + 30:
        return None
    behind = text[mention.end : mention.end + 6]
    prefix = _AFTER_PREFIX.match(behind)
    dash = _NAME_DASH.match(behind)
    if prefix:
        return mention.organisation, mention.end + prefix.end(), 0.8
    return (mention.organisation, mention.end + dash.end(), 0.7) if dash else None


def _place_and_agency(text: str, registry: Registry) -> tuple[Organisation, int, float] | None:
    """`WASHINGTON. AP. Officials`, `SYDNEY, March 3 AAP - Officials`, `OTTAWA - The Canadian Press - Officials`: as above."""
    agency = next((m for m in registry.mentions(text[:90], limit=1) if m.organisation.kind == "agency"), None)
    if agency is None or not agency.start:
        return None
    lead = text[: agency.start]
    stop = _PLACE_STOP.fullmatch(lead)
    if stop and text[agency.end : agency.end + 2] == ". " and len(text) > agency.end + 30:
        return agency.organisation, agency.end + 2, 0.8
    opening = UNBRACKETED_DATELINE.fullmatch(lead)
    dash = _NAME_DASH.match(text, agency.end) if opening else None
    if opening is None or dash is None or len(text) <= dash.end() + 30:
        return None
    is_dateline = opening.group("date") or opening.group("dash") or lead.isupper() or lead.endswith(", ")
    return (agency.organisation, dash.end(), 0.8) if is_dateline else None
