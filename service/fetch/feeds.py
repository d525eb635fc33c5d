"""RSS 2.0, RSS 1.0 and Atom items, with what they say about where the copy comes from. Takes bytes, never an address.

Document types are refused, because entities are the only way for so small a document to grow. RSS `<credit>` is a picture's
and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from service.domain.models import ClaimedSource
from service.fetch.extract_types import FeedItem
from service.fetch.values import clean, read_time

MAX_FEED_BYTES = 2_000_000
_MAX_ITEMS = 1_000
_XML = "{http://www.w3.org/XML/1998/namespace}"


class FeedError(ValueError):
    """The bytes are no feed that can be read; the message says why."""


def read_feed(content: bytes, url: str | None = None) -> tuple[FeedItem, ...]:
    """The items in order. Raises FeedError for what is no feed, or holds more than 1,000 items."""
    if len(content) > MAX_FEED_BYTES:
        raise FeedError(f"it has {len(content)} bytes, the limit is {MAX_FEED_BYTES}")
    # UTF-16 spells a declaration with zeros between the letters; no feed needs one in any spelling.
    plain = content[:200_000].replace(b"\x00", b"").lower()
    if b"<!doctype" in plain or b"<!entity" in plain:
        raise FeedError("it has a document type, which no feed needs")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FeedError(f"it is not XML: {str(error)[:200]}") from error
    if root.getroottree().docinfo.doctype:
        raise FeedError("it has a document type, which no feed needs")
    found: list[FeedItem] = []
    for element in root.iter():
        if _local(element) == "item":
            found.append(_rss_item(element, url, _language(root)))
        elif _local(element) == "entry":
            found.append(_atom_entry(element, url, _language(root)))
        if len(found) > _MAX_ITEMS:
            raise FeedError(f"it has more than {_MAX_ITEMS:,} items")
    if not found and _local(root) not in ("rss", "feed", "rdf"):
        raise FeedError(f"it is neither RSS nor Atom but <{_local(root)[:50]}>")
    return tuple(found)


def _local(element: Any) -> str:
    return str(etree.QName(element).localname).lower() if isinstance(element.tag, str) else ""


def _children(element: Any, *names: str) -> Iterator[Any]:
    for name in names:
        yield from (child for child in element if _local(child) == name)


def _text(element: Any) -> str:
    return clean("".join(element.itertext()))


def _first(element: Any, *names: str) -> str | None:
    return next((text for child in _children(element, *names) if (text := _text(child))), None)


def _language(root: Any) -> str | None:
    channel = next(_children(root, "channel"), root)
    return _first(channel, "language") or root.get(f"{_XML}lang")


def _address(base: str | None, text: str | None) -> str | None:
    if not text:
        return None
    try:
        joined = urljoin(base or "", text)
    except ValueError:
        return None
    return joined if joined.lower().startswith(("http://", "https://")) else None


def _at(*texts: str | None) -> str | None:
    for text in texts:
        if not text:
            continue
        if found := read_time(text):
            return found
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError):
            continue
        if at.tzinfo is not None:
            return at.isoformat()
    return None


def _rss_item(item: Any, base: str | None, language: str | None) -> FeedItem:
    guid = next(_children(item, "guid"), None)
    identifier = _text(guid) if guid is not None else None
    is_address = guid is not None and guid.get("isPermaLink", "true").lower() == "true"
    claims: list[ClaimedSource] = []
    for source in _children(item, "source"):
        name = _text(source) or source.get("url") or ""
        if name:
            claims.append(ClaimedSource(name, "source", "rss:source"))
        if source.get("url") and _text(source):
            claims.append(ClaimedSource(source.get("url"), "source-url", "rss:source"))
    full = next((text for child in _children(item, "encoded") if (text := "".join(child.itertext()).strip())), "")
    authors = [_text(child) for child in _children(item, "creator")] or [_text(child) for child in _children(item, "author")]
    return FeedItem(
        title=_first(item, "title") or "",
        url=_address(base, _first(item, "link") or (identifier if is_address else None)),
        identifier=identifier,
        published_at=_at(_first(item, "pubdate", "date")),
        authors=tuple(filter(None, authors)),
        language=language,
        html=full or next(("".join(child.itertext()).strip() for child in _children(item, "description")), ""),
        is_summary=not full,
        claims=tuple(claims),
    )


def _atom_entry(entry: Any, base: str | None, language: str | None) -> FeedItem:
    links = list(_children(entry, "link"))
    own = next((link.get("href") for link in links if link.get("rel", "alternate") == "alternate"), None)
    claims: list[ClaimedSource] = []
    # In Atom <source> is a container: the feed that the entry was copied from.
    for source in _children(entry, "source"):
        if title := _first(source, "title"):
            claims.append(ClaimedSource(title, "source", "atom:source"))
        if identifier := _first(source, "id"):
            claims.append(ClaimedSource(identifier, "source-url", "atom:source"))
    claims.extend(
        ClaimedSource(link.get("href"), "canonical", "atom:link[via]")
        for link in links
        if link.get("rel") == "via" and link.get("href")
    )
    content = next(_children(entry, "content"), None)
    shown = content if content is not None else next(_children(entry, "summary"), None)
    return FeedItem(
        title=_first(entry, "title") or "",
        url=_address(base, own),
        identifier=_first(entry, "id"),
        published_at=_at(_first(entry, "published"), _first(entry, "issued")),
        authors=tuple(name for author in _children(entry, "author") if (name := _first(author, "name"))),
        language=entry.get(f"{_XML}lang") or language,
        html=_markup(shown) if shown is not None else "",
        is_summary=content is None,
        claims=tuple(claims),
        kind="atom",
    )


def _markup(element: Any) -> str:
    if element.get("type") == "xhtml":
        return "".join(etree.tostring(child, encoding="unicode") for child in element)
    return "".join(element.itertext()).strip()
