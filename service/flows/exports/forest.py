"""Which box hangs below which: one forest a report, siblings in the order of their rows, long stories shortened.

A tree follows the surest source of each article; what else is linked is drawn across. Knows no places on the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from service.domain.dates import possible
from service.flows.exports.graph import StoryGraph
from service.flows.story_views import ArticleNodeView, OrganisationNodeView
from service.flows.views import LinkView

_MOST_COLUMNS = 3
_NEVER = datetime.max.replace(tzinfo=UTC)
_KEPT = (12, 6, 3, 1)


@dataclass(slots=True)
class Node:
    """One box to be. `children` in the order of their rows."""

    key: str
    kind: Literal["article", "unseen", "more"]
    members: list[ArticleNodeView | OrganisationNodeView]
    children: list[Node]
    is_agency: bool
    column: int = 0


Forest = tuple[str, list[Node]]
"""A lane's title and its trees."""


def times_shown(graph: StoryGraph) -> dict[str, datetime]:
    """Where each article stands: its claimed time if that can be, else a source's, a copy's, its report's, else when it came."""
    last = max((node.observed_at for node in graph.articles), default=_NEVER)
    dated = {node.id: at for node in graph.articles if (at := possible(node.published_at, last)) is not None}
    times = dict(dated)
    waiting = [node for node in graph.articles if node.id not in dated]
    for _ in range(2):
        for node in waiting:
            near = [times[link.source] for link in graph.view.links if link.target == node.id and link.source in times]
            near = near or [times[link.target] for link in graph.view.links if link.source == node.id and link.target in times]
            if node.id not in times and near:
                times[node.id] = min(near)
    claimed: dict[str | None, datetime] = {}
    for node in graph.articles:
        if node.id in dated:
            claimed[node.report_id] = min(dated[node.id], claimed.get(node.report_id, dated[node.id]))
    return times | {node.id: claimed.get(node.report_id, node.observed_at) for node in waiting if node.id not in times}


def forests(graph: StoryGraph, times: Mapping[str, datetime], most_rows: int) -> list[Forest]:
    """Each report's trees, largest report first; reports of one article and without links share the last lane.

    With more than `most_rows` rows, equal siblings become "+N" boxes, few at first, then as many as it takes.
    """
    lanes = _grown(graph, times)
    for kept in _KEPT:
        if sum(rows(root) for _, forest in lanes for root in forest) <= most_rows:
            break
        lanes = [(title, _shorten(forest, kept, whole=kept == _KEPT[-1])) for title, forest in lanes]
    return lanes


def _grown(graph: StoryGraph, times: Mapping[str, datetime]) -> list[Forest]:
    linked = {end for link in graph.view.links for end in (link.source, link.target)}
    reports: dict[str, list[ArticleNodeView]] = defaultdict(list)
    for node in graph.articles:
        reports[node.report_id or node.id].append(node)
    alone = {ident for ident, members in reports.items() if len(members) == 1 and members[0].id not in linked}
    together = [members for ident, members in reports.items() if ident not in alone]
    together.sort(key=lambda found: (-len(found), min(times[node.id] for node in found)))
    lanes = [(_lane_title(members, number, graph), _trees(members, graph, times)) for number, members in enumerate(together, 1)]
    if alone:
        single = [node for ident in reports if ident in alone for node in reports[ident]]
        plural = "s" if len(single) > 1 else ""
        title = f"{len(single)} {'further ' if lanes else ''}report{plural} of a single article, sharing no copy"
        lanes.append((title, [Node(node.id, "article", [node], [], graph.is_agency(node)) for node in single]))
    return lanes


def _trees(members: Sequence[ArticleNodeView], graph: StoryGraph, times: Mapping[str, datetime]) -> list[Node]:
    sources: dict[str, list[LinkView]] = defaultdict(list)
    for link in sorted(graph.view.links, key=lambda link: (-link.confidence, -link.share, link.id)):
        sources[link.target].append(link)
    articles = {node.id: Node(node.id, "article", [node], [], graph.is_agency(node)) for node in members}
    unseen = _unseen_above(list(articles), sources, graph)
    roots: list[Node] = []
    for ident in (*sorted(articles, key=lambda ident: (times[ident], ident)), *unseen):
        source = sources[ident][0].source if ident in sources else ""
        # An organisation hangs below organisations only: it stands in the columns left of all articles.
        parent = unseen.get(source) or (articles.get(source) if ident in articles else None)
        (roots if parent is None else parent.children).append(articles.get(ident) or unseen[ident])
    _cut_cycles(roots, [*articles.values(), *unseen.values()])
    for root in roots:
        _number_columns(root, 0)
        _order(root, times)
    roots.sort(key=lambda root: (root.kind != "unseen", -rows(root), root.key))
    return roots


def _unseen_above(articles: Sequence[str], sources: Mapping[str, Sequence[LinkView]], graph: StoryGraph) -> dict[str, Node]:
    """Every organisation from which a chain of links leads to these articles."""
    organisations = {node.id: node for node in graph.organisations}
    found: dict[str, Node] = {}
    waiting = list(articles)
    for ident in waiting:
        for link in sources.get(ident, ()):
            node = organisations.get(link.source)
            if node is not None and node.id not in found:
                found[node.id] = Node(node.id, "unseen", [node], [], graph.is_agency(node))
                waiting.append(node.id)
    return found


def _cut_cycles(roots: list[Node], nodes: Iterable[Node]) -> None:
    """Two links that contradict each other must not hide their articles: what no root reaches becomes one."""
    reached: set[int] = set()

    def mark(node: Node) -> None:
        reached.add(id(node))
        node.children = [child for child in node.children if id(child) not in reached]
        for child in node.children:
            mark(child)

    for root in roots:
        mark(root)
    for node in nodes:
        if id(node) not in reached:
            roots.append(node)
            mark(node)


def _number_columns(node: Node, column: int) -> None:
    node.column = min(column, _MOST_COLUMNS - 1)
    for child in node.children:
        if child.kind == "unseen":
            _number_columns(child, column + 1)


def _order(node: Node, times: Mapping[str, datetime]) -> None:
    """Children by time; those that claim to be older than their source last, as their arrows run the other way."""
    here = time_of(node, times)

    def place(child: Node) -> tuple[bool, datetime, str]:
        at = time_of(child, times)
        return (node.kind == "article" and at < here, at, child.key)

    for child in node.children:
        _order(child, times)
    node.children.sort(key=place)


def time_of(node: Node, times: Mapping[str, datetime]) -> datetime:
    if node.kind == "unseen":
        return min((time_of(child, times) for child in node.children), default=_NEVER)
    return min(times[member.id] for member in node.members)


def _lane_title(members: Sequence[ArticleNodeView], number: int, graph: StoryGraph) -> str:
    count = f"{len(members)} article{'s' if len(members) > 1 else ''}"
    where = " of another story" if all(node.id in graph.outside for node in members) else ""
    return f"Report {number}{where} · {count}"


def rows(node: Node) -> int:
    """An organisation shares the row of the first box below it."""
    below = sum(map(rows, node.children))
    return max(1, below) if node.kind == "unseen" else 1 + below


def deepest_column(node: Node) -> int:
    deeper = max((deepest_column(child) for child in node.children if child.kind == "unseen"), default=-1)
    return max(node.column if node.kind == "unseen" else -1, deeper)


def _shorten(siblings: Sequence[Node], kept: int, *, whole: bool) -> list[Node]:
    """The first `kept` leaves of a family stay, the rest become one box; with `whole`, what hangs below the rest goes with it."""
    for node in siblings:
        node.children = _shorten(node.children, kept, whole=whole)
    equal = [node for node in siblings if node.kind != "unseen" and (whole or not node.children)]
    if len(equal) <= kept + 1:
        return list(siblings)
    equal.sort(key=lambda node: (not node.children, node.kind == "more"))
    gone = {id(node) for node in equal[kept:]}
    members = [member for node in siblings if id(node) in gone for member in _members(node)]
    first = next(node for node in siblings if id(node) in gone)
    more = Node(f"more:{first.key}", "more", members, [], is_agency=False)
    return [*(node for node in siblings if id(node) not in gone), more]


def _members(node: Node) -> list[ArticleNodeView | OrganisationNodeView]:
    return [*node.members, *(member for child in node.children for member in _members(child))]
