"""Every form an article may come in, turned into one `ArticleInput`: dispatch by media type, and where each field was read.

Stores nothing and knows no use case. What a caller says outright wins over what a page says about itself.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request

from service.api.ninjs import NinjsItem, read_ninjs
from service.api.requests import article_input, parse_json, split_text
from service.api.services import PageReading, Services
from service.domain.models import ArticleInput, ClaimedSource, Organisation
from service.domain.urls import UrlError, site_of
from service.errors import Fault, InvalidInput, MissingBody, UnsupportedMediaType
from service.fetch.extract_types import ExtractedPage, Found, PageMetadata
from service.fetch.json_ld import ARTICLE_TYPES, article_node, from_json_ld
from service.fetch.metadata import is_elsewhere
from service.settings import Settings

JSON, JSON_LD, NINJS, HTML = "application/json", "application/ld+json", "application/vnd.iptc.ninjs+json", "text/html"
ARTICLE_TYPES_ACCEPTED = (JSON, JSON_LD, NINJS, HTML)
_MARKUP = re.compile(r"<(?:p|br|div|h[1-6]|li)\b[^<>]{0,500}>", re.IGNORECASE)
_NOT_AN_OUTLET = frozenset({"agency", "distributor", "press_release", "aggregator"})


@dataclasses.dataclass(slots=True)
class Draft:
    """`fields` as in the JSON request; `sources` says where each was read."""

    fields: dict[str, Any] = dataclasses.field(default_factory=dict)
    sources: dict[str, str] = dataclasses.field(default_factory=dict)
    claims: tuple[ClaimedSource, ...] = ()
    captions: tuple[str, ...] = ()

    def take(self, field: str, found: Found | None) -> None:
        """Unless the caller said it."""
        if found is not None and self.fields.get(field) is None:
            self.fields[field], self.sources[field] = found.value, found.where


async def read_article(request: Request, use: Services) -> ArticleInput:
    """The article of a request. Raises MissingBody, UnsupportedMediaType, MalformedJson, BodyTooLarge, InvalidInput,
    UnreadablePage, Overloaded.
    """
    body = await request.body()
    if not body:
        raise MissingBody
    media_type, charset = _media_type(request)
    if not body.strip():
        raise MissingBody(f"The body is empty; a document of the type {media_type} is needed.")
    if media_type == HTML:
        return await _from_page(request, body, charset, use)
    data = parse_json(body)
    if media_type == JSON_LD:
        return await _from_json_ld(request, data, use)
    if media_type == NINJS:
        return await _from_ninjs(read_ninjs(data), use)
    return await _from_json(data, use)


async def read_line(line: bytes, use: Services) -> ArticleInput:
    """The article of a batch's line: our own JSON. Raises MalformedJson, InvalidInput, UnreadablePage, Overloaded."""
    return await _from_json(parse_json(line), use)


async def _from_json(data: Any, use: Services) -> ArticleInput:
    if isinstance(data, dict) and data.get("html") is not None:
        return await _from_json_with_html(data, use)
    return article_input(data, use.settings)


def _media_type(request: Request) -> tuple[str, str | None]:
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    media_type = given.strip().lower()
    if media_type not in ARTICLE_TYPES_ACCEPTED:
        accepted = ", ".join(ARTICLE_TYPES_ACCEPTED)
        shown = media_type[:100] or "no Content-Type"
        raise UnsupportedMediaType(
            f"This call takes {accepted}, not {shown}.", [Fault("Content-Type", f"must be one of {accepted}")]
        )
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    if media_type != HTML and charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType("JSON is always UTF-8.", [Fault("Content-Type", f"charset must be utf-8, not {charset[:40]}")])
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Bodies are taken uncompressed.", [Fault("Content-Encoding", "must be left away")])
    return media_type, charset or None


def _reader(use: Services) -> PageReading:
    assert use.pages is not None
    return use.pages


# ---- HTML --------------------------------------------------------------------------------------------------------------


async def _from_page(request: Request, body: bytes, charset: str | None, use: Services) -> ArticleInput:
    url = request.headers.get("content-location", "").strip()
    if not url.lower().startswith(("http://", "https://")):
        detail = "must hold the page's absolute http(s) address" if url else "is required: the page's absolute http(s) address"
        raise InvalidInput(f"Content-Location {detail}", [Fault("Content-Location", detail)])
    draft = Draft({"url": url}, {"url": "header:Content-Location"})
    finished(Draft({"url": url, "text": "x"}, draft.sources), use.settings)
    return await page_article(body, charset, draft, use)


async def page_article(body: bytes, charset: str | None, draft: Draft, use: Services) -> ArticleInput:
    """The article of a page, on top of what `draft` already says. Raises UnreadablePage, InvalidInput, Overloaded."""
    page = await _reader(use).read_page(body, url=draft.fields.get("url"), charset=charset)
    _take_page(draft, page, use)
    return finished(draft, use.settings)


async def _from_json_with_html(data: dict[str, Any], use: Services) -> ArticleInput:
    fields = {name: value for name, value in data.items() if name != "html"}
    if not isinstance(data["html"], str):
        raise InvalidInput("#/html must be a string", [Fault("#/html", "must be a string")])
    if not data["html"].strip():
        raise InvalidInput("#/html holds no text", [Fault("#/html", "holds no text; a headline alone is sent as `text`")])
    if fields.get("paragraphs") is not None or fields.get("text") is not None:
        detail = "exactly one of `paragraphs`, `text` and `html` must be given, not both"
        raise InvalidInput(f"#/html {detail}", [Fault("#/html", detail)])
    # Everything else is judged first: a worker's time is not for a request that is refused anyway.
    article_input({**fields, "text": "x"}, use.settings)
    return await page_article(data["html"].encode("utf-8", "replace"), "utf-8", Draft(fields), use)


def _take_page(draft: Draft, page: ExtractedPage, use: Services) -> None:
    _take_metadata(draft, page.metadata, use)
    draft.fields["paragraphs"] = list(page.paragraphs)
    draft.sources["paragraphs"] = page.body_source + ("; confidence low" if page.confidence == "low" else "")
    draft.captions = page.captions


def _take_metadata(draft: Draft, metadata: PageMetadata, use: Services) -> None:
    draft.take("title", metadata.title)
    draft.take("published_at", metadata.published_at)
    draft.take("language", metadata.language)
    if draft.fields.get("authors") is None and metadata.authors:
        draft.fields["authors"] = [author.value for author in metadata.authors[: use.settings.max_authors]]
        draft.sources["authors"] = metadata.authors[0].where
    claims = list(metadata.claims)
    url = draft.fields.get("url")
    for name in (metadata.site_name, metadata.publisher):
        if name is None:
            continue
        if _is_somebody_else(use.organisation(name.value), url):
            claims.append(ClaimedSource(name.value, "publisher", name.where))
        else:
            draft.take("outlet", name)
    draft.claims = tuple(dict.fromkeys(claims))


def _is_somebody_else(organisation: Organisation | None, url: str | None) -> bool:
    """Whether a page names an agency as its publisher though it stands on another site: that is a credit, not the outlet."""
    if organisation is None or organisation.kind not in _NOT_AN_OUTLET or not organisation.sites:
        return False
    try:
        site = site_of(url or "")
    except UrlError:
        return False
    return not any(site == own or site.endswith(f".{own}") for own in organisation.sites)


# ---- JSON-LD and ninjs -------------------------------------------------------------------------------------------------


async def _from_json_ld(request: Request, data: Any, use: Services) -> ArticleInput:
    node, _ = article_node([data])
    if node is None:
        detail = f"holds no schema.org NewsArticle; `@type` must be one of {', '.join(sorted(ARTICLE_TYPES))}"
        raise InvalidInput(f"# {detail}", [Fault("#", detail)])
    metadata = from_json_ld([data])
    draft = Draft()
    draft.take("url", metadata.url)
    location = request.headers.get("content-location", "").strip()
    draft.take("url", Found(location, "header:Content-Location") if location else None)
    identifier = node.get("identifier") or node.get("@id")
    if draft.fields.get("url") is None and isinstance(identifier, str) and identifier.strip():
        draft.take("external_id", Found(identifier.strip(), "ld+json:identifier"))
    _take_metadata(draft, metadata, use)
    url = draft.fields.get("url")
    draft.claims = tuple(
        claim
        for claim in draft.claims
        if claim.role != "isBasedOn" or not url or not claim.name.startswith("http") or is_elsewhere(claim.name, url)
    )
    await take_body(draft, metadata.body, use, is_html=metadata.body is not None and bool(_MARKUP.search(metadata.body.value)))
    return finished(draft, use.settings)


async def _from_ninjs(item: NinjsItem, use: Services) -> ArticleInput:
    draft = Draft({"metadata": {"ninjs": dict(item.kept)}} if item.kept else {}, claims=item.claims)
    for name, found in (
        ("url", item.url),
        ("external_id", item.external_id),
        ("title", item.title),
        ("language", item.language),
        ("published_at", item.published_at),
    ):
        draft.take(name, found)
    if item.authors:
        draft.fields["authors"] = [author.value for author in item.authors[: use.settings.max_authors]]
        draft.sources["authors"] = item.authors[0].where
    await take_body(draft, item.body, use, is_html=item.is_html)
    return finished(draft, use.settings)


async def take_body(draft: Draft, body: Found | None, use: Services, *, is_html: bool) -> None:
    if body is None:
        draft.fields["paragraphs"] = []
        return
    parts = await _reader(use).read_fragment(body.value) if is_html else split_text(body.value.replace("\r\n", "\n"))
    draft.fields["paragraphs"], draft.sources["paragraphs"] = list(parts), body.where


def finished(draft: Draft, settings: Settings) -> ArticleInput:
    """Checked like any other request; a fault in a field that was read elsewhere says where."""
    longest = settings.max_title_characters
    bounded: dict[str, Callable[[Any], Any]] = {
        "title": lambda value: value[:longest],
        "outlet": lambda value: value[:longest],
        "authors": lambda value: [author[:longest] for author in value],
    }
    fields = {
        name: bounded[name](value) if name in bounded and name in draft.sources else value for name, value in draft.fields.items()
    }
    try:
        content = article_input(fields, settings)
    except InvalidInput as error:
        faults = [_told(fault, draft.sources) for fault in error.faults]
        raise InvalidInput(f"{faults[0].pointer} {faults[0].detail}", faults) from error
    return dataclasses.replace(content, captions=draft.captions, field_sources=draft.sources, claimed_sources=draft.claims)


def _told(fault: Fault, sources: Mapping[str, str]) -> Fault:
    where = sources.get(fault.pointer.removeprefix("#/").split("/")[0])
    return Fault(fault.pointer, f"{fault.detail} (read from {where})") if where else fault
