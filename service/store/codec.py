"""Domain values to the store's JSON texts and back.

Every text carries the version of its shape in `v`, so that a later release can read what an earlier one wrote.
Holds no SQL and knows no tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from service.domain.membership import Feature, Membership, Reason
from service.domain.models import (
    Article,
    ArticleInput,
    Citation,
    ClaimedSource,
    Credit,
    Derivation,
    Evidence,
    Findings,
    Link,
    Organisation,
    Origin,
    OriginChange,
    Paragraph,
    Reading,
    Story,
    StoryVersion,
    Touch,
    UnitPair,
)

CODEC_VERSION = 1


class UnknownCodecVersionError(ValueError):
    """The stored text was written by a newer release of Wiretrace; start that release or a newer one on this data."""


def _dump(fields: dict[str, Any]) -> str:
    # numpy scalars reach here from the pipeline and are plain numbers to a reader.
    return orjson.dumps({"v": CODEC_VERSION, **fields}, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _load(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads(text)
    if fields["v"] != CODEC_VERSION:
        raise UnknownCodecVersionError(f"stored text has version {fields['v']}, this release reads {CODEC_VERSION}")
    return fields


def dump_metadata(metadata: Mapping[str, Any]) -> str:
    # The standard library keeps integers of any size; callers get back what they sent.
    return json.dumps(dict(metadata), ensure_ascii=True, separators=(",", ":"))


def load_metadata(text: str) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(text)
    return metadata


def dump_content(content: ArticleInput) -> str:
    """All but `metadata`, `published_at` and what stands in columns of its own."""
    return _dump(
        {
            "paragraphs": content.paragraphs,
            "outlet_name": content.outlet_name,
            "title": content.title,
            "authors": content.authors,
            "language": content.language,
            # Absent where empty: most articles have none, and texts of an earlier release lack them.
            **({"captions": content.captions} if content.captions else {}),
            **({"field_sources": dict(content.field_sources)} if content.field_sources else {}),
            **({"claimed_sources": content.claimed_sources} if content.claimed_sources else {}),
            **({"said_at": content.said_at.isoformat()} if content.said_at else {}),
        }
    )


def load_content(text: str, metadata: str, columns: Mapping[str, Any]) -> ArticleInput:
    """`columns` holds external_id, url, canonical_url, outlet_site and published_at."""
    fields = _load(text)
    return ArticleInput(
        paragraphs=tuple(fields["paragraphs"]),
        external_id=columns["external_id"],
        url=columns["url"],
        canonical_url=columns["canonical_url"],
        outlet_site=columns["outlet_site"],
        outlet_name=fields["outlet_name"],
        title=fields["title"],
        authors=tuple(fields["authors"]),
        language=fields["language"],
        published_at=columns["published_at"],
        metadata=load_metadata(metadata),
        captions=tuple(fields.get("captions", ())),
        field_sources=fields.get("field_sources", {}),
        claimed_sources=tuple(ClaimedSource(**one) for one in fields.get("claimed_sources", ())),
        said_at=datetime.fromisoformat(fields["said_at"]) if "said_at" in fields else None,
    )


def dump_reading(article: Article) -> str:
    """A paragraph whose text is that of the request is stored without it: it would double the row."""
    given = article.content.paragraphs
    paragraphs = [
        (
            paragraph.index,
            paragraph.role,
            paragraph.core_start,
            paragraph.core_end,
            None if 0 <= paragraph.index < len(given) and given[paragraph.index] == paragraph.text else paragraph.text,
        )
        for paragraph in article.reading.paragraphs
    ]
    return _dump({"paragraphs": paragraphs, "credits": article.reading.credits, "citations": article.reading.citations})


def load_reading(text: str, given: tuple[str, ...]) -> Reading:
    fields = _load(text)
    return Reading(
        paragraphs=tuple(
            Paragraph(index, role, given[index] if own is None else own, start, end)
            for index, role, start, end, own in fields["paragraphs"]
        ),
        credits=tuple(Credit(**{**one, "organisation": _organisation(one["organisation"])}) for one in fields["credits"]),
        citations=tuple(Citation(**{**one, "organisation": _organisation(one["organisation"])}) for one in fields["citations"]),
    )


def dump_findings(findings: Findings | None) -> str | None:
    return None if findings is None else _dump({"findings": findings})


def load_findings(text: str | None) -> Findings | None:
    if text is None:
        return None
    fields = _load(text)["findings"]
    origin = fields["origin"]
    return Findings(
        report_id=fields["report_id"],
        story_id=fields["story_id"],
        derivation=Derivation(**fields["derivation"]),
        origin=Origin(
            **{
                **origin,
                "organisation": None if origin["organisation"] is None else _organisation(origin["organisation"]),
                "basis": tuple(origin["basis"]),
            }
        ),
        links=tuple(
            Link(**{**link, "basis": tuple(link["basis"]), "evidence": tuple(Evidence(**piece) for piece in link["evidence"])})
            for link in fields["links"]
        ),
        organisations=tuple(_organisation(organisation) for organisation in fields["organisations"]),
        boilerplate=tuple(fields.get("boilerplate", ())),
        touches=tuple(Touch(**one) for one in fields.get("touches", ())),
        membership=_membership(fields.get("membership")),
    )


def _membership(fields: Mapping[str, Any] | None) -> Membership | None:
    if fields is None:
        return None
    reasons = tuple(
        Reason(**{**one, "features": tuple(Feature(**feature) for feature in one["features"])}) for one in fields["reasons"]
    )
    return Membership(fields["confidence"], reasons)


def dump_pair_detail(pair: UnitPair) -> str:
    return _dump({"spans": pair.spans, "features": dict(pair.features)})


def load_pair_detail(text: str) -> tuple[tuple[tuple[int, int, int, int], ...], dict[str, float]]:
    fields = _load(text)
    return tuple((a, b, c, d) for a, b, c, d in fields["spans"]), fields["features"]


def dump_story_lists(story: Story) -> tuple[str, str]:
    """The texts of the columns `languages` and `organisations`."""
    return _dump({"languages": story.languages}), _dump({"organisations": story.organisations})


def load_story_lists(languages: str, organisations: str) -> tuple[tuple[str, ...], tuple[Organisation, ...]]:
    return tuple(_load(languages)["languages"]), tuple(_organisation(one) for one in _load(organisations)["organisations"])


def dump_sites(sites: tuple[str, ...]) -> str:
    return _dump({"sites": sites})


def load_sites(text: str) -> tuple[str, ...]:
    return tuple(_load(text)["sites"])


_VERSION_LISTS = ("articles_added", "articles_removed", "from_ids", "into_ids")


def dump_story_version(version: StoryVersion) -> str:
    changed = [[change.article_id, change.before, change.after] for change in version.origins_changed]
    return _dump({name: getattr(version, name) for name in _VERSION_LISTS} | {"origins_changed": changed})


def load_story_version(text: str) -> dict[str, Any]:
    fields = _load(text)
    changed = tuple(OriginChange(*row) for row in fields.get("origins_changed", ()))
    return {name: tuple(fields[name]) for name in _VERSION_LISTS} | {"origins_changed": changed}


def _organisation(fields: Mapping[str, Any]) -> Organisation:
    return Organisation(fields["id"], fields["name"], fields["kind"], tuple(fields["sites"]))
