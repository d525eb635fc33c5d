"""Credits that are sentences or stand inside one: footers, contributions, disclaimers, copyright, republication, press wires.

Owns the sentence families; every rule is keyed to a literal cue so that ordinary paragraphs cost next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_page import Finding, Page, looks_like_outlet, name_at
from service.domain.credit_patterns import (
    ABOUT_THIS_TEXT,
    ADAPTED_FROM,
    CONTRIBUTION,
    COPYRIGHT,
    COPYRIGHT_GAP,
    DESK_FOOTER,
    DISTRIBUTED,
    FEED_DISCLAIMER,
    ISSUER,
    NEWS_SERVICE,
    NOT_A_PUBLICATION,
    PICTURE_AFTER,
    PICTURE_BEFORE,
    PICTURE_WORD,
    READ_ORIGINAL,
    REPUBLICATION,
    TRANSLATION,
    TRUST_PRINCIPLES,
)
from service.domain.models import CreditKind, Organisation
from service.domain.registry import UNNAMED_FEED

_SENTENCE_BREAK = re.compile(r"[.!?][\"')\]]{0,2}\s+(?=[\"'(\[A-Z\u00c0-\u00de-])|\n")
_OWN_STAFF = re.compile(r"^[^A-Z]{0,3}(?:[A-Z]\w+ ){1,4}(?:staff|news) ")
_FROM_SENTENCE = re.compile(r"(?:^|[.!?\"]\s{1,2})(?P<credit>From (?P<name>[\w][\w .&'-]{2,50}?)\.)(?=\s+[A-Z])")
_SLASH = re.compile(r"\s?/")
_SUPPLIER_CONTEXT = re.compile(r"(?:[/©(|:]|\bvia) ?$")


def find_in_sentences(page: Page, paragraph: int) -> Iterator[Finding]:
    """Credits inside the text of a paragraph."""
    for offset, text in page.windows(paragraph):
        low = text.casefold()
        if "ing by" in low or " por " in low or "trust principles" in low or "bericht" in low:
            yield from _desk_footers(page, paragraph, offset, text)
        if "contribu" in low or "this report" in low or "beigetragen" in low or "was used in" in low or "this article" in low:
            yield from _contributions(page, paragraph, offset, text)
        if "generated" in low or "feed" in low or "edited by" in low or "only the headline" in low:
            yield from _disclaimers(page, paragraph, offset, text)
        if "©" in text or "(c)" in low or "copyright" in low or "distributed by" in low:
            yield from _copyright_lines(page, paragraph, offset, text)
        if any(cue in low for cue in ("publish", "appeared", "print", "posted", "from which", "permission", " aired", " ran ", "read the", "to read", "syndicated", "adapted")):
            yield from _republications(page, paragraph, offset, text)
        if "/" in text or "SOURCE" in text:
            yield from _press_wires(page, paragraph, offset, text)
        if "自" in text or "translat" in low or "bersetzt" in low or "tradu" in low or "翻訳" in text:
            yield from _translations(page, paragraph, offset, text)
        if "From " in text and page.is_head(paragraph, offset, 400):
            yield from _from_sentences(page, paragraph, offset, text)


def sentence_span(text: str, position: int, reach: int = 260) -> tuple[int, int]:
    """Start and end of the sentence around `position`, looking at most `reach` characters each way."""
    low = max(0, position - reach)
    start = low
    for stop in _SENTENCE_BREAK.finditer(text, low, position):
        start = stop.end()
    ahead = _SENTENCE_BREAK.search(text, position, position + reach)
    end = min(len(text), position + reach) if ahead is None else ahead.start() + len(ahead.group().rstrip())
    while start < end and text[start].isspace():
        start += 1
    return start, len(text[:end].rstrip())


def _desk_footers(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in TRUST_PRINCIPLES.finditer(text):
        reuters = page.registry.by_id("reuters")
        if reuters is not None:
            yield Finding(reuters, "desk_footer", "full", paragraph, offset + match.start(), offset + match.end(), 0.95)
    for match in DESK_FOOTER.finditer(text):
        words = match.group().casefold()
        bracketed = match.group().startswith("(")
        if not page.is_tail(paragraph, offset + match.end()):
            continue
        if not ("editing by" in words and ("reporting" in words or "writing" in words) or (bracketed and "reporting by" in words)):
            continue
        # An agency named right behind the footer is its owner; the form itself is the house style of Reuters.
        behind = offset + match.end()
        owner = next((m.organisation for m in page.mentions(paragraph) if 0 <= m.start - behind <= 4 and m.organisation.kind == "agency"), None)
        named = owner or page.registry.by_id("reuters")
        if named is not None:
            yield Finding(named, "desk_footer", "full", paragraph, offset + match.start(), offset + match.end(), 0.9 if owner else 0.75)


def _contributions(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in CONTRIBUTION.finditer(text):
        start, end = sentence_span(text, match.start())
        if end - start > 330:
            continue
        found: list[Organisation] = []
        for mention in page.mentions(paragraph):
            if start <= mention.start - offset < end and mention.organisation not in found:
                behind = text[mention.end - offset : mention.end - offset + 40]
                if not behind.startswith((" via ", "'s ")):
                    found.append(mention.organisation)
        if not found:
            named = name_at(page, paragraph, offset + start)
            subject_ends = text[named[2] - offset :].lstrip()[:11].startswith(("contribut", "also contrib")) if named else False
            if named and subject_ends and looks_like_outlet(named[0].name):
                found = [named[0]]
        for organisation in found:
            yield Finding(organisation, "contribution", "partial", paragraph, offset + start, offset + end, 0.9)


def _disclaimers(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in FEED_DISCLAIMER.finditer(text):
        start, end = sentence_span(text, match.start(), 420)
        bracket = text.rfind("(", max(0, match.start() - 300), match.start())
        start = min(start, bracket) if bracket >= 0 and ")" not in text[bracket : match.start()] else start
        closing = text.find(")", match.end(), match.end() + 200)
        end = closing + 1 if 0 <= closing and text[start] == "(" else end
        behind = offset + end
        owner = next((m.organisation for m in page.mentions(paragraph) if 0 <= m.start - behind <= 4 and m.organisation.kind == "agency"), None)
        inside = next(
            (
                m.organisation
                for m in page.mentions(paragraph)
                if offset + match.start() < m.start < behind and m.organisation.kind == "agency" and re.search(r"(?:from|by) (?:a |an |the )?$", text[max(0, m.start - offset - 10) : m.start - offset])
            ),
            None,
        )
        named = owner or inside or page.registry.by_id(UNNAMED_FEED)
        if named is not None:
            yield Finding(named, "feed_disclaimer", "full", paragraph, offset + start, offset + end, 0.95)
        return


def _copyright_lines(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
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
        organisation, _, end = named
        registered = page.registry.by_id(organisation.id) is not None
        if not registered and not NEWS_SERVICE.search(organisation.name):
            continue
        reached = end - offset
        kind: CreditKind = "photo" if picture or page.registry.supplies_pictures_only(organisation) else "copyright"
        carry = "unknown" if kind == "photo" else "full"
        yield Finding(organisation, kind, carry, paragraph, offset + match.start(), end, 0.85)  # type: ignore[arg-type]
    for match in DISTRIBUTED.finditer(text):
        named = name_at(page, paragraph, offset + match.end(), made_up=False)
        if named and page.is_tail(paragraph, named[2]):
            yield Finding(named[0], "copyright", "full", paragraph, offset + match.start(), named[2], 0.85)


def _republications(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in REPUBLICATION.finditer(text):
        start, _ = sentence_span(text, match.start())
        if not (page.is_head(paragraph, offset + match.start(), 1200) or page.is_tail(paragraph, offset + match.end(), 2500)):
            continue
        if not ABOUT_THIS_TEXT.search(text, start, match.end()) or NOT_A_PUBLICATION.match(text, match.end()):
            continue
        if PICTURE_WORD.match(text, start):
            continue
        named = name_at(page, paragraph, offset + match.end())
        named = _last_hop(page, paragraph, named, match)
        if named is not None:
            organisation, _, end = named
            _, sentence_end = sentence_span(text, end - offset)
            end = offset + sentence_end if sentence_end - (end - offset) <= 120 else end
            yield Finding(organisation, "republication", "full", paragraph, offset + start, end, 0.85)
    for match in ADAPTED_FROM.finditer(text):
        start, _ = sentence_span(text, match.start())
        named_before = _name_ending_at(page, paragraph, offset + match.start(), offset + start)
        if named_before is not None:
            yield Finding(named_before, "republication", "full", paragraph, offset + start, offset + match.end(), 0.85)
    for match in READ_ORIGINAL.finditer(text):
        words = match.group().casefold()
        cue = "original" in words or "source" in words or text[max(0, match.start() - 3) : match.start()] == "To "
        if not cue or not page.is_tail(paragraph, offset + match.start()):
            continue
        named = name_at(page, paragraph, offset + match.end())
        if named is not None:
            yield Finding(named[0], "republication", "full", paragraph, offset + match.start(), named[2], 0.8)


def _last_hop(page: Page, paragraph: int, named: tuple[Organisation, int, int] | None, match: re.Match[str]) -> tuple[Organisation, int, int] | None:
    """`by Brian Abel on WXYZ`: behind a writer the place of publication is what counts."""
    if named is None or not match.group().rstrip().endswith((" by", " from")):
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


def _press_wires(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    wire = False
    for mention in page.mentions(paragraph):
        start, end = mention.start - offset, mention.end - offset
        if start < 0 or end > len(text) or mention.organisation.kind not in ("press_release", "agency"):
            continue
        if text[:start].rstrip(" ")[-1:] != "/" or not _SLASH.match(text, end):
            continue
        if not (page.is_head(paragraph, mention.start) or start < 90):
            continue
        begin, _ = sentence_span(text, start, 90)
        closing = _SLASH.match(text, end)
        stop = closing.end() if closing else end
        dash = re.match(r"[\s.]{0,2}-{0,2}", text[stop : stop + 6])
        stop += dash.end() if dash else 0
        wire = wire or mention.organisation.kind == "press_release"
        kind: CreditKind = "press_release" if mention.organisation.kind == "press_release" else "dateline"
        yield Finding(mention.organisation, kind, "full", paragraph, offset + begin, offset + stop, 0.9)
    if wire or any("/" in t[:1500] and "wire" in t[:1500].casefold() for t in page.texts[:6]):
        for match in ISSUER.finditer(text):
            named = name_at(page, paragraph, offset + match.start("name"))
            if named and page.is_tail(paragraph, named[2], 600):
                name = re.sub(r" (?:Related|MENAFN).*$", "", named[0].name)
                yield Finding(page.registry.resolve(name), "press_release", "full", paragraph, offset + match.start(), named[2], 0.7)


def _translations(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in TRANSLATION.finditer(text):
        if not (page.is_head(paragraph, offset + match.start()) or page.is_tail(paragraph, offset + match.end())):
            continue
        wide = match.group()[0] > "\u2e80"
        if wide:
            mention = next((m for m in page.mentions(paragraph) if 0 <= m.start - offset - match.end() <= 3), None)
            if mention is not None:
                yield Finding(mention.organisation, "translation", "full", paragraph, offset + match.start(), mention.end, 0.85)
                continue
        named = name_at(page, paragraph, offset + match.end(), made_up=False)
        if named is not None:
            yield Finding(named[0], "translation", "full", paragraph, offset + match.start(), named[2], 0.8)


def _from_sentences(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in _FROM_SENTENCE.finditer(text[:500]):
        name = match.group("name")
        known = page.registry.by_title(name)
        if known is None and not looks_like_outlet(name[:1].upper() + name[1:]):
            continue
        yield Finding(known or page.registry.resolve(name), "source_line", "full", paragraph, offset + match.start("credit"), offset + match.end("credit"), 0.75)


def find_pictures(page: Page, paragraph: int) -> Iterator[Finding]:
    """Registered names that credit a picture."""
    text = page.texts[paragraph]
    for mention in page.mentions(paragraph):
        before = text[max(0, mention.start - 60) : mention.start]
        after = text[mention.end : mention.end + 30]
        name = text[mention.start : mention.end]
        bracketed = before.endswith("[") and after.startswith("]") and len(name) < 20
        supplier = page.registry.supplies_pictures_only(mention.organisation)
        supplier = supplier and (_SUPPLIER_CONTEXT.search(before) is not None or after[:1] in ("/", ")") or (len(text) < 160 and not mention.credit_only))
        if supplier or bracketed or PICTURE_BEFORE.search(before) or PICTURE_AFTER.match(after):
            yield Finding(mention.organisation, "photo", "unknown", paragraph, mention.start, mention.end, 0.85)
