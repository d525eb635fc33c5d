"""Request bodies in the forms other than our own JSON, as the OpenAPI document shows them: the event of examples.py."""

from __future__ import annotations

from typing import Any

from service.api import examples
from service.api.intake import HTML, JSON, JSON_LD, NINJS

_FIRST, _SECOND = list(examples.REQUEST["paragraphs"])[:2]
PAGE = (
    '<!doctype html><html lang="en"><head><title>Quay wall collapses in Port Ellery</title>'
    '<meta property="article:published_time" content="2026-05-04T12:05:00+02:00"></head><body><article>'
    f'<h1>Quay wall collapses in Port Ellery</h1><p class="byline">By Reuters</p><p>{_FIRST}</p><p>{_SECOND}</p>'
    "</article></body></html>"
)
WITH_HTML = {"url": "https://harbour-gazette.example/news/quay-wall-collapse", "outlet": "Harbour Gazette", "html": PAGE}
NEWS_ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "url": "https://harbour-gazette.example/news/quay-wall-collapse",
    "headline": "Quay wall collapses in Port Ellery",
    "datePublished": "2026-05-04T12:05:00+02:00",
    "inLanguage": "en",
    "author": {"@type": "Person", "name": "Mira Stolz"},
    "publisher": {"@type": "NewsMediaOrganization", "name": "Harbour Gazette"},
    "sourceOrganization": {"@type": "NewsMediaOrganization", "name": "Reuters"},
    "articleBody": f"{_FIRST}\n\n{_SECOND}",
}
NINJS_ITEM = {
    "uri": "urn:newsml:harbour-gazette.example:20260504:quay-wall",
    "type": "text",
    "version": "1",
    "versionCreated": "2026-05-04T10:05:00Z",
    "pubStatus": "usable",
    "language": "en",
    "headlines": [{"role": "main", "contentType": "text/plain", "value": "Quay wall collapses in Port Ellery"}],
    "by": "Mira Stolz",
    "infoSources": [{"name": "Reuters", "role": "originator"}],
    "bodies": [{"role": "main", "contentType": "text/plain", "value": f"{_FIRST}\n\n{_SECOND}"}],
}
_OBJECT = {"type": "object"}
ARTICLE_CONTENT: dict[str, Any] = {
    JSON: {
        "schema": {"$ref": "#/components/schemas/ArticleRequest"},
        "examples": {
            "paragraphs": {"summary": "Paragraphs", "value": examples.REQUEST},
            "html": {"summary": "A page", "value": WITH_HTML},
        },
    },
    JSON_LD: {
        "schema": {
            "type": ["object", "array"],
            "description": "schema.org NewsArticle or a subtype; an array or `@graph` may hold it.",
        },
        "example": NEWS_ARTICLE,
    },
    NINJS: {
        "schema": {**_OBJECT, "description": "An IPTC ninjs item, 3.x; 2.x and 1.x names are read too."},
        "example": NINJS_ITEM,
    },
    HTML: {
        "schema": {"type": "string", "minLength": 1, "description": "A page; its address stands in `Content-Location`."},
        "example": PAGE,
    },
}
CONTENT_LOCATION: dict[str, Any] = {
    "name": "Content-Location",
    "in": "header",
    "required": False,
    "description": "The page's absolute http(s) address; required with `text/html`, and where JSON-LD holds none. Not read with "
    "other bodies.",
    "schema": {"type": "string"},
    "example": "https://harbour-gazette.example/news/quay-wall-collapse",
}
FETCH = {"url": "https://harbour-gazette.example/news/quay-wall-collapse"}
