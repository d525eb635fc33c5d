"""An article with everything that is true of it, and its two forms for others: the body of a request and a row of truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bench.spread.editing import Body, operation, shared
from bench.spread.houses import House


@dataclass(slots=True, eq=False)
class Article:
    """`parents` were not all ingested. `at` is when it really appeared, `claimed` what it says, `arrives` when it is taken in.

    `named` are the houses that its text or byline credits, `role` what the generator meant it to be.
    """

    key: str
    house: House
    title: str
    body: Body
    story: str
    report: str
    origin: str
    at: datetime
    role: str
    parents: list[Article] = field(default_factory=list)
    through: str = ""
    authors: list[str] = field(default_factory=list)
    derivation: str = "independent"
    carry: str | None = None
    claimed: datetime | None = None
    arrives: datetime | None = None
    is_ingested: bool = True
    clock: str | None = None
    named: frozenset[str] = frozenset()

    @property
    def node(self) -> str:
        return self.key if self.is_ingested else f"org:{self.house.name}"

    def request(self) -> dict[str, Any]:
        slug = "".join(c if c.isalnum() else "-" for c in self.title.lower()).strip("-")
        made: dict[str, Any] = {
            "external_id": self.key,
            "url": f"https://{self.house.site}/{self.at:%Y/%m/%d}/{slug}-{self.key[1:]}",
            "outlet": self.house.name,
            "title": self.title,
            "paragraphs": [p.text() for p in self.body],
            "language": "en",
        }
        if self.authors:
            made["authors"] = self.authors
        if self.claimed is not None:
            made["published_at"] = self.claimed.isoformat()
        return made

    def truth(self) -> dict[str, Any]:
        parents = [f"org:{self.through}"] if self.through else [p.node for p in self.parents]
        return {
            "story": self.story, "report": self.report, "parents": parents, "origin": self.origin, "derivation": self.derivation,
            "carry": self.carry, "clock_fault": self.clock, "role": self.role, "is_traceable": self.is_traceable(),
            "copied": self.copied(), "lineage": [sorted(p.ids) for p in self.body], "kinds": [p.kind for p in self.body],
        }  # fmt: skip

    def copied(self) -> list[list[Any]]:
        """Rows [paragraph, source article or null, paragraph there, operation]; null: the source was not ingested."""
        rows: list[list[Any]] = []
        for number, paragraph in enumerate(self.body):
            for parent in self.parents:
                for other, source in enumerate(parent.body):
                    if shared(source, paragraph):
                        key = parent.key if parent.is_ingested else None
                        rows.append([number, key, other, operation(source, paragraph)])
        return rows

    def is_traceable(self) -> bool:
        """Whether the direct source can be told at all: credited, an agency, or betrayed by edits of its own that came along."""
        if self.through or any(p.house.name in self.named for p in self.parents) or not self.parents:
            return True
        parent = self.parents[0]
        if not parent.parents:
            return parent.is_ingested
        before = {s.id: s.text() for upper in parent.parents for p in upper.body for s in p.sentences}
        own = {s.id: s.text() for p in parent.body for s in p.sentences if before.get(s.id) != s.text()}
        return any(own.get(s.id) == s.text() for p in self.body for s in p.sentences)
