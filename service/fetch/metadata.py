"""What a page says about itself outside its text: JSON-LD, meta tags, OpenGraph; each value with where it was read.

JSON-LD is read before meta tags because it is made for machines. Never guesses: a time without a zone or
without minutes is no time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from service.domain.models import ClaimedSource
from service.domain.urls import UrlError, canonical_url, site_of
from service.fetch.extract_types import Found, PageMetadata
from service.fetch.json_ld import from_json_ld, parse_json_ld
from service.fetch.values import (
    MAX_AUTHORS,
    MAX_CLAIMS,
    MAX_NODES,
    MAX_VALUE_CHARACTERS,
    NO_AUTHOR,
    clean,
    language_of,
    read_time,
)

_CLAIM_METAS = {
    "source": "source",
    "news_source": "source",
    "syndication-source": "syndication-source",
    "original-source": "original-source",
    "copyright": "copyrightHolder",
}


def read_metadata(tree: Any, url: str | None) -> PageMetadata:
    """`tree` is the parsed page (an lxml element), `url` its address, for relative links and to tell its own site."""
    values: list[Any] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and len(values) < MAX_NODES:
            values.extend(parse_json_ld(script.text or ""))
    linked = from_json_ld(values)
    metas = _metas(tree)

    def meta(*names: str) -> Found | None:
        return next((Found(metas[name][0], f"meta:{name}") for name in names if name in metas), None)

    heading = next((Found(text, "html:h1") for element in tree.iter("h1") if (text := _text(element))), None)
    title = linked.title or meta("og:title", "twitter:title", "dc.title", "headline") or heading
    if title is None:
        title = next((Found(text, "html:title") for element in tree.iter("title") if (text := _text(element))), None)
    canonical = _canonical(tree, url)
    return PageMetadata(
        title=title,
        published_at=linked.published_at or _published(tree, metas),
        authors=linked.authors or _authors(tree, metas),
        language=linked.language or _page_language(tree, metas),
        canonical=canonical,
        url=linked.url or meta("og:url"),
        site_name=meta("og:site_name", "application-name", "dc.publisher"),
        publisher=linked.publisher,
        description=linked.description or meta("og:description", "description", "twitter:description"),
        body=linked.body,
        claims=_claims(linked, metas, canonical, url),
    )


def _text(element: Any) -> str:
    return clean("".join(element.itertext())[: MAX_VALUE_CHARACTERS * 4])[:MAX_VALUE_CHARACTERS]


def _metas(tree: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        value = clean((element.get("content") or "")[: MAX_VALUE_CHARACTERS * 4])[:MAX_VALUE_CHARACTERS]
        if name and value and len(found) < MAX_NODES:
            found.setdefault(name.strip().lower()[:100], []).append(value)
    return found


def _published(tree: Any, metas: Mapping[str, list[str]]) -> Found | None:
    names = (
        "article:published_time",
        "og:article:published_time",
        "og:published_time",
        "datepublished",
        "publish-date",
        "pubdate",
    )
    for name in (*names, "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "date", "dc.date"):
        for value in metas.get(name, ()):
            if at := read_time(value):
                return Found(at, f"meta:{name}")
    for element in tree.iter("time"):
        marks = f"{element.get('itemprop') or ''} {element.get('class') or ''}".lower()
        is_first_published = element.get("pubdate") is not None or "publish" in marks
        if is_first_published and (at := read_time(element.get("datetime") or "")):
            return Found(at, "html:time")
    return None


def _authors(tree: Any, metas: Mapping[str, list[str]]) -> tuple[Found, ...]:
    for name in ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "byl"):
        found = tuple(Found(value, f"meta:{name}") for value in dict.fromkeys(metas.get(name, ())) if not NO_AUTHOR.search(value))
        if found:
            return found[:MAX_AUTHORS]
    named = []
    for element in tree.xpath("//*[@rel='author' or @itemprop='author']")[:MAX_AUTHORS]:
        text = _text(element)
        if text and len(text) <= 100 and not NO_AUTHOR.search(text) and text not in named:
            named.append(text)
    return tuple(Found(text, "html:author") for text in named)


def _page_language(tree: Any, metas: Mapping[str, list[str]]) -> Found | None:
    root = next(tree.iter("html"), tree)
    given = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    offered = [Found(given.strip(), "html:lang")] if given.strip() else []
    offered += [
        Found(value, f"meta:{name}") for name in ("content-language", "og:locale", "dc.language") for value in metas.get(name, ())
    ]
    return next((found for one in offered if (found := language_of(one))), None)


def _canonical(tree: Any, url: str | None) -> Found | None:
    for element in tree.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            href = (element.get("href") or "").strip()[:4_096]
            try:
                return Found(canonical_url(urljoin(url or "", href)), "link:canonical")
            except (UrlError, ValueError):
                return None
    return None


def _claims(
    linked: PageMetadata, metas: Mapping[str, list[str]], canonical: Found | None, url: str | None
) -> tuple[ClaimedSource, ...]:
    claims = list(linked.claims)
    for name, role in _CLAIM_METAS.items():
        claims.extend(ClaimedSource(value, role, f"meta:{name}") for value in metas.get(name, ()))
    if canonical is not None and url is not None and is_elsewhere(canonical.value, url):
        claims.append(ClaimedSource(canonical.value, "canonical", "link:canonical"))
    return tuple(dict.fromkeys(claims))[:MAX_CLAIMS]


def is_elsewhere(address: str, url: str) -> bool:
    """Whether an address names a page of another site; parent and sub-domain are one site, a front page says nothing."""
    try:
        other, own = site_of(address), site_of(url)
        has_path = _has_path(canonical_url(address))
    except UrlError:
        return False
    return (
        has_path
        and other != own
        and not other.endswith(f".{own}")
        and not own.endswith(f".{other}")
        and not _siblings(other, own)
    )


def _has_path(address: str) -> bool:
    return len(address.split("/", 3)[-1]) > 1


def _siblings(other: str, own: str) -> bool:
    """`m.x.com` and `amp.x.com`: both below one host of two or more labels that is no public suffix such as `co.uk`."""
    first, second = other.split(".")[1:], own.split(".")[1:]
    return first == second and len(first) >= 2 and not (len(first) == 2 and len(first[0]) <= 3 and len(first[1]) == 2)
