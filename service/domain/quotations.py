"""Quotation marks: which signs they are, and what stands between them in a text.

The one place that knows the pairs. A sign that opens in one language closes in another („so“, “so”, «so», »so«, ”so”), so the
spaces around it and what is open decide. Judges nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

MARKS = "\"'＂“”„‟«»「」『』｢｣‘’‚‛‹›"
"""Every sign that stands at an end of a quotation in one language or another."""
_FAMILIES = {mark: family[0] for family in ('"＂“”„‟', "«»", "‹›", "「」", "『』", "｢｣") for mark in family}
_FAMILIES |= {"``": '"', "''": '"'}
"""Marks of one family close each other; quotations of another may stand in between. Old wire copy sets ``so''."""
_MARKED = re.compile(rf"[{MARKS}`]")
_PAIRED = re.compile(r"``|''|[\"＂“”„‟«»‹›「」『』｢｣]")
_APOSTROPHE = re.compile(r'(?<=[^\W\d_])"(?:s|t|re|ve|ll|d|m)\b')
"""Britain"s is a misprint where nothing is open; the "Spiegel"s is none."""
_OPENING, _CLOSING = frozenset(("„", "‟", "「", "『", "｢", "``")), frozenset("」』｣")
_MIRRORED = {"«": "»", "»": "«", "‹": "›", "›": "‹"}
_ALIKE = frozenset(('"', "＂", "''", "”"))
"""Marks that may close what they open."""
_USUALLY_OPENING = frozenset("“«‹")
_USUALLY_CLOSING = frozenset(("”", "»", "›", "''"))
_BEFORE = frozenset("([{:¿¡-–—/" + MARKS)
_ENDS = frozenset(".?!…")
_STOPS = frozenset(".,;:!?…。，、；：！？")
_AFTER = _STOPS | frozenset(")]}-–—/" + MARKS)

_NO_QUOTE = r"(?!(?i:em|cause|til|tis|twas|bout|n|s|t|\d\ds?)\b)"
"""Behind an apostrophe, a word that has lost its beginning."""
_SINGLE = re.compile(
    # Single marks are apostrophes as well: a quote opens before a word, and closes after punctuation or, failing that, a word.
    r"(?<!\w)‘(?:[^‘’]|(?<=\w)’(?=\w)|(?<=s)’(?= \w)){2,2000}?[,.?!…]’(?!\w)"
    r"|(?<!\w)‘(?:[^‘’]|(?<=\w)’(?=\w)){2,2000}’(?!\w)"
    r"|(?<!\w)‚(?=\S)(?:[^‚‘’]|(?<=\w)’(?=\w)){2,2000}[‘’](?!\w)"
    rf"|(?<!\w)'(?=[\"“]?\w){_NO_QUOTE}(?:[^']|(?<=\w)'(?=\w)|(?<=s)'(?= \w)){{2,2000}}?[,.?!…]'(?!\w)"
    # A speech that goes on in the next paragraph, and one that went on from the paragraph before.
    rf"|\A['‘](?=[\"“]?\w){_NO_QUOTE}(?:[^'‘’]|(?<=\w)['’](?=\w)|(?<=s)['’](?= \w))++\Z"
    r"|\A[^‘]*?[,.?!…]’(?!\w)"
    r"|\A(?:[^']|(?<=\w)'(?=\w)|(?<=s)'(?= \w))++(?<=[,.?!…])'\Z"
)

Range = tuple[int, int]


def quotations(text: str) -> list[Range]:
    """Character ranges of what stands in quotation marks, with the marks, in order and apart from each other.

    One that is not closed goes to the end, as in a speech of several paragraphs. One that is closed and was never opened, behind
    or before punctuation, began in the paragraph before. Time is linear in the length of the text.
    """
    if not _MARKED.search(text):
        return []
    paired = _joined(_between_paired_marks(text))
    starts = [start for start, _ in paired]

    def around(position: int) -> int:
        found = bisect_right(starts, position) - 1
        return found if found >= 0 and position < paired[found][1] else -1

    # An apostrophe that is taken for a mark would reach from inside a quotation into the copy around it.
    single = [found.span() for found in _SINGLE.finditer(text)]
    return _joined([*paired, *(one for one in single if around(one[0]) == around(one[1] - 1))])


def _between_paired_marks(text: str) -> list[Range]:
    ranges: list[Range] = []
    opened: dict[str, list[tuple[str, Range]]] = defaultdict(list)
    last: dict[str, Range] = {}
    for found in _PAIRED.finditer(text):
        mark, place = found.group(), found.span()
        family = _FAMILIES[mark]
        stack = opened[family]
        if not stack and _APOSTROPHE.match(text, place[0]):
            continue
        if _opens(text, place, mark, stack[-1][0] if stack else ""):
            if stack and _goes_on(text, place[0]):
                continue
            stack.append((mark, place))
        elif stack:
            ranges.append((stack.pop()[1][0], place[1]))
        elif family not in last and _ends_a_speech(text, place, mark):
            ranges.append((text.rfind("\n", 0, place[0]) + 1, place[1]))
        last[family] = place
    # Whatever was opened and not closed before the next mark of its family lacks its end by mistake.
    ranges += [(stack[-1][1][0], len(text)) for family, stack in opened.items() if stack and stack[-1][1] == last[family]]
    return ranges


def _opens(text: str, place: Range, mark: str, innermost: str) -> bool:
    """Whether a mark opens a quotation; `innermost` is the mark of its family that is open, if any."""
    if mark in _OPENING or mark in _CLOSING:
        return mark in _OPENING
    if innermost and _MIRRORED.get(mark) == innermost:
        return False
    before, after = _around(text, place)
    is_free_before = not before or before.isspace() or before in _BEFORE
    is_free_after = not after or after.isspace() or after in _AFTER
    if mark == innermost and mark in _ALIKE and before.isspace() and _behind(text, place[0]) == ",":
        return False  # set apart from what it closes: "So, "he said
    if is_free_before != is_free_after:
        return is_free_before
    if innermost:
        return mark in _USUALLY_OPENING and innermost not in _OPENING
    return mark not in _USUALLY_CLOSING


def _goes_on(text: str, start: int) -> bool:
    """Whether a mark that opens where one is open opens the next paragraph of a speech: it stands behind a sentence."""
    return text[start - 1].isspace() and _behind(text, start) in _ENDS


def _ends_a_speech(text: str, place: Range, mark: str) -> bool:
    """Whether a mark that closes what was never opened stands where a speech ends, and not behind inches or in a menu."""
    before, after = _around(text, place)
    if before.isspace():
        # French sets a space before its marks.
        return mark in _MIRRORED and _behind(text, place[0]) in _STOPS
    return before in _STOPS or (after in _STOPS and not before.isdigit())


def _around(text: str, place: Range) -> tuple[str, str]:
    """The character before and the one after, "" where there is none."""
    return text[max(0, place[0] - 1) : place[0]], text[place[1] : place[1] + 1]


def _behind(text: str, position: int) -> str:
    """What stands before a position and before the spaces there, if these are no more than two; else ""."""
    return text[max(0, position - 3) : position].rstrip()[-1:]


def _joined(ranges: Iterable[Range]) -> list[Range]:
    """The union, as ranges in order."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
