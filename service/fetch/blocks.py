"""A page's text blocks in the order of the page, each with what its surroundings say about it.

Owns the walk over the markup: what starts a block, what is hidden, what is furniture by its mark-up. Never decides alone what the
article is (see extract.py). Nothing here recurses, so depth costs no stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_SKIPPED_LIST = """
script style noscript template svg math select option button input textarea iframe object canvas video audio map dialog
head
"""
_SKIPPED = frozenset(_SKIPPED_LIST.split())
_BREAKING_LIST = """
address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5
h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul picture img
"""
_BREAKING = frozenset(_BREAKING_LIST.split())
_FURNITURE_TAGS = frozenset({"nav", "menu", "form", "aside", "footer"})
_FURNITURE_ROLES = frozenset(
    {"navigation", "search", "dialog", "banner", "complementary", "menu", "menubar", "toolbar", "contentinfo"}
)
# Whole words of class names and ids: `comment-list` and `relatedStories` are furniture, `commentary` is not.
_FURNITURE_WORDS_LIST = """
nav navigation navbar menu breadcrumb breadcrumbs comment comments commenting disqus related recommended recommendation
recommendations newsletter newsletters promo promos sidebar share sharing social sponsored advert advertisement ads ad
adslot cookie cookies consent signup subscribe subscription popular trending mostread outbrain taboola paywallprompt
infobox toc skip pagination pager poll quiz teaser teasers readmore morestories bio masthead footer login register
carousel
"""
_FURNITURE_WORDS = frozenset(_FURNITURE_WORDS_LIST.split())
_CREDIT_WORDS_LIST = """
byline bylines author authors credit credits source sources attribution copyright contributor contributors signoff
disclaimer agency republish provenance dateline
"""
_CREDIT_WORDS = frozenset(_CREDIT_WORDS_LIST.split())
_CAPTION_WORDS = frozenset(["caption", "figcaption", "captions"])
_LEAD_WORDS_LIST = """
standfirst dek deck subtitle subheadline summary strapline lede kicker intro abstract teaserlead
"""
_LEAD_WORDS = frozenset(_LEAD_WORDS_LIST.split())
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_BLANK = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")
_BREAK = "\x0b"
"""Stands for a line break; no markup can hold it."""
_PARTED = re.compile(r"\x0b\s*\x0b\s*")
_MAX_BLOCKS = 20_000


@dataclass(slots=True)
class Block:
    """One run of text between block boundaries.

    `furniture`, `credit_marks` and `lead_marks` are the elements around all of it whose mark-up says so, outermost first;
    `linked` counts its characters inside links.
    """

    text: str
    tag: str
    element: Any
    furniture: tuple[Any, ...] = ()
    credit_marks: tuple[Any, ...] = ()
    lead_marks: tuple[Any, ...] = ()
    is_caption: bool = False
    linked: int = 0

    @property
    def link_share(self) -> float:
        return self.linked / max(1, len(self.text))


def mark_words(element: Any) -> set[str]:
    marks = " ".join(element.get(name) or "" for name in ("class", "id", "itemprop", "rel", "data-testid", "data-component"))
    return {word.lower() for word in _WORDS.findall(marks[:1_000])} if marks.strip() else set()


def is_page_footer(element: Any) -> bool:
    """A footer is furniture, yet the place where pages say whose text it is."""
    return element.tag == "footer" or mark_words(element) & _FURNITURE_WORDS <= {"footer"}


def is_hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or element.get("aria-hidden") == "true" or "display:none" in style


@dataclass(slots=True)
class _Frame:
    """What holds inside an element that is open."""

    element: Any
    block: Any
    furniture: tuple[Any, ...]
    credit_marks: tuple[Any, ...]
    lead_marks: tuple[Any, ...]
    is_caption: bool
    in_link: bool


class _Walk:
    def __init__(self, root: Any) -> None:
        self.blocks: list[Block] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._marks: list[_Frame] = []
        self._frames = [_Frame(root, root, (), (), (), is_caption=False, in_link=False)]

    def text(self, text: str | None) -> None:
        if not text:
            return
        frame = self._frames[-1]
        self._pieces.append(text.replace(_BREAK, " "))
        if text.strip():
            self._marks.append(frame)
            if frame.in_link:
                self._linked += len(text.strip())

    def flush(self) -> None:
        """End the block that is open; two line breaks part it."""
        marks, whole, linked = self._marks, "".join(self._pieces), self._linked
        self._pieces, self._marks, self._linked = [], [], 0
        if not marks:
            return
        holder = marks[0].block
        for part in _PARTED.split(whole):
            lines = (_BLANK.sub(" ", _CONTROL.sub("", line)).strip() for line in part.split(_BREAK))
            text = "\n".join(line for line in lines if line)
            if text and len(self.blocks) < _MAX_BLOCKS:
                self.blocks.append(
                    Block(
                        text,
                        holder.tag,
                        holder,
                        furniture=marks[0].furniture if all(mark.furniture for mark in marks) else (),
                        credit_marks=marks[0].credit_marks if all(mark.credit_marks for mark in marks) else (),
                        lead_marks=marks[0].lead_marks,
                        is_caption=any(mark.is_caption for mark in marks),
                        linked=linked,
                    )
                )

    def open(self, element: Any) -> bool:
        """False when nothing inside counts."""
        tag = element.tag
        if tag == "br":
            self._pieces.append(_BREAK)
            return False
        if tag in _SKIPPED or is_hidden(element):
            if tag in _BREAKING:
                self.flush()
            return False
        outer = self._frames[-1]
        is_block = tag in _BREAKING
        if is_block:
            self.flush()
        words = mark_words(element)
        is_furniture = tag in _FURNITURE_TAGS or element.get("role") in _FURNITURE_ROLES or bool(words & _FURNITURE_WORDS)
        is_credit = tag == "address" or bool(words & _CREDIT_WORDS)
        self._frames.append(
            _Frame(
                element,
                element if is_block else outer.block,
                (*outer.furniture, element) if is_furniture else outer.furniture,
                (*outer.credit_marks, element) if is_credit else outer.credit_marks,
                (*outer.lead_marks, element) if words & _LEAD_WORDS else outer.lead_marks,
                is_caption=outer.is_caption or tag in ("figcaption", "figure") or bool(words & _CAPTION_WORDS),
                in_link=outer.in_link or tag == "a",
            )
        )
        return True

    def close(self) -> Any:
        """The element that ends."""
        if self._frames[-1].block is self._frames[-1].element:
            self.flush()
        return self._frames.pop().element


def read_blocks(root: Any) -> list[Block]:
    """Every visible text block below `root`, in order."""
    walk = _Walk(root)
    walk.text(root.text)
    waiting = [iter(root)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
            if waiting:
                walk.text(walk.close().tail)
        elif isinstance(child.tag, str) and walk.open(child):
            walk.text(child.text)
            waiting.append(iter(child))
        else:
            walk.text(child.tail)
    walk.flush()
    return walk.blocks
