"""RSS and Atom over HTTP: a feed becomes the lines of a batch, one an item, and a line an article.

Parses no XML itself and stores nothing. An item that names no address of its own needs an identifier that is its own everywhere.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence

from service.api.intake import Draft, finished, take_body
from service.api.requests import LANGUAGE
from service.api.services import Services
from service.domain.models import EXCERPT, ArticleInput
from service.errors import Fault, InvalidInput
from service.fetch.extract_types import FeedItem, Found, feed_items_from

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/xml", "text/xml")
MAX_FEED_BYTES = 2_000_000
"""Feeds of the largest publishers stay below half of it; parsing is in proportion."""
_MARKUP = re.compile(r"<[a-z/!]|&(?:#\d|[a-z])", re.IGNORECASE)


def feed_lines(items: Sequence[FeedItem], url: str | None) -> bytes:
    """The items as lines that `read_feed_line` reads; `url` is the feed's own address."""
    return b"".join(
        json.dumps({"feed": url, "item": dataclasses.asdict(item)}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        for item in items
    )


async def read_feed_line(line: bytes, use: Services) -> ArticleInput:
    """The article of an item. Raises InvalidInput, UnreadablePage, Overloaded."""
    held = json.loads(line)
    (item,) = feed_items_from([held["item"]])
    draft = Draft(claims=item.claims)
    where = item.kind
    draft.take("url", Found(item.url, f"{where}:link") if item.url else None)
    if item.url is None:
        draft.take("external_id", Found(_own_name(item, held["feed"]), f"{where}:{'guid' if where == 'rss' else 'id'}"))
    draft.take("title", Found(item.title, f"{where}:title") if item.title else None)
    # Feeds say "en_US" and "English"; what is no tag says nothing.
    language = (item.language or "").replace("_", "-")
    draft.take("language", Found(language, f"{where}:language") if LANGUAGE.fullmatch(language) else None)
    draft.take("published_at", Found(item.published_at, f"{where}:published") if item.published_at else None)
    if item.authors:
        draft.fields["authors"] = list(item.authors[: use.settings.max_authors])
        draft.sources["authors"] = f"{where}:author"
    body = Found(item.html, f"{where}:summary{EXCERPT}" if item.is_summary else f"{where}:content")
    await take_body(draft, body, use, is_html=bool(_MARKUP.search(item.html)))
    return finished(draft, use.settings)


def _own_name(item: FeedItem, feed_url: str | None) -> str:
    """An identifier without a scheme ("12345") is the feed's own and only together with its address unmistakable."""
    if item.identifier and (":" in item.identifier or feed_url):
        return item.identifier if ":" in item.identifier else f"{feed_url}#{item.identifier}"
    detail = "the item has no link"
    if item.identifier:
        detail += ", and its identifier is no URI; send the feed's address as Content-Location"
    raise InvalidInput(f"#/url {detail}", [Fault("#/url", detail)])
