"""A page's bytes to an article: title, time, authors, paragraphs in order with the credit lines that cleaners drop.

trafilatura says where the article is; our own walk over the page says what stands there, so that bylines, source lines,
disclaimers and copyright lines near the body are kept as evidence. Takes bytes, never an address to load. Runs in a worker.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import lxml.html
from trafilatura import __version__ as trafilatura_version
from trafilatura import bare_extraction

from service.fetch.blocks import Block, is_page_footer, read_blocks
from service.fetch.extract_types import ExtractedBlock, ExtractedPage, PageMetadata
from service.fetch.metadata import read_metadata

EXTRACTOR_VERSION = f"trafilatura {trafilatura_version}, rules 1"
"""Grows whenever the same page would be read differently."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
# What browsers write into a page that they save.
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{1,5}\)(https?://[\x21-\x3d\x3f-\x7e]{1,2000})\s*-->", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W_]+")
_CREDIT_LINE = re.compile(
    r"""^[^\w\u00a9\n]{0,3}(?:
        (?:additional\ |with\ )?(?:reporting|writing|editing|compiled|edited|written|reported)\b.{0,80}\b(?:by|in|from)\b
      | (?:by|von|par|por|di|af|av|door|yazan|text|texte|texto)\s*:?\s+(?-i:[A-Z\u00c0-\u024f])[^!?]{1,120}[^.!?]$
      | (?:source|sources|quelle|quellen|fuente|fonte|
        bron|kilde|k\u00e4lla|\u03c0\u03b7\u03b3\u03ae|\u6765\u6e90|\u7a3f\u6e90|\ucd9c\ucc98
        |\u0438\u0441\u0442\u043e\u0447\u043d\u0438\u043a|credit|agency|agencies)\s*[:\uff1a]\s*\S.{0,120}$
      | via\s+(?-i:[A-Z])[^.!?]{1,80}$
      | (?:\u00a9|\(c\)|copyright)\s*.{3,300}$
      | our\ standards\s*:
      | [-\u2013\u2014]{1,2}\s?(?-i:[A-Z])[\w./\ ]{1,30}$
      )
    | \b(?:contributed\ to\ this\ (?:report|article|story)|all\ rights\ reserved|(?:originally|first)\ (?:published|appeared)
      | republished\ (?:from|with|under)|appeared\ first\ on|distributed\ by|provided\ by|syndicated\ (?:feed|content)
      | (?:has\ )?not\ been\ (?:edited|created)\ by|with\ (?:inputs?|files|reporting|material)\ from
      | reported\ from\ .{2,80}|auto-generated
      | translated\ (?:from|by)|creative\ commons|mit\ material\ (?:von|der)|avec\ (?:afp|reuters)|con\ informaci[o\u00f3]n\ de
      | associated\ press\ writers?)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CLOCK = re.compile(r"\d:\d\d|\b\d{1,2} [AaPp]\.?[Mm]\b|\b\d{4}\b")
_MAX_CREDIT_CHARACTERS = 600
_CREDIT_REACH_BLOCKS = 25
_MIN_WORDS = 20
_LINK_SHARE = 0.6
_MAIN_SHARE = 0.7
_LONG_KEY = 40
_MAX_MARKED_CHARACTERS = 200
_NEVER_ARTICLES = frozenset({"nav", "menu", "aside"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_MAX_BLOCK_CHARACTERS = 100_000


class NoArticleError(ValueError):
    """No article text could be found on the page."""


def decode(page: bytes, charset: str | None = None) -> str:
    """The page's text: by byte order mark, by what the transport said, by what the page says, else UTF-8."""
    declared = _CHARSET.search(page[:4_096])
    named = [charset, declared.group(1).decode("ascii") if declared else None, "utf-8"]
    if page.startswith((b"\xff\xfe", b"\xfe\xff")):
        named.insert(0, "utf-16")
    if page.startswith(b"\xef\xbb\xbf"):
        named.insert(0, "utf-8-sig")
    for name in named:
        try:
            if name:
                return page.decode(name)
        except (LookupError, UnicodeError):
            continue
    return page.decode("windows-1252", "replace")


def extract_page(page: bytes, *, url: str | None, charset: str | None = None) -> ExtractedPage:
    """The article of a page. Raises NoArticleError. Trust no time or memory bound here: run it in a worker."""
    text = _CONTROLS.sub("", decode(page, charset))
    tree = _tree(text)
    metadata = read_metadata(tree, url)
    body = tree.find("body") if tree.tag == "html" else tree
    blocks = read_blocks(body if body is not None else tree)
    anchors = _anchors(text, url)
    chosen, captions = _choose(blocks, anchors, metadata)
    said = metadata.body
    words = sum(len(block.text.split()) for block in chosen if block.kind == "body")
    said_words = len(said.value.split()) if said else 0
    low = min(words, said_words) * 2 < max(words, said_words) and said_words > 0
    if said is not None and words * 2 < said_words and said_words >= _MIN_WORDS:
        kept = tuple(block for block in chosen if block.kind == "credit")
        parts = [part.strip() for part in re.split(r"\n\s*\n|\n", said.value) if part.strip()]
        chosen = [*(ExtractedBlock(part[:_MAX_BLOCK_CHARACTERS], "body") for part in parts), *kept]
        return ExtractedPage(metadata, tuple(chosen), captions, said.where, "low")
    if not any(block.kind == "body" for block in chosen):
        raise NoArticleError("no article text was found on the page")
    return ExtractedPage(metadata, tuple(chosen), captions, f"html ({EXTRACTOR_VERSION})", "low" if low else "high")


def page_address(page: bytes) -> str | None:
    """Where a page that was saved stood: as the browser noted that saved it, else as the page says of itself (JSON-LD or
    `og:url`, else its canonical link); None where nothing says so. Raises NoArticleError.
    """
    noted = _SAVED_FROM.search(page[:4_096])
    if noted is not None:
        return noted[1].decode("ascii", "replace")
    metadata = read_metadata(_tree(_CONTROLS.sub("", decode(page))), None)
    found = [one.value for one in (metadata.url, metadata.canonical) if one is not None]
    return next((address for address in found if address.lower().startswith(("http://", "https://"))), None)


def fragment_paragraphs(markup: str) -> tuple[str, ...]:
    """The visible blocks of a piece of HTML that is all article, such as the body of a ninjs item."""
    try:
        tree = _tree(_CONTROLS.sub("", markup))
    except NoArticleError:  # nothing but blanks, or end tags without a beginning
        return ()
    return tuple(block.text for block in read_blocks(tree) if not block.is_caption)


def _tree(text: str) -> Any:
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise NoArticleError(f"the page is not HTML: {str(error)[:200]}") from error
    return tree


def _key(text: str) -> str:
    return "".join(_LETTERS.findall(unicodedata.normalize("NFKC", text).casefold()))


def _anchors(text: str, url: str | None) -> list[str]:
    """What trafilatura takes for the article, as folded lines in order."""
    # `deduplicate` stays off: it keeps a cache for the whole process, and the fourth reading of a page would be empty.
    found = bare_extraction(text, url=url, include_comments=False, include_tables=True, deduplicate=False, with_metadata=False)
    lines = (getattr(found, "text", None) or "").split("\n")
    return [key for line in lines if (key := _key(line))]


def _choose(
    blocks: Sequence[Block], anchors: Sequence[str], metadata: PageMetadata
) -> tuple[list[ExtractedBlock], tuple[str, ...]]:
    """The article's blocks in order, and the captions between them."""
    page = _Page(blocks, anchors, metadata)
    kinds = [page.kind(index) for index in range(len(blocks))]
    chosen: list[ExtractedBlock] = []
    captions: dict[str, None] = {}
    seen: set[str] = set()
    for index, (block, kind) in enumerate(zip(blocks, kinds, strict=True)):
        key = page.keys[index]
        if kind == "caption":
            captions[block.text[:2_000]] = None
        if kind not in ("body", "credit") or (key in seen and (kind == "credit" or len(key) > _LONG_KEY)):
            continue
        if block.tag in _HEADINGS and not _leads_somewhere(kinds, index):
            continue
        seen.add(key)
        chosen.append(ExtractedBlock(block.text[:_MAX_BLOCK_CHARACTERS], kind))
    return chosen, tuple(captions)[:200]


def _leads_somewhere(kinds: Sequence[str | None], index: int) -> bool:
    """Whether text of the article follows a heading; a heading above links or above nothing is none of its. One block (an
    advertisement's label) may stand between.
    """
    following = [kind for kind in kinds[index + 1 : index + 12] if kind not in ("caption", "credit")]
    return "body" in following[:2]


class _Page:
    """What is known of a page before its blocks are judged one by one."""

    def __init__(self, blocks: Sequence[Block], anchors: Sequence[str], metadata: PageMetadata) -> None:
        self.blocks = blocks
        self.keys = [_key(block.text) for block in blocks]
        wanted = Counter(anchors)
        anchored: list[int] = []
        for index, key in enumerate(self.keys):
            if wanted[key] > 0:
                wanted[key] -= 1
                anchored.append(index)
        self.titles = {_key(metadata.title.value)} if metadata.title else set()
        self.titles |= {key for key, block in zip(self.keys, blocks, strict=True) if block.tag == "h1"}
        self.lead = _key(metadata.description.value) if metadata.description else ""
        self.main_line = _holders(blocks, anchored, self.keys)
        self.trusted = {index for index in anchored if not self._furniture(blocks[index])}
        texts = [index for index in self.trusted if blocks[index].tag not in _HEADINGS and not self._is_credit(index)] or list(
            self.trusted
        )
        self.first, self.last = (min(texts), max(texts)) if texts else (0, -1)
        self.signatures = {_signature(blocks[index].element) for index in texts}
        self.opens = max(
            (index for index in range(min(self.first + 1, len(blocks))) if self.keys[index] in self.titles), default=self.first
        )

    def kind(self, index: int) -> Literal["body", "credit", "caption"] | None:
        """None for what is not the article's."""
        block, key = self.blocks[index], self.keys[index]
        if not self.trusted or not self.opens <= index <= self.last + _CREDIT_REACH_BLOCKS or not key or key in self.titles:
            return None
        furniture = self._furniture(block)
        is_between = self.opens <= index <= self.last
        if block.is_caption:
            return "caption" if is_between and not furniture else None
        if self._is_credit(index) and all(map(is_page_footer, furniture)):
            return "credit"
        if furniture or block.link_share > _LINK_SHARE:
            return "body" if index in self.trusted and not furniture else None
        if index in self.trusted and is_between:
            return "body"
        if self.first < index < self.last:
            is_like = block.tag in _HEADINGS or _signature(block.element) in self.signatures
            return "body" if is_like and self._in_main(block) else None
        return "body" if index < self.first and self._is_opening(block, key) else None

    def _furniture(self, block: Block) -> list[Any]:
        """What looks like furniture around a block; what holds the article itself is none, unless it can hold no article."""
        return [element for element in block.furniture if element.tag in _NEVER_ARTICLES or element not in self.main_line]

    def _in_main(self, block: Block) -> bool:
        main = self.main_line[-1] if self.main_line else None
        return main is not None and any(element is main for element in (block.element, *block.element.iterancestors()))

    def _is_credit(self, index: int) -> bool:
        block = self.blocks[index]
        if len(block.text) > _MAX_CREDIT_CHARACTERS or block.tag == "h1":
            return False
        if _CREDIT_LINE.search(block.text):
            return True
        is_marked = len(block.text) <= _MAX_MARKED_CHARACTERS and any(mark not in self.main_line for mark in block.credit_marks)
        return is_marked and _reads_like_names(block.text)

    def _is_opening(self, block: Block, key: str) -> bool:
        """A standfirst, or a first paragraph that was overlooked."""
        is_lead = len(key) > _LONG_KEY and bool(self.lead) and (key.startswith(self.lead) or self.lead.startswith(key))
        marked = any(mark not in self.main_line for mark in block.lead_marks) and len(block.text.split()) > 4
        alike = _signature(block.element) in self.signatures and len(block.text.split()) > 8 and self._in_main(block)
        return is_lead or marked or alike


def _reads_like_names(text: str) -> bool:
    """Half of the words begin with a capital, or have none to begin with; a date or a label such as `Read in app` does not."""
    words = [word for word in _LETTERS.findall(text) if not word.isdigit()]
    lower = sum(word[0].islower() for word in words)
    return bool(words) and lower * 2 <= len(words) and not _CLOCK.search(text)


def _holders(blocks: Sequence[Block], anchored: Sequence[int], keys: Sequence[str]) -> list[Any]:
    """The elements that hold most of the anchored text, outermost first; the last one is the article's own."""
    held: Counter[Any] = Counter()
    for index in anchored:
        for element in (blocks[index].element, *blocks[index].element.iterancestors()):
            held[element] += len(keys[index])
    total = sum(len(keys[index]) for index in anchored)
    line = [element for element, characters in held.items() if characters > _MAIN_SHARE * total]
    return sorted(line, key=lambda element: sum(1 for _ in element.iterancestors()))


def _signature(element: Any) -> tuple[str, str, str, str]:
    parent = element.getparent()
    outer = ("", "") if parent is None else (parent.tag, parent.get("class") or "")
    return (element.tag, element.get("class") or "", *outer)
