"""Everything about an article that needs no other article: its reading, its units, the address of its content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from service.domain.crowds import marks
from service.domain.metadata_credits import metadata_credits
from service.domain.models import ArticleInput, Reading, UnitRef
from service.domain.registry import Registry
from service.domain.segmentation import read_article
from service.domain.tokens import unit_key, unit_ranges
from service.domain.urls import whole_site

TITLE = -1
"""Paragraph number of the title field in unit places."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`texts` holds the text of each different unit by key."""

    content: ArticleInput
    reading: Reading
    units: tuple[UnitRef, ...]
    texts: dict[str, str]
    content_hash: str


def prepare_article(content: ArticleInput, registry: Registry) -> Prepared:
    content = _of_whole_site(content)
    reading = read_article(
        content.paragraphs,
        title=content.title,
        authors=content.authors,
        outlet_site=content.outlet_site,
        outlet_name=content.outlet_name,
        language=content.language,
        registry=registry,
    )
    claimed = metadata_credits(
        content.claimed_sources,
        registry=registry,
        outlet_site=content.outlet_site,
        outlet_name=content.outlet_name,
        read=reading.credits,
    )
    reading = replace(reading, credits=(*reading.credits, *claimed))
    title = content.title
    places = [(TITLE, title, *part) for part in unit_ranges(title, 0, len(title))]
    body = [
        (paragraph.index, paragraph.text, *part)
        for paragraph in reading.paragraphs
        if paragraph.role == "body"
        for part in unit_ranges(paragraph.text, paragraph.core_start, paragraph.core_end)
    ]
    marked = [""] * len(places) + marks([text[start:end] for _, text, start, end in body])
    units: list[UnitRef] = []
    texts: dict[str, str] = {}
    for (index, text, start, end), mark in zip(places + body, marked, strict=True):
        key = unit_key(text[start:end], mark)
        units.append(UnitRef(key, index, start, end))
        texts.setdefault(key, text[start:end])
    return Prepared(content, reading, tuple(units), texts, _content_hash(content))


def _of_whole_site(content: ArticleInput) -> ArticleInput:
    """What was stored or queued when other sites were told apart is told by the present rule."""
    site = whole_site(content.outlet_site)
    name = site if content.outlet_name == content.outlet_site else content.outlet_name
    return content if site == content.outlet_site else replace(content, outlet_site=site, outlet_name=name)


def _content_hash(content: ArticleInput) -> str:
    """What makes an article "the same text": its title and paragraphs, exactly. 128 bits as hex."""
    text = json.dumps([content.title, *content.paragraphs], ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
