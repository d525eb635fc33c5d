"""The shapes that extraction gives, and their way back from a worker's JSON. Imports no parser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from service.domain.models import ClaimedSource

BlockKind = Literal["body", "credit"]


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it was read."""

    value: str
    where: str


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """`published_at` is RFC 3339 with the zone that was claimed. `canonical` is a claim, never the article's identity."""

    title: Found | None = None
    published_at: Found | None = None
    authors: tuple[Found, ...] = ()
    language: Found | None = None
    canonical: Found | None = None
    url: Found | None = None
    site_name: Found | None = None
    publisher: Found | None = None
    description: Found | None = None
    body: Found | None = None
    claims: tuple[ClaimedSource, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ExtractedBlock:
    """`kind` is what the page's mark-up and wording suggest; the pipeline decides the role."""

    text: str
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """`body_source`: where the paragraphs were read. `confidence` is `low` when two readings differ by more than half."""

    metadata: PageMetadata
    blocks: tuple[ExtractedBlock, ...]
    captions: tuple[str, ...]
    body_source: str
    confidence: Literal["high", "low"]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a feed of this `kind`. `html` is its content or summary as markup; `published_at` RFC 3339 with zone."""

    title: str = ""
    url: str | None = None
    identifier: str | None = None
    published_at: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    html: str = ""
    is_summary: bool = False
    claims: tuple[ClaimedSource, ...] = ()
    kind: Literal["rss", "atom"] = "rss"


def metadata_from(fields: Mapping[str, Any]) -> PageMetadata:
    plain = {
        name: Found(**value) if isinstance(value, dict) else None
        for name, value in fields.items()
        if name not in ("authors", "claims")
    }
    return PageMetadata(
        **plain,
        authors=tuple(Found(**one) for one in fields["authors"]),
        claims=tuple(ClaimedSource(**one) for one in fields["claims"]),
    )


def page_from(fields: Mapping[str, Any]) -> ExtractedPage:
    return ExtractedPage(
        metadata_from(fields["metadata"]),
        tuple(ExtractedBlock(**block) for block in fields["blocks"]),
        tuple(fields["captions"]),
        fields["body_source"],
        fields["confidence"],
    )


def feed_items_from(items: Sequence[Mapping[str, Any]]) -> tuple[FeedItem, ...]:
    return tuple(
        FeedItem(
            **{**item, "authors": tuple(item["authors"]), "claims": tuple(ClaimedSource(**claim) for claim in item["claims"])}
        )
        for item in items
    )
