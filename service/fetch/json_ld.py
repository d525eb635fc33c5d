"""schema.org articles in JSON-LD as sites publish it: repaired where that is safe, in lists, graphs and references."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.domain.models import ClaimedSource
from service.fetch.extract_types import Found, PageMetadata
from service.fetch.values import (
    CONTROL,
    MAX_AUTHORS,
    MAX_CLAIMS,
    MAX_NODES,
    MAX_VALUE_CHARACTERS,
    NO_AUTHOR,
    clean,
    language_of,
    read_time,
)

ARTICLE_TYPES = frozenset(
    {
        *("Article", "NewsArticle", "AnalysisNewsArticle", "AskPublicNewsArticle", "BackgroundNewsArticle", "OpinionNewsArticle"),
        *("ReportageNewsArticle", "ReviewNewsArticle", "LiveBlogPosting", "BlogPosting", "Report", "AdvertiserContentArticle"),
        *("SatiricalArticle", "SocialMediaPosting", "ScholarlyArticle", "TechArticle"),
    }
)
_CLAIM_PROPERTIES = {
    "sourceOrganization": "sourceOrganization",
    "creditText": "creditText",
    "provider": "provider",
    "copyrightHolder": "copyrightHolder",
    "isBasedOn": "isBasedOn",
    "translationOfWork": "translationOfWork",
}


def parse_json_ld(text: str) -> list[Any]:
    """The JSON values of a script element: comments, CDATA marks and trailing commas are forgiven. Empty where nothing is."""
    text = text.strip().removeprefix("\ufeff")
    for opening, closing in (("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"), ("<![CDATA[", "]]>")):
        text = text.strip().removeprefix(opening).removesuffix(closing)
    decoder = json.JSONDecoder(strict=False)
    for attempt in (text.strip(), _repaired(text)):
        values, at = [], 0
        try:
            while at < len(attempt):
                value, at = decoder.raw_decode(attempt, at)
                values.append(value)
                while at < len(attempt) and attempt[at] in " \t\r\n;,":
                    at += 1
        except (ValueError, RecursionError):
            continue
        return values
    return []


def _repaired(text: str) -> str:
    """Without comments and trailing commas outside of strings. One pass."""
    kept: list[str] = []
    at, end = 0, len(text)
    while at < end:
        character = text[at]
        if character == '"':
            close = at + 1
            while close < end and text[close] != '"':
                close += 2 if text[close] == "\\" else 1
            kept.append(text[at : close + 1])
            at = close + 1
            continue
        for opening, closing in (("<!--", "-->"), ("/*", "*/"), ("//", "\n")):
            if text.startswith(opening, at):
                close = text.find(closing, at + len(opening))
                at = end if close < 0 else close + len(closing)
                break
        else:
            if character in "]}":
                while kept and kept[-1] in (" ", "\t", "\r", "\n", ","):
                    kept.pop()
            kept.append(character)
            at += 1
    return "".join(kept).strip()


def nodes_of(values: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Every object, outermost first: lists, `@graph` and nested objects are opened. Bounded, never recursive."""
    found: list[Mapping[str, Any]] = []
    waiting: list[Any] = list(values)
    seen = 0
    while seen < len(waiting) and seen < MAX_NODES:
        value = waiting[seen]
        seen += 1
        if isinstance(value, dict):
            found.append(value)
            waiting.extend(part for part in value.values() if isinstance(part, dict | list))
        elif isinstance(value, list):
            waiting.extend(part for part in value if isinstance(part, dict | list))
    return found


def types_of(node: Mapping[str, Any]) -> set[str]:
    given = node.get("@type", ())
    listed = given if isinstance(given, list) else [given]
    return {re.split(r"[/#:]", one)[-1] for one in listed if isinstance(one, str)}


def article_node(values: Sequence[Any]) -> tuple[Mapping[str, Any] | None, dict[str, Mapping[str, Any]]]:
    """The node that describes the article, the fullest of several, and all nodes by `@id`."""
    nodes = nodes_of(values)
    by_id: dict[str, Mapping[str, Any]] = {}
    for node in nodes:
        identifier = node.get("@id")
        if isinstance(identifier, str) and len(node) > len(by_id.get(identifier, ())):
            by_id[identifier] = node
    described = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    wanted = ("headline", "articleBody", "datePublished", "author")
    best = max(described, key=lambda node: sum(name in node for name in wanted), default=None)
    return best, by_id


def texts(value: Any, by_id: Mapping[str, Mapping[str, Any]], names: Sequence[str] = ("name",)) -> list[str]:
    """The texts of a property: strings, or the first of `names` that an object (or the object it refers to) has."""
    found: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        node = one
        if isinstance(node, dict) and set(node) <= {"@id", "@type"}:
            node = by_id.get(str(node.get("@id")), node)
        if isinstance(node, dict):
            node = next((part for name in names for part in _strings(node.get(name))), None)
        if (
            isinstance(node, str | int | float)
            and not isinstance(node, bool)
            and (text := clean(str(node)[: MAX_VALUE_CHARACTERS * 4]))
        ):
            found.append(text[:MAX_VALUE_CHARACTERS])
        if len(found) >= MAX_AUTHORS:
            break
    return found


def _strings(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict) and isinstance(one.get("@value"), str):
            yield one["@value"]


def from_json_ld(values: Sequence[Any], prefix: str = "ld+json") -> PageMetadata:
    """The metadata of the article node; everything empty where there is none."""
    node, by_id = article_node(values)
    if node is None:
        return PageMetadata()

    def first(*properties: str, names: Sequence[str] = ("name", "@value")) -> Found | None:
        for name in properties:
            for text in texts(node.get(name), by_id, names):
                return Found(text, f"{prefix}:{name}")
        return None

    published = next(
        (
            Found(at, f"{prefix}:datePublished")
            for text in texts(node.get("datePublished"), by_id, ("@value",))
            if (at := read_time(text))
        ),
        None,
    )
    authors = [Found(name, f"{prefix}:author") for name in texts(node.get("author"), by_id) if not NO_AUTHOR.search(name)]
    if not authors:
        authors = [Found(name, f"{prefix}:creator") for name in texts(node.get("creator"), by_id) if not NO_AUTHOR.search(name)]
    claims: list[ClaimedSource] = []
    for name, role in _CLAIM_PROPERTIES.items():
        keys = ("name", "url", "@id") if role in ("isBasedOn", "translationOfWork") else ("name", "legalName", "url")
        claims.extend(ClaimedSource(text, role, f"{prefix}:{name}") for text in texts(node.get(name), by_id, keys))
    body = next((text for text in _strings(node.get("articleBody"))), "")
    url = first("url", "mainEntityOfPage", names=("@id", "url"))
    return PageMetadata(
        title=first("headline", "name"),
        published_at=published,
        authors=tuple(authors),
        language=language_of(first("inLanguage", names=("alternateName", "@value", "name"))),
        url=url if url and url.value.lower().startswith(("http://", "https://")) else None,
        publisher=first("publisher"),
        description=first("description"),
        body=Found(CONTROL.sub("", html.unescape(body).replace("\r\n", "\n").replace("\r", "\n")), f"{prefix}:articleBody")
        if body.strip()
        else None,
        claims=tuple(claims[:MAX_CLAIMS]),
    )
