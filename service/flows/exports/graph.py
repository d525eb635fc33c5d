"""What every export starts from: the graph of a story as the API shows it, with the little that only exports need.

Decides nothing about provenance; `service/flows/query.py` fills it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.domain.models import COPY_KINDS, Link, MatchKind, OrganisationKind, UnitPair
from service.domain.passages import Place
from service.flows.story_views import ArticleNodeView, OrganisationNodeView, StoryProvenanceView

AGENCY_CLASSES: frozenset[OrganisationKind] = frozenset({"agency", "press_release"})


@dataclass(frozen=True, slots=True)
class StoryGraph:
    """`outside`: ids of articles that belong to another story. `kinds`: by link id, how most of the copy relates."""

    story_id: str
    title: str
    version: int
    updated_at: datetime
    view: StoryProvenanceView
    outside: frozenset[str] = frozenset()
    kinds: Mapping[str, MatchKind] = field(default_factory=dict)

    @property
    def articles(self) -> list[ArticleNodeView]:
        return [node for node in self.view.nodes if isinstance(node, ArticleNodeView)]

    @property
    def organisations(self) -> list[OrganisationNodeView]:
        return [node for node in self.view.nodes if isinstance(node, OrganisationNodeView)]

    def is_agency(self, node: ArticleNodeView | OrganisationNodeView) -> bool:
        kind = node.outlet_class if isinstance(node, ArticleNodeView) else node.organisation_class
        return kind in AGENCY_CLASSES


def copy_kinds(links: Iterable[Link], units: Mapping[Place, Sequence[str]], pairs: Iterable[UnitPair]) -> dict[str, MatchKind]:
    """By link id, the kind of copy that most units of the target stand in to units of the source; absent where none do."""
    of_article: dict[str, set[str]] = defaultdict(set)
    for (article_id, _), keys in units.items():
        of_article[article_id].update(keys)
    kind_of = {(pair.a, pair.b): pair.kind for pair in pairs if pair.kind in COPY_KINDS}
    found: dict[str, MatchKind] = {}
    for link in links:
        count: dict[MatchKind, int] = defaultdict(int)
        sources = of_article.get(link.source, set())
        for mine in of_article.get(link.target, ()):
            if mine in sources:
                count["verbatim"] += 1
                continue
            kinds = {kind_of.get((min(mine, other), max(mine, other))) for other in sources} - {None}
            strongest = next((kind for kind in ("verbatim", "edited", "paraphrase") if kind in kinds), None)
            if strongest is not None:
                count[strongest] += 1
        if count:
            found[link.id] = max(count, key=lambda kind: (count[kind], kind))
    return found


def plain_text(text: str) -> str:
    """On one line, without the control characters and lone surrogates that XML and JSON readers refuse."""
    kept = (c if c == " " or (c.isprintable() and ord(c) not in {0xFFFE, 0xFFFF}) else " " for c in text)
    return " ".join("".join(kept).split())
