"""The tables of the store as SQLModel classes, the same on SQLite and PostgreSQL.

Owns names, types and indexes. Rows never leave the store: the repository turns them into domain values.
Every schema change goes through migrations/; a test compares these classes with what the migrations build.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Ordered(TypeDecorator[str]):
    """Text that sorts by code point on every database, so that keyset pages agree."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())


class UtcDateTime(TypeDecorator[datetime]):
    """An instant as ISO text of fixed width in UTC: readable, sortable, with microseconds. Naive values are refused."""

    impl = Ordered
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


def instant_text(value: datetime) -> str:
    """ISO text with microseconds, in UTC. Raises ValueError for a time without a zone."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone names no instant")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


class Row(SQLModel):
    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class CounterRow(Row, table=True):
    """Numbers that only grow, whatever is deleted."""

    __tablename__ = "counter"
    name: str = Field(sa_type=Ordered, primary_key=True)
    value: int = Field(sa_type=BigInteger)


class NoteRow(Row, table=True):
    """What the service remembers about itself, by name: by which pipeline the results were made."""

    __tablename__ = "note"
    name: str = Field(sa_type=Ordered, primary_key=True)
    value: str = Field(sa_type=Text)


class ArticleRow(Row, table=True):
    """What lists filter by, and the findings, which are replaced much oftener than the article itself."""

    __tablename__ = "article"
    __table_args__ = (
        Index(None, "story_id", "outlet_site"),
        Index(None, "story_id", "dated_at", "id"),
        Index(None, "report_id", "dated_at", "id"),
        Index(None, "outlet_site", "id"),
        Index(None, "url"),
        Index(None, "dated_at"),
        Index(None, "derivation", "id"),
        Index(None, "origin_organisation"),
    )
    id: str = Field(sa_type=Ordered, primary_key=True)
    sequence: int = Field(sa_type=BigInteger, unique=True)
    external_id: str | None = Field(sa_type=Text, unique=True)
    url: str | None = Field(sa_type=Text)
    canonical_url: str | None = Field(sa_type=Text, unique=True)
    outlet_site: str = Field(sa_type=Text)
    published_at: datetime | None = Field(sa_type=UtcDateTime)
    observed_at: datetime = Field(sa_type=UtcDateTime)
    # published_at, or observed_at where the publisher claimed none that can be true.
    dated_at: datetime = Field(sa_type=UtcDateTime)
    content_hash: str = Field(sa_type=Text)
    revision: int
    status: str = Field(sa_type=Text)
    report_id: str | None = Field(sa_type=Ordered)
    story_id: str | None = Field(sa_type=Ordered)
    derivation: str | None = Field(sa_type=Text)
    findings: str | None = Field(sa_type=Text)
    # Part of the body carried from elsewhere, as the findings say.
    share: float | None
    # Whose copy it is in the end, where an organisation is known to have written it.
    origin_organisation: str | None = Field(sa_type=Ordered)


class ArticleBodyRow(Row, table=True):
    """What an article says, as versioned JSON."""

    __tablename__ = "article_body"
    article_id: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("article.id", ondelete="CASCADE"),), primary_key=True)
    content: str = Field(sa_type=Text)
    reading: str = Field(sa_type=Text)
    # Passed through untouched, so kept apart from what the codec may rewrite.
    caller_metadata: str = Field(sa_type=Text)


class ParagraphUnitRow(Row, table=True):
    """Where units stand. No foreign key to `unit`: a flow may store the place before the text."""

    __tablename__ = "paragraph_unit"
    __table_args__ = (Index(None, "unit_key"), {"sqlite_with_rowid": False})
    article_id: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("article.id", ondelete="CASCADE"),), primary_key=True)
    ordinal: int = Field(primary_key=True)
    unit_key: str = Field(sa_type=Ordered)
    paragraph: int
    start: int
    end: int


class OutletRow(Row, table=True):
    """The display name that an outlet last came with."""

    __tablename__ = "outlet"
    site: str = Field(sa_type=Ordered, primary_key=True)
    name: str = Field(sa_type=Text)


class OrganisationRow(Row, table=True):
    """An organisation that was credited or found to be a source, as the pipeline last described it."""

    __tablename__ = "organisation"
    id: str = Field(sa_type=Ordered, primary_key=True)
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    sites: str = Field(sa_type=Text)


class ArticleCreditRow(Row, table=True):
    """Whom an article credits, once for each kind of credit; for the records of organisations."""

    __tablename__ = "article_credit"
    __table_args__ = (Index(None, "organisation_id"), {"sqlite_with_rowid": False})
    article_id: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("article.id", ondelete="CASCADE"),), primary_key=True)
    organisation_id: str = Field(sa_type=Ordered, primary_key=True)
    kind: str = Field(sa_type=Ordered, primary_key=True)


class ArticleLinkRow(Row, table=True):
    """The links in an article's findings; `is_direct` where the hop ends at the article itself, not at one above it."""

    __tablename__ = "article_link"
    __table_args__ = (Index(None, "source_article"), Index(None, "source_organisation"), {"sqlite_with_rowid": False})
    article_id: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("article.id", ondelete="CASCADE"),), primary_key=True)
    ordinal: int = Field(primary_key=True)
    source_article: str | None = Field(sa_type=Ordered)
    source_organisation: str | None = Field(sa_type=Ordered)
    is_direct: bool
    relation: str = Field(sa_type=Text)
    carry: str = Field(sa_type=Text)
    share: float
    confidence: float


class UnitTextRow(Row, table=True):
    """A unit's text, once however often it occurs."""

    __tablename__ = "unit"
    key: str = Field(sa_type=Ordered, primary_key=True)
    text: str = Field(sa_type=Text)


class EmbeddingRow(Row, table=True):
    """A unit's vector in one embedding space: float16, little endian."""

    __tablename__ = "embedding"
    space: str = Field(sa_type=Ordered, primary_key=True)
    unit_key: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("unit.key", ondelete="CASCADE"),), primary_key=True)
    vector: bytes = Field(sa_type=LargeBinary)


class UnitPairRow(Row, table=True):
    """What two units share under one pipeline version."""

    __tablename__ = "unit_pair"
    __table_args__ = (Index(None, "version", "b"), {"sqlite_with_rowid": False})
    version: str = Field(sa_type=Ordered, primary_key=True)
    a: str = Field(sa_type=Ordered, primary_key=True)
    b: str = Field(sa_type=Ordered, primary_key=True)
    kind: str = Field(sa_type=Text)
    similarity: float
    overlap_a: float
    overlap_b: float
    confidence: float
    detail: str = Field(sa_type=Text)


class StoryRow(Row, table=True):
    """A story with what lists filter and sort by; one that was merged away keeps its row for ever."""

    __tablename__ = "story"
    __table_args__ = (
        Index(None, "updated_at", "id"),
        Index(None, "first_published_at", "id"),
        Index(None, "articles", "id"),
    )
    id: str = Field(sa_type=Ordered, primary_key=True)
    title: str = Field(sa_type=Text)
    version: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    first_published_at: datetime = Field(sa_type=UtcDateTime)
    last_published_at: datetime = Field(sa_type=UtcDateTime)
    articles: int
    reports: int
    outlets: int
    passages: int
    languages: str = Field(sa_type=Text)
    organisations: str = Field(sa_type=Text)
    representative_id: str = Field(sa_type=Ordered)
    merged_into: str | None = Field(sa_type=Ordered)


class StoryFacetRow(Row, table=True):
    """The organisations and languages of a story, one a row, for filters."""

    __tablename__ = "story_facet"
    __table_args__ = (Index(None, "facet", "value", "story_id"), {"sqlite_with_rowid": False})
    story_id: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("story.id", ondelete="CASCADE"),), primary_key=True)
    facet: str = Field(sa_type=Ordered, primary_key=True)
    value: str = Field(sa_type=Ordered, primary_key=True)


class StoryVersionRow(Row, table=True):
    """One entry of a story's history."""

    __tablename__ = "story_version"
    __table_args__ = (
        Index(None, "at", "story_id"),
        Index(None, "first_published_at", "story_id"),
        Index(None, "articles", "story_id"),
        {"sqlite_with_rowid": False},
    )
    story_id: str = Field(sa_type=Ordered, primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    change: str = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)
    # What the story was sorted by; with `at`, which is its `updated_at`, where it stood in a list that began then.
    articles: int | None
    first_published_at: datetime | None = Field(sa_type=UtcDateTime)


def _table(name: str) -> Table:
    return Row.metadata.tables[name]


# The repository speaks SQL to these: building ORM objects would double the cost of a write.
counter = _table("counter")
note = _table("note")
article = _table("article")
article_body = _table("article_body")
article_credit = _table("article_credit")
article_link = _table("article_link")
outlet = _table("outlet")
organisation = _table("organisation")
paragraph_unit = _table("paragraph_unit")
unit = _table("unit")
embedding = _table("embedding")
unit_pair = _table("unit_pair")
story = _table("story")
story_facet = _table("story_facet")
story_version = _table("story_version")
