"""The page as the credit rules see it: folded paragraphs, their lines, and how near to head or tail a place is.

Owns `Finding`, one place that is not copy. Never decides what a place means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.domain.credit_patterns import DOMAIN, LIST_JOINT, NAME, OUTLET_NOUN, fold
from service.domain.models import Carry, CreditKind, Organisation
from service.domain.registry import Mention, Registry

HEAD_CHARACTERS = 900
TAIL_CHARACTERS = 1500
WINDOW = 6000
"""Of a longer paragraph only this much at each end is searched for credits; no credit stands deep inside one."""
LINES_AT_EACH_END = 60

_SENTENCE_BREAK = re.compile(r"[.!?][\"')\]]{0,2}\s+(?=[\"'(\[A-Z\u00c0-\u00de-])|\n")
_ABBREVIATIONS = frozenset({"St.", "U.S.", "U.K.", "N.Y.", "L.A.", "Mt.", "Dr."})
_JOINERS = frozenset({"and", "of", "the", "for", "de", "la", "du"})
_BEHIND_A_NAME = _JOINERS | {"", "staff", "news", "inc", "llc", "ltd", "visit", "distributed", "all"}


def carry_of(kind: CreditKind) -> Carry:
    """What a kind of credit says about how much was carried."""
    if kind in ("mixed_source", "contribution"):
        return "partial"
    return "unknown" if kind in ("photo", "self_reference") else "full"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place that is credit or furniture (`organisation` None: excluded from the copy, credits nobody)."""

    organisation: Organisation | None
    kind: CreditKind
    paragraph: int
    start: int
    end: int
    confidence: float

    @property
    def carry(self) -> Carry:
        """How much of the text the kind of place speaks for: a picture credit for none of it."""
        return carry_of(self.kind)


@dataclass(frozen=True, slots=True)
class Line:
    """One trimmed, folded line: characters `start`..`end` of its paragraph."""

    paragraph: int
    start: int
    end: int
    text: str

    def found(self, organisation: Organisation, kind: CreditKind, confidence: float, start: int | None = None) -> Finding:
        """The whole line as a finding, beginning at `start` of the paragraph where that is given."""
        return Finding(organisation, kind, self.paragraph, self.start if start is None else start, self.end, confidence)


class Page:
    """Folded view of an article's paragraphs with distances in characters."""

    def __init__(self, paragraphs: Sequence[str], registry: Registry) -> None:
        self.registry = registry
        self.texts = [fold(p) for p in paragraphs]
        self._starts: list[int] = []
        total = 0
        for text in self.texts:
            self._starts.append(total)
            total += len(text) + 1
        self.length = total
        self.lines = self._lines()
        self._mentions: dict[int, list[Mention]] = {}

    def before(self, paragraph: int, offset: int) -> int:
        """Characters of the article that stand before this place."""
        return self._starts[paragraph] + offset

    def after(self, paragraph: int, offset: int) -> int:
        """Characters of the article that stand behind this place."""
        return self.length - self.before(paragraph, offset) - 1

    def is_head(self, paragraph: int, offset: int, limit: int = HEAD_CHARACTERS) -> bool:
        return self.before(paragraph, offset) <= limit

    def is_tail(self, paragraph: int, offset: int, limit: int = TAIL_CHARACTERS) -> bool:
        return self.after(paragraph, offset) <= limit

    def windows(self, paragraph: int) -> list[tuple[int, str]]:
        """The parts of a paragraph worth searching, each with its offset."""
        text = self.texts[paragraph]
        if len(text) <= 2 * WINDOW:
            return [(0, text)]
        return [(0, text[:WINDOW]), (len(text) - WINDOW, text[-WINDOW:])]

    def mentions(self, paragraph: int) -> list[Mention]:
        """Registered names in the searched parts of a paragraph."""
        known = self._mentions.get(paragraph)
        if known is None:
            known = [
                Mention(m.organisation, m.start + offset, m.end + offset, m.credit_only)
                for offset, text in self.windows(paragraph)
                for m in self.registry.mentions(text)
            ]
            self._mentions[paragraph] = known
        return known

    def _lines(self) -> list[Line]:
        found: list[Line] = []
        for paragraph, text in enumerate(self.texts):
            if "\n" not in text:
                _add_line(found, paragraph, 0, text)
                continue
            for start, piece in _outer_lines(text):
                _add_line(found, paragraph, start, piece)
        if len(found) > 2 * LINES_AT_EACH_END:
            return found[:LINES_AT_EACH_END] + found[-LINES_AT_EACH_END:]
        return found


def _outer_lines(text: str) -> Iterator[tuple[int, str]]:
    """The first and last lines of a text with their offsets; of a very long one the middle is left out."""
    head = text.split("\n", LINES_AT_EACH_END)
    rest = head.pop() if len(head) > LINES_AT_EACH_END else None
    start = 0
    for piece in head:
        yield start, piece
        start += len(piece) + 1
    if rest is None:
        return
    tail = rest.rsplit("\n", LINES_AT_EACH_END)
    if len(tail) > LINES_AT_EACH_END:
        start += len(tail.pop(0)) + 1
    for piece in tail:
        yield start, piece
        start += len(piece) + 1


def _add_line(found: list[Line], paragraph: int, start: int, piece: str) -> None:
    trimmed = piece.strip()
    if trimmed:
        lead = start + len(piece) - len(piece.lstrip())
        found.append(Line(paragraph, lead, lead + len(trimmed), trimmed))


def name_at(page: Page, paragraph: int, start: int, *, made_up: bool = True) -> tuple[Organisation, int, int] | None:
    """The organisation whose name begins at `start` (an article or quotation mark before it is skipped), and its span.

    A registered name wins over the longer run of capitals around it only where it ends that run or a comma, full stop or
    lower-case word follows. With `made_up` an unregistered name in capitals or a domain makes an organisation.
    """
    text = page.texts[paragraph]
    window = text[start : start + 120]
    skip = len(window) - len(window.lstrip(" \"'"))
    window = window[skip:]
    start += skip
    end_of_run = 0
    run = NAME.match(window)
    if run:
        end_of_run = _run_end(run.group())
    for mention in page.registry.mentions(window[:80], limit=4):
        lead = window[: mention.start]
        if lead.casefold() not in ("", "the "):
            break
        rest = window[mention.end : end_of_run].strip(" .!")
        following = rest.split()[0].casefold() if rest else ""
        if following in _BEHIND_A_NAME or following.isdigit():
            return mention.organisation, start + mention.start, start + mention.end
    domain = DOMAIN.match(window)
    if domain and (made_up or page.registry.by_site(domain.group())):
        return page.registry.resolve(domain.group()), start, start + domain.end()
    if not made_up or end_of_run < 2:
        return None
    article = 4 if window.startswith("the ") else 0
    start, window, end_of_run = start + article, window[article:], end_of_run - article
    return page.registry.resolve(window[:end_of_run]), start, start + end_of_run


def _run_end(run: str) -> int:
    """Where a run of capitalised words ends as a name: behind a full stop, and never on a joining word."""
    words = run.split(" ")
    kept: list[str] = []
    for word in words:
        kept.append(word)
        if word.endswith((".", "!")) and word not in _ABBREVIATIONS:
            break
    while kept and kept[-1] in _JOINERS:
        kept.pop()
    return len(" ".join(kept).rstrip(".,"))


def looks_like_outlet(name: str) -> bool:
    """Whether a name has the shape of a publication: a domain, or a last word such as Tribune, News or 24."""
    words = name.replace("!", "").split()
    if not 1 <= len(words) <= 7 or sum(map(len, words)) > 60:
        return False
    if DOMAIN.fullmatch(name):
        return not name.endswith(".org")  # far more often an institution's
    return len(words) > 1 and any(OUTLET_NOUN.fullmatch(w) for w in words[1:]) and words[0][:1].isupper()


def split_names(registry: Registry, text: str) -> tuple[list[Organisation], list[str]]:
    """A list of names (`AP, AFP and Reuters`): the registered organisations in order, and the items that are none."""
    whole = registry.by_title(text)
    if whole is not None:
        return [whole], []
    organisations: list[Organisation] = []
    rest: list[str] = []
    for item in LIST_JOINT.split(text):
        name = item.strip(" .")
        if not name:
            continue
        found = registry.by_title(name) or registry.by_title(re.sub(r"^(?:other|the|l'|la|with|from) ?", "", name))
        own, dash, supplier = name.partition("-")
        if found is None and dash and own.isupper():  # `SD-Agencies`: the outlet's initials before its unnamed suppliers
            joined = registry.by_title(supplier)
            found = joined if joined is not None and joined.kind == "unnamed" else None
        if found is None:
            rest.append(name)
        elif found not in organisations:
            organisations.append(found)
    return organisations, rest


def sentence_span(text: str, position: int, reach: int = 260) -> tuple[int, int]:
    """Start and end of the sentence around `position`, looking at most `reach` characters each way."""
    low = max(0, position - reach)
    start = low
    for stop in _SENTENCE_BREAK.finditer(text, low, position + 1):  # one more, for the look-ahead at the next sentence
        start = stop.end() if stop.end() <= position else start
    ahead = _SENTENCE_BREAK.search(text, position, position + reach)
    end = min(len(text), position + reach) if ahead is None else ahead.start() + len(ahead.group().rstrip())
    while start < end and text[start].isspace():
        start += 1
    return start, len(text[:end].rstrip())
