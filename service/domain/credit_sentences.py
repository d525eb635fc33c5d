"""Credits that are sentences or stand inside one: desk footers, contributions, feed disclaimers, and picture credits.

Owns the cues that send a paragraph to a sentence family, so that ordinary paragraphs cost next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.credit_page import Finding, Page, looks_like_outlet, name_at, sentence_span
from service.domain.credit_patterns import (
    CONTRIBUTED,
    CONTRIBUTION,
    DESK_FOOTER,
    FEED_DISCLAIMER,
    PICTURE_AFTER,
    PICTURE_BEFORE,
    TRUST_PRINCIPLES,
)
from service.domain.credit_republication import copyright_lines, press_wires, republications, translations
from service.domain.models import Organisation
from service.domain.registry import UNNAMED_FEED, Mention

_FROM_SENTENCE = re.compile(r"(?:^|[.!?\"]\s{1,2})(?P<credit>From (?P<name>[\w][\w .&'-]{2,50}?)\.)(?=\s+[A-Z])")
_CAPTION_CHARACTERS = 400
_CAPTION_LETTERS = 20
_SUPPLIER_CONTEXT = re.compile(r"(?:[/©|:]|\bvia|(?:^|[.!?\"'] ?)\() ?$")


def find_in_sentences(page: Page, paragraph: int) -> Iterator[Finding]:
    """Credits inside the text of a paragraph."""
    for offset, text in page.windows(paragraph):
        low = text.casefold()
        if "ing by" in low or " por " in low or "trust principles" in low or "bericht" in low:
            yield from _desk_footers(page, paragraph, offset, text)
        if (
            "contribu" in low
            or "this report" in low
            or "beigetragen" in low
            or "was used in" in low
            or "reporting by" in low
            or "reporting from" in low
            or "this article" in low
        ):
            yield from _contributions(page, paragraph, offset, text)
        if "generated" in low or "-published" in low or "feed" in low or "edited by" in low or "only the headline" in low:
            yield from _disclaimers(page, paragraph, offset, text)
        if "©" in text or "(c)" in low or "copyright" in low or "distributed" in low or "rights reserved" in low:
            yield from copyright_lines(page, paragraph, offset, text)
        if any(
            cue in low
            for cue in (
                "publish",
                "appeared",
                "print",
                "produced",
                "posted",
                "from which",
                "permission",
                " aired",
                " ran ",
                "read the",
                "to read",
                "syndicated",
                "adapted",
                "courtesy",
            )
        ):
            yield from republications(page, paragraph, offset, text)
        if "/" in text or "SOURCE" in text:
            yield from press_wires(page, paragraph, offset, text)
        if "自" in text or "translat" in low or "bersetzt" in low or "tradu" in low or "翻訳" in text:
            yield from translations(page, paragraph, offset, text)
        if "From " in text and page.is_head(paragraph, offset, 400):
            yield from _from_sentences(page, paragraph, offset, text)


def _desk_footers(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in TRUST_PRINCIPLES.finditer(text):
        reuters = page.registry.by_id("reuters")
        if reuters is not None:
            yield Finding(reuters, "desk_footer", paragraph, offset + match.start(), offset + match.end(), 0.95)
    for match in DESK_FOOTER.finditer(text):
        words = match.group().casefold()
        bracketed = match.group().startswith("(")
        if not page.is_tail(paragraph, offset + match.end()):
            continue
        if not (
            ("editing by" in words and ("reporting" in words or "writing" in words)) or (bracketed and "reporting by" in words)
        ):
            continue
        # An agency named right behind the footer is its owner; the form itself is the house style of Reuters.
        behind = offset + match.end()
        owner = next(
            (m.organisation for m in page.mentions(paragraph) if 0 <= m.start - behind <= 4 and m.organisation.kind == "agency"),
            None,
        )
        named = owner or page.registry.by_id("reuters")
        if named is not None:
            yield Finding(named, "desk_footer", paragraph, offset + match.start(), offset + match.end(), 0.9 if owner else 0.75)


def _contributions(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in CONTRIBUTION.finditer(text):
        start, end = sentence_span(text, match.start())
        if end - start > 330:
            continue
        found: list[Organisation] = []
        for mention in page.mentions(paragraph):
            if start <= mention.start - offset < end and mention.organisation not in found:
                behind = text[mention.end - offset : mention.end - offset + 40]
                if not behind.startswith(" via "):
                    found.append(mention.organisation)
        if not found:
            named = name_at(page, paragraph, offset + start)
            subject_ends = text[named[2] - offset :].lstrip()[:11].startswith(("contribut", "also contrib")) if named else False
            if named and subject_ends and looks_like_outlet(named[0].name):
                found = [named[0]]
        for organisation in found:
            yield Finding(organisation, "contribution", paragraph, offset + start, offset + end, 0.9)

    closing = CONTRIBUTED.search(text) if page.is_tail(paragraph, offset + len(text)) else None
    for mention in page.mentions(paragraph) if closing else ():
        start, end = mention.start - offset, mention.end - offset
        if (
            closing
            and end == closing.start()
            and text[max(0, start - 6) : start].strip(" Thea-_")[-1:] in ("", ".", '"', "\n", ")")
        ):
            yield Finding(mention.organisation, "contribution", paragraph, mention.start, offset + closing.end(), 0.85)


def _disclaimers(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in FEED_DISCLAIMER.finditer(text):
        start, end = sentence_span(text, match.start(), 420)
        bracket = text.rfind("(", max(0, match.start() - 300), match.start())
        start = min(start, bracket) if bracket >= 0 and ")" not in text[bracket : match.start()] else start
        closing = text.find(")", match.end(), match.end() + 200)
        end = closing + 1 if closing >= 0 and text[start] == "(" else end
        behind = offset + end
        owner = next(
            (m.organisation for m in page.mentions(paragraph) if 0 <= m.start - behind <= 4 and m.organisation.kind == "agency"),
            None,
        )
        inside = next(
            (
                m.organisation
                for m in page.mentions(paragraph)
                if offset + match.start() < m.start < behind
                and m.organisation.kind == "agency"
                and re.search(
                    r"(?:from|by) (?:a |an |the )?(?:syndicated |wire |news )?$",
                    text[max(0, m.start - offset - 22) : m.start - offset],
                )
            ),
            None,
        )
        named = owner or inside or page.registry.by_id(UNNAMED_FEED)
        if named is not None:
            yield Finding(named, "feed_disclaimer", paragraph, offset + start, offset + end, 0.95)
        return


def _from_sentences(page: Page, paragraph: int, offset: int, text: str) -> Iterator[Finding]:
    for match in _FROM_SENTENCE.finditer(text[:500]):
        name = match.group("name")
        known = page.registry.by_title(name)
        if known is None and not looks_like_outlet(name[:1].upper() + name[1:]):
            continue
        yield Finding(
            known or page.registry.resolve(name),
            "source_line",
            paragraph,
            offset + match.start("credit"),
            offset + match.end("credit"),
            0.75,
        )


def find_pictures(page: Page, paragraph: int) -> Iterator[Finding]:
    """Registered names that credit a picture."""
    text = page.texts[paragraph]
    for mention in page.mentions(paragraph):
        before = text[max(0, mention.start - 60) : mention.start]
        after = text[mention.end : mention.end + 30]
        name = text[mention.start : mention.end]
        bracketed = before.endswith("[") and after.startswith("]") and len(name) < 20
        if bracketed and not before[:-1].strip() and page.is_tail(paragraph, mention.end, 60):
            continue  # alone at the very end it signs the text
        supplier = page.registry.supplies_pictures_only(mention.organisation)
        supplier = supplier and (
            _SUPPLIER_CONTEXT.search(before) is not None or after[:1] == "/" or (len(text) < 160 and not mention.credit_only)
        )
        lists_next = after.startswith("/") and next(page.registry.mentions(after[1:], limit=1), None) is not None
        is_picture = supplier or bracketed or PICTURE_BEFORE.search(before) or (PICTURE_AFTER.match(after) and not lists_next)
        if is_picture or _stands_before_a_caption(page, paragraph, mention):
            yield Finding(mention.organisation, "photo", paragraph, mention.start, mention.end, 0.85)


def _stands_before_a_caption(page: Page, paragraph: int, mention: Mention) -> bool:
    """Whether a name is all that a paragraph adds, at its beginning or end, to the one before or behind it: so pages print a
    caption twice, once with the credit of its picture.
    """
    text = page.texts[paragraph]
    if len(text) > _CAPTION_CHARACTERS:
        return False
    head, tail = _letters(text[: mention.start]), _letters(text[mention.end :])
    caption = tail if not head else head if not tail else ""
    if len(caption) < _CAPTION_LETTERS:
        return False
    neighbours = (page.texts[n] for n in (paragraph - 1, paragraph + 1) if 0 <= n < len(page.texts))
    return any(len(near) <= _CAPTION_CHARACTERS and _letters(near) == caption for near in neighbours)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
