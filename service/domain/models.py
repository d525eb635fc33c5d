"""The words of Wiretrace as immutable values; the glossary is in docs/glossary.md.

Owns the shapes that every room exchanges. Holds no behaviour beyond trivial properties and imports no framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from service.domain.dates import possible
from service.domain.membership import Membership

Role = Literal["title", "subheading", "body", "caption", "credit", "boilerplate"]
MatchKind = Literal["verbatim", "edited", "paraphrase", "quotation"]
UnitPairKind = Literal["verbatim", "edited", "paraphrase", "quotation", "retelling", "likeness"]
"""A retelling is a paraphrase of which too little wording was kept to be sure; alone it is shown and counts for nothing. In a
likeness next to none was kept; it may be two writers' words on one fact, and alone is not even shown.
"""
RETOLD_KINDS: frozenset[UnitPairKind] = frozenset({"retelling", "likeness"})
DerivationLabel = Literal["wholly_derived", "partially_derived", "independent", "undetermined"]
Carry = Literal["full", "partial", "unknown"]
CreditKind = Literal[
    "dateline",
    "byline",
    "desk_footer",
    "contribution",
    "mixed_source",
    "feed_disclaimer",
    "signoff",
    "source_line",
    "copyright",
    "republication",
    "press_release",
    "translation",
    "via",
    "photo",
    "self_reference",
]
OrganisationKind = Literal["agency", "outlet", "network", "distributor", "press_release", "aggregator", "station", "unnamed"]
Basis = Literal["credit", "text", "metadata", "time"]
Relation = Literal["carried", "revision", "translation", "photo"]
ORGANISATION_NODE = "org:"
"""Node id of an organisation in a graph: this and the organisation's id. An article's node id is the article's."""
ArticleStatus = Literal["queued", "clustered", "failed"]
StoryChange = Literal["created", "grown", "merged", "split", "shrunk", "corrected"]

COPY_KINDS: frozenset[MatchKind] = frozenset({"verbatim", "edited", "paraphrase"})


@dataclass(frozen=True, slots=True)
class Organisation:
    """Somebody who can be credited, whether or not any article of theirs was ingested."""

    id: str
    name: str
    kind: OrganisationKind
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """A place in an article that says whose copy it carries.

    `paragraph` is None when the place is a metadata field (`field` names it); `start` and `end` are character offsets
    within that paragraph or field as returned, and `text` is exactly what stands there.
    """

    organisation: Organisation
    kind: CreditKind
    carry: Carry
    text: str
    start: int
    end: int
    paragraph: int | None
    confidence: float
    field: str = "body"


@dataclass(frozen=True, slots=True)
class Citation:
    """A source named inside the reporting; it carries nothing."""

    organisation: Organisation
    text: str
    start: int
    end: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of an article.

    `core_start`..`core_end` is the part of `text` that is copy: a dateline before it or a sign-off behind it is left out
    of matching. For roles other than `title` and `body` the core is not matched.
    """

    index: int
    role: Role
    text: str
    core_start: int
    core_end: int

    @property
    def core(self) -> str:
        return self.text[self.core_start : self.core_end]


@dataclass(frozen=True, slots=True)
class Reading:
    """An article after segmentation: roles, credits and citations, each with exact spans."""

    paragraphs: tuple[Paragraph, ...]
    credits: tuple[Credit, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class ClaimedSource:
    """Somebody whom a metadata field names as a source of the copy, before anybody judged it.

    `name` is the field's value as it stands there (a URL where the field holds one), `role` what the field means, `field` where
    it was read: `ld+json:creditText`, `meta:source`, `ninjs:infoSources`.
    """

    name: str
    role: str
    field: str


EXCERPT = "; excerpt"
"""How `field_sources` of a text ends that is a summary."""


@dataclass(frozen=True, slots=True)
class ArticleInput:
    """What a caller says about one published page, validated. `canonical_url` identifies it when there is no external id."""

    paragraphs: tuple[str, ...]
    external_id: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    outlet_site: str = ""
    outlet_name: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    language: str | None = None
    published_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    captions: tuple[str, ...] = ()
    """Texts under pictures, where a page was read; they are no paragraphs of the article."""
    field_sources: Mapping[str, str] = field(default_factory=dict)
    """Field -> where it was read; a field that the caller named is not in it."""
    claimed_sources: tuple[ClaimedSource, ...] = ()
    said_at: datetime | None = None
    """When `published_at` was first said, where that was not when the article first came."""

    @property
    def is_excerpt(self) -> bool:
        """Whether the text is what a feed says of an article; it never takes the place of a text that is none."""
        return self.field_sources.get("paragraphs", "").endswith(EXCERPT)


@dataclass(frozen=True, slots=True)
class UnitRef:
    """Where a unit stands: characters `start`..`end` of paragraph `paragraph` (-1 is the article's title field)."""

    key: str
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnitPair:
    """What two units share: a function of the two texts and the pipeline version, never of where or when they occur.

    `a` < `b` are unit keys. `spans` are token ranges (a_start, a_end, b_start, b_end). `similarity` is the cosine of the
    embeddings, `overlap_a` and `overlap_b` the part of each unit's tokens that stands aligned in the other, all 0 to 1.
    """

    a: str
    b: str
    kind: UnitPairKind
    similarity: float
    overlap_a: float
    overlap_b: float
    confidence: float
    spans: tuple[tuple[int, int, int, int], ...]
    features: Mapping[str, float]
    version: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """How much of an article comes from others. `share`: part of its body characters carried from elsewhere, 0 to 1."""

    label: DerivationLabel
    share: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a link. `weight` 0 to 1 says how strongly it speaks."""

    kind: str
    text: str
    weight: float
    paragraph: int | None = None
    other_paragraph: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One hop of provenance; copy flows from `source` to `target`, both node ids (article id, or `org:` + organisation id)."""

    id: str
    source: str
    target: str
    relation: Relation
    carry: Carry
    share: float
    basis: tuple[Basis, ...]
    evidence: tuple[Evidence, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article's copy was first written, as far as the evidence goes. `reason` says why it is undetermined."""

    kind: Literal["article", "organisation", "undetermined"]
    confidence: float
    article_id: str | None = None
    organisation: Organisation | None = None
    basis: tuple[Basis, ...] = ()
    reason: str | None = None

    @property
    def node(self) -> str | None:
        """Node id in the graph of the story."""
        if self.article_id is not None:
            return self.article_id
        return None if self.organisation is None else ORGANISATION_NODE + self.organisation.id


@dataclass(frozen=True, slots=True)
class Touch:
    """An event that a roundup touches, by one article of it; `share`: part of the roundup's body that stands in that article."""

    article_id: str
    share: float


@dataclass(frozen=True, slots=True)
class Findings:
    """What the pipeline concludes about one article. `links` are the hops that end at it or at an organisation above it.
    `boilerplate` are the indices of paragraphs that its page alone let pass for body; `touches` are the events of a roundup;
    `membership` says why it is in its story.
    """

    report_id: str
    story_id: str
    derivation: Derivation
    origin: Origin
    links: tuple[Link, ...]
    organisations: tuple[Organisation, ...] = ()
    boilerplate: tuple[int, ...] = ()
    touches: tuple[Touch, ...] = ()
    membership: Membership | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One published page of one outlet, as ingested. `sequence` is its place in the order of arrival."""

    id: str
    sequence: int
    content: ArticleInput
    reading: Reading
    units: tuple[UnitRef, ...]
    content_hash: str
    observed_at: datetime
    revision: int
    status: ArticleStatus = "clustered"
    findings: Findings | None = None

    @property
    def believed_at(self) -> datetime | None:
        """When it was published, where that is said and can be true."""
        return possible(self.content.published_at, self.content.said_at or self.observed_at)

    @property
    def appeared_at(self) -> datetime:
        """When it was published; when it came, where that is not known."""
        return self.believed_at or self.observed_at


@dataclass(frozen=True, slots=True)
class StoryCounts:
    articles: int
    reports: int
    outlets: int
    passages: int


@dataclass(frozen=True, slots=True)
class Story:
    """One event with all its reports. `merged_into` names the survivor once it was merged away."""

    id: str
    title: str
    version: int
    created_at: datetime
    updated_at: datetime
    first_published_at: datetime
    last_published_at: datetime
    languages: tuple[str, ...]
    counts: StoryCounts
    organisations: tuple[Organisation, ...]
    representative_id: str
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class OriginChange:
    """An article of a story whose copy is now held to begin elsewhere; node ids of the graph, None where undetermined."""

    article_id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class StoryVersion:
    """One entry of a story's history."""

    story_id: str
    version: int
    at: datetime
    change: StoryChange
    articles_added: tuple[str, ...] = ()
    articles_removed: tuple[str, ...] = ()
    from_ids: tuple[str, ...] = ()
    into_ids: tuple[str, ...] = ()
    origins_changed: tuple[OriginChange, ...] = ()
