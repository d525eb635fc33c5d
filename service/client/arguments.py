"""What callers hand in, as paths, parameters, headers and bodies. Checks only what could become another request by mistake."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias, TypedDict
from urllib.parse import quote

from service.client.errors import InvalidArgument
from service.client.steps import Body, Request

JSON = {"Content-Type": "application/json"}
_PART_BYTES = 65_536


class ArticleFields(TypedDict, total=False):
    """An article as `POST /v1/articles` takes it: `url` or `external_id`, and one of `paragraphs`, `text`, `html`."""

    url: str
    external_id: str
    outlet: str
    title: str
    authors: list[str]
    language: str
    published_at: str | datetime
    paragraphs: list[str]
    text: str
    html: str
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonLd:
    """A page's schema.org `NewsArticle`."""

    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ninjs:
    """An IPTC ninjs 3 item."""

    item: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page as it was fetched, and its address. Bytes are read in the charset that the page names, else in `charset`."""

    html: str | bytes
    url: str
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class NewsFeed:
    """An RSS or Atom document as it was fetched, and its own address, which relative links need."""

    xml: bytes
    url: str | None = None


ArticleSource: TypeAlias = ArticleFields | Mapping[str, object] | JsonLd | Ninjs | Page
Batch: TypeAlias = Path | bytes | Collection[Mapping[str, object]] | Collection[ArticleFields] | NewsFeed


def part(value: str) -> str:
    """One part of a path. Raises InvalidArgument for an empty one: the call would be another."""
    if not value:
        raise InvalidArgument("an id is empty")
    # Dots are escaped as well: `..` would lead to another call.
    return quote(value, safe="").replace(".", "%2E") if set(value) == {"."} else quote(value, safe="")


def parameters(**given: object) -> dict[str, str]:
    """Those that are not None, as text; times as RFC 3339. Raises InvalidArgument for a time without zone."""
    return {name: text_of(value) for name, value in given.items() if value is not None}


def text_of(value: object) -> str:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise InvalidArgument(f"the time {value.isoformat()} has no zone")
        return value.isoformat()
    return str(value)


def json_body(value: object) -> bytes:
    """ASCII only: what is no text at all, such as half a surrogate pair, is the service's to refuse. Raises InvalidArgument."""
    try:
        return json.dumps(value, default=_time).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgument(f"this cannot be written as JSON: {error}") from error


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return text_of(value)
    raise TypeError(f"a value of type {type(value).__name__}")


def article_body(article: ArticleSource) -> tuple[bytes, dict[str, str]]:
    """The bytes and the headers that say what they are."""
    if isinstance(article, JsonLd):
        return json_body(article.document), {"Content-Type": "application/ld+json"}
    if isinstance(article, Ninjs):
        return json_body(article.item), {"Content-Type": "application/vnd.iptc.ninjs+json"}
    if not isinstance(article, Page):
        return json_body(article), JSON
    html, charset = (article.html, article.charset) if isinstance(article.html, bytes) else (_utf8(article.html), "utf-8")
    media_type = f"text/html; charset={charset}" if charset else "text/html"
    return html, {"Content-Type": media_type, "Content-Location": _ascii(article.url)}


def _ascii(url: str) -> str:
    """An address may hold letters that a header may not; what is escaped already stays so."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def _utf8(html: str) -> bytes:
    return html.encode("utf8", "replace")


def batch_body(articles: Batch) -> tuple[Body, dict[str, str]]:
    """The lines and what they are: a file as it is (`.json` is an array, all else NDJSON), a feed, or articles one a line."""
    lines = {"Content-Type": "application/x-ndjson"}
    if isinstance(articles, NewsFeed):
        place = {"Content-Location": _ascii(articles.url)} if articles.url else {}
        return articles.xml, {"Content-Type": "application/xml", **place}
    if isinstance(articles, bytes):
        return articles, lines
    if isinstance(articles, Path):
        file = articles
        return (lambda: _parts(file)), JSON if file.suffix.lower() == ".json" else lines
    if isinstance(articles, Mapping) or not isinstance(articles, Collection):
        # What can be walked through only once could not be sent again.
        raise InvalidArgument("a batch is a list of articles, bytes of NDJSON, the path of a file, or a feed")
    return (lambda: _lines(articles)), lines


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while found := opened.read(_PART_BYTES):
            yield found


def _lines(articles: Collection[Any]) -> Iterator[bytes]:
    waiting = bytearray()
    for one in articles:
        waiting += json_body(one) + b"\n"
        if len(waiting) >= _PART_BYTES:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def key_headers(key: str | bool, new_key: Callable[[], str]) -> dict[str, str]:
    """`Idempotency-Key` as a structured-field string: a new one for True, none for False. Raises InvalidArgument."""
    if key is False:
        return {}
    chosen = new_key() if key is True else key
    if not (0 < len(chosen) <= 255 and chosen.isascii() and chosen.isprintable()):
        raise InvalidArgument("an idempotency key has 1 to 255 printable ASCII characters")
    escaped = chosen.replace("\\", "\\\\").replace('"', '\\"')
    return {"Idempotency-Key": f'"{escaped}"'}


def preference(*, respond_async: bool, wait_s: float | None) -> dict[str, str]:
    """`Prefer` (RFC 7240); seconds are whole, rounded up."""
    said = ["respond-async"] if respond_async else []
    if wait_s is not None:
        if not 0 <= wait_s < 1e9:
            raise InvalidArgument("wait_s is a number of seconds from 0")
        said.append(f"wait={-int(-wait_s // 1)}")
    return {"Prefer": ", ".join(said)} if said else {}


def get(path: str, **given: object) -> Request:
    """A read: `parameters` makes the query of what is given."""
    return Request("GET", path, parameters(**given))
