"""Sentences that say where a text was published before: copyright, republication, press wires, translation.

Owns these sentence families. Never decides which paragraphs they run on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_page import Finding, Page, looks_like_outlet, name_at, sentence_span
from service.domain.credit_patterns import (
    ABOUT_THIS_TEXT,
    ADAPTED_FROM,
    COPYRIGHT,
    COPYRIGHT_GAP,
    DATE_BEFORE,
    DISTRIBUTED,
    ISSUER,
    NEWS_SERVICE,
    NOT_A_PUBLICATION,
    PICTURE_WORD,
    READ_ORIGINAL,
    REPUBLICATION,
    TRANSLATION,
)
from service.domain.models import CreditKind, Organisation

_SLASH = re.compile(r"\s?/")
_YEAR_FIRST = re.compile(r"(?:^|\n)\s{0,3}(?P<year>(?:19|20)\d\d,? )(?=[A-Z])")
_RIGHTS = re.compile(r"[Aa]ll [Rr]ights [Rr]eserved|[Dd]istributed by|[Vv]isit \S")
_JOINS_OWNERS = re.compile(r"(?:\band|[,/&]) (?:[Tt]he )?$")
_MADE_BY = re.compile(r"(?:written|reported|released|produced|provided|supplied)(?: online)? by $", re.IGNORECASE)
_BY_INSIDE = re.compile(r" by (?=\S.{1,60} of $)")
_CUT_DOMAIN = re.compile(r"\.(?:co?|or?|ne?)$", re.IGNORECASE)
_SAYS_WHOSE = re.compile(r"©|\([cC]\)|[Cc]opyright|\b[Tt]his (?:article|story|report|column|content)\b")


def copyright_lines(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    reached = -1
    for match in COPYRIGHT.finditer(text):
        if match.start() < reached or not page.is_tail(paragraph, offset + match.start(), 2500):
            continue
        gap = COPYRIGHT_GAP.match(text, match.start())
        at = gap.end() if gap else match.end()
        picture = PICTURE_WORD.search(text[max(0, match.start() - 8) : match.start()]) is not None
        named = name_at(page, paragraph, offset + at)
        if named is None:
            continue
        first, _, end = named
        owners = [(first, end)] if _may_own(page, first, text[end - offset : end - offset + 200]) else []
        owners += _further_owners(page, paragraph, offset + at)
        for organisation, stop in owners:
            reached = stop - offset
            kind: CreditKind = "photo" if picture or page.registry.supplies_pictures_only(organisation) else "copyright"
            yield Finding(organisation, kind, paragraph, offset + match.start(), stop, 0.85)
    for match in _YEAR_FIRST.finditer(text):
        named = name_at(page, paragraph, offset + match.end(), made_up=False)
        if named is None or not page.is_tail(paragraph, named[2]):
            continue
        rest_of_line = text[named[2] - offset : named[2] - offset + 85].partition("\n")[0]
        if _RIGHTS.search(rest_of_line):
            yield Finding(named[0], "copyright", paragraph, offset + match.start("year"), named[2], 0.8)
    for match in DISTRIBUTED.finditer(text):
        if match.group("small") and not _SAYS_WHOSE.search(text, max(0, match.start() - 160), match.start()):
            continue  # in a sentence something else was distributed: a statement, a leaflet
        named = name_at(page, paragraph, offset + match.end(), made_up=False)
        if named and page.is_tail(paragraph, named[2]):
            yield Finding(named[0], "copyright", paragraph, offset + match.start(), named[2], 0.85)


def _may_own(page: Page, organisation: Organisation, behind: str) -> bool:
    """Whether a name behind the sign credits somebody: a made-up one is far more often the outlet's owner or a person."""
    if page.registry.by_id(organisation.id) is not None or NEWS_SERVICE.search(organisation.name):
        return True
    return looks_like_outlet(organisation.name) and DISTRIBUTED.search(behind.partition("\n")[0]) is not None


def _further_owners(page: Page, paragraph: int, start: int) -> Iterator[tuple[Organisation, int]]:
    """Registered names that a list of owners goes on with: `Copyright 2020 by WXYZ and The Associated Press`."""
    text = page.texts[paragraph]
    for mention in page.mentions(paragraph):
        between = text[start : mention.start] if 0 < mention.start - start <= 60 else ""
        if _JOINS_OWNERS.search(between) and "." not in between and "\n" not in between:
            yield mention.organisation, mention.end
            start = mention.end


def republications(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in REPUBLICATION.finditer(text):
        start, _ = sentence_span(text, match.start())
        if not (page.is_head(paragraph, offset + match.start(), 1200) or page.is_tail(paragraph, offset + match.end(), 2500)):
            continue
        made = _BY_INSIDE.search(match.group())
        if not ABOUT_THIS_TEXT.search(text[start : match.end()]) or (not made and NOT_A_PUBLICATION.match(text, match.end())):
            continue
        if PICTURE_WORD.match(text, start) or text[: match.start()].endswith(" later "):
            continue
        named = _last_hop(page, paragraph, offset, match, made)
        if named is None or (_MADE_BY.search(match.group()) and not _is_known_or_shaped(page, named[0])):
            continue  # who made it may be a person
        organisation, _, end = named
        _, sentence_end = sentence_span(text, end - offset)
        whole = _completed(page, organisation, paragraph, end)
        end = offset + sentence_end if sentence_end - (end - offset) <= 120 else end
        yield Finding(whole, "republication", paragraph, offset + start, end, 0.85)
    for match in ADAPTED_FROM.finditer(text):
        start, _ = sentence_span(text, match.start())
        named_before = _name_ending_at(page, paragraph, offset + match.start(), offset + start)
        if named_before is not None:
            yield Finding(named_before, "republication", paragraph, offset + start, offset + match.end(), 0.85)
    for match in READ_ORIGINAL.finditer(text):
        words = match.group().casefold()
        cue = "original" in words or "source" in words or text[max(0, match.start() - 3) : match.start()] == "To "
        if not cue or not page.is_tail(paragraph, offset + match.start()):
            continue
        named = name_at(page, paragraph, offset + match.end())
        if named is not None:
            yield Finding(named[0], "republication", paragraph, offset + match.start(), named[2], 0.8)


def _is_known_or_shaped(page: Page, organisation: Organisation) -> bool:
    return page.registry.by_id(organisation.id) is not None or looks_like_outlet(organisation.name)


def _completed(page: Page, organisation: Organisation, paragraph: int, end: int) -> Organisation | None:
    """The organisation of a name; of a name that the end of a cut text cut off, the registered one that it begins, or None.

    A text that ends without a full stop may have lost its last characters. A name that lacks one letter of a registered one
    is taken for it. A domain that may go on (`.co` of `.com` or `.co.uk`) names nobody for certain.
    """
    if page.registry.by_id(organisation.id) is not None or page.after(paragraph, end) > 0:
        return organisation
    if _CUT_DOMAIN.search(organisation.name):
        return page.registry.by_site_beginning(organisation.name)
    return page.registry.by_cut_alias(organisation.name) or organisation


def _last_hop(
    page: Page, paragraph: int, offset: int, match: re.Match[str], made: re.Match[str] | None
) -> tuple[Organisation, int, int] | None:
    """`by Jane Doe on WXYZ`: behind a writer the place of publication is what counts; of `by X as part of …` the maker."""
    if made:
        return name_at(page, paragraph, offset + match.start() + made.end(), made_up=False)
    named = name_at(page, paragraph, offset + match.end())
    if named is None or not match.group().endswith((" by ", " from ")):
        return named
    text = page.texts[paragraph]
    if text[named[2] : named[2] + 4] in (" on ", " in ", " at ") and page.registry.by_id(named[0].id) is None:
        return name_at(page, paragraph, named[2] + 4)
    return named


def _name_ending_at(page: Page, paragraph: int, end: int, floor: int) -> Organisation | None:
    for mention in page.mentions(paragraph):
        if floor <= mention.start and mention.end == end:
            return mention.organisation
    words = page.texts[paragraph][max(floor, end - 60) : end].split(" ")
    run: list[str] = []
    while words and words[-1][:1].isupper() and len(run) < 6:
        run.insert(0, words.pop())
    return page.registry.resolve(" ".join(run)) if run else None


def press_wires(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    wire = False
    for mention in page.mentions(paragraph):
        start, end = mention.start - offset, mention.end - offset
        if start < 0 or end > len(text) or mention.organisation.kind not in ("press_release", "agency"):
            continue
        if text[:start].rstrip(" ")[-1:] != "/" or not _SLASH.match(text, end):
            continue
        if not (page.is_head(paragraph, mention.start) or start < 90):
            continue
        is_release = mention.organisation.kind == "press_release"
        if not is_release and (len(text) - end < 25 or not DATE_BEFORE.search(text[max(0, start - 30) : start].rstrip(" /"))):
            continue
        begin, _ = sentence_span(text, start, 90)
        closing = _SLASH.match(text, end)
        stop = closing.end() if closing else end
        dash = re.match(r"[\s.]{0,2}-{0,2}", text[stop : stop + 6])
        stop += dash.end() if dash else 0
        wire = wire or is_release
        kind: CreditKind = "press_release" if is_release else "dateline"
        yield Finding(mention.organisation, kind, paragraph, offset + begin, offset + stop, 0.9)
    if wire or any("/" in t[:1500] and "wire" in t[:1500].casefold() for t in page.texts[:6]):
        for match in ISSUER.finditer(text):
            named = name_at(page, paragraph, offset + match.start("name"))
            if named and page.is_tail(paragraph, named[2], 600):
                name = re.sub(r" (?:Related|MENAFN|View source|View [Oo]riginal|View|Contact|Media).*$", "", named[0].name)
                yield Finding(page.registry.resolve(name), "press_release", paragraph, offset + match.start(), named[2], 0.7)


def translations(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in TRANSLATION.finditer(text):
        if not (page.is_head(paragraph, offset + match.start()) or page.is_tail(paragraph, offset + match.end())):
            continue
        wide = match.group()[0] > "\u2e80"
        if wide:
            mention = next((m for m in page.mentions(paragraph) if 0 <= m.start - offset - match.end() <= 3), None)
            if mention is not None:
                yield Finding(mention.organisation, "translation", paragraph, offset + match.start(), mention.end, 0.85)
                continue
        named = name_at(page, paragraph, offset + match.end(), made_up=False)
        if named is not None:
            yield Finding(named[0], "translation", paragraph, offset + match.start(), named[2], 0.8)
