"""Where every box of the picture stands: one row a box, reports as lanes, what carries indented below what it carries from.

One row holds one box (an organisation may share the row of the first article below it), so boxes never overlap. A story too
long to read is shortened: equal siblings become one box that says how many they are. Draws nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from service.flows.exports.forest import Node, deepest_column, forests, time_of, times_shown
from service.flows.exports.graph import StoryGraph
from service.flows.exports.timeline import Timeline
from service.flows.story_views import ArticleNodeView, OrganisationNodeView
from service.flows.views import LinkView

WIDTH = 1240.0
MARGIN = 28.0
BOX_W, BOX_H = 236.0, 38.0
UNSEEN_W, UNSEEN_STEP = 148.0, 178.0
ROW = 50.0
LANE_HEAD, LANE_GAP = 30.0, 16.0
INDENT = 40.0
TRUNK = 15.0
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class Box:
    """`members` are the articles that a "+N" box stands for, else one node."""

    key: str
    kind: Literal["article", "unseen", "more"]
    x: float
    y: float
    width: float
    members: tuple[ArticleNodeView | OrganisationNodeView, ...]
    is_agency: bool

    @property
    def middle(self) -> float:
        return self.y + BOX_H / 2

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Arrow:
    """`is_branch`: within the tree of its lane; the others are drawn as free curves."""

    source: Box
    target: Box
    links: tuple[LinkView, ...]
    is_branch: bool


@dataclass(frozen=True, slots=True)
class Lane:
    title: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    width: float
    height: float
    top: float
    lanes: tuple[Lane, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    timeline: Timeline | None


def arrange(graph: StoryGraph, top: float) -> Layout:
    """Places everything below `top` px."""
    times = times_shown(graph)
    lanes = forests(graph, times, MOST_ROWS)
    columns = max((deepest_column(root) + 1 for _, forest in lanes for root in forest), default=0)
    left = MARGIN + 16 + UNSEEN_STEP * columns
    shown = [times[node.id] for node in graph.articles]
    timeline = Timeline(shown, left, WIDTH - MARGIN - 14 - BOX_W - 2 * INDENT) if shown else None
    placing = _Placing(timeline, times, left)
    placed: list[Lane] = []
    y = top
    for title, forest in lanes:
        start, row_y = y, y + LANE_HEAD
        for root in forest:
            row_y = placing.put(root, row_y, MARGIN + 14)
        placed.append(Lane(title, start, row_y - start + 2))
        y = row_y + LANE_GAP
    arrows = _arrows(graph, placing)
    return Layout(WIDTH, y, top, tuple(placed), tuple(placing.boxes), arrows, timeline)


class _Placing:
    """Walks the trees down the page."""

    def __init__(self, timeline: Timeline | None, times: Mapping[str, datetime], left: float) -> None:
        self._timeline, self._times, self._left = timeline, times, left
        self.boxes: list[Box] = []
        self.of_node: dict[str, list[Box]] = defaultdict(list)
        self.branches: list[tuple[Box, Box]] = []

    def put(self, node: Node, y: float, least_x: float, parent: Box | None = None) -> float:
        """Returns the y of the next free row."""
        box = self._box(node, y, least_x, parent)
        self.boxes.append(box)
        for member in node.members:
            self.of_node[member.id].append(box)
        if parent is not None:
            self.branches.append((parent, box))
        below = y if node.kind == "unseen" and node.children else y + ROW
        for child in node.children:
            below = self.put(child, below, box.x, box)
        return max(below, y + ROW)

    def _box(self, node: Node, y: float, least_x: float, parent: Box | None) -> Box:
        members = tuple(node.members)
        if node.kind == "unseen":
            x = least_x + UNSEEN_STEP * node.column if parent is None else parent.x + UNSEEN_STEP
            return Box(node.key, "unseen", x, y, UNSEEN_W, members, node.is_agency)
        at = time_of(node, self._times)
        x = self._timeline.x(at) if self._timeline else self._left
        # What claims to be later than its source stands to the right of it, however close; what claims to be older does not.
        if parent is not None and parent.kind == "article":
            parent_at = min(self._times[member.id] for member in parent.members)
            if at >= parent_at:
                x = min(max(x, parent.x + INDENT), WIDTH - MARGIN - 14 - BOX_W)
        return Box(node.key, node.kind, x, y, BOX_W, members, node.is_agency)


def _arrows(graph: StoryGraph, placing: _Placing) -> tuple[Arrow, ...]:
    """Every link once: along a branch of a tree where it is one, else as a free curve; between the same boxes only one arrow."""
    branches = {(parent.key, child.key): (parent, child) for parent, child in placing.branches}
    along: dict[tuple[str, str], list[LinkView]] = defaultdict(list)
    free: dict[tuple[str, str], tuple[Box, Box, list[LinkView]]] = {}
    for link in graph.view.links:
        sources, targets = placing.of_node.get(link.source, []), placing.of_node.get(link.target, [])
        pairs = [(s, t) for s in sources for t in targets if s is not t]
        in_tree = [(s, t) for s, t in pairs if branches.get((s.key, t.key)) == (s, t)]
        if in_tree:
            for s, t in in_tree:
                along[s.key + "\n" + str(s.y), t.key].append(link)
        elif pairs:
            s, t = min(pairs, key=lambda pair: abs(pair[0].y - pair[1].y))
            free.setdefault((f"{s.key}\n{s.y}", t.key), (s, t, []))[2].append(link)
    drawn = [
        Arrow(parent, child, tuple(along.get((f"{parent.key}\n{parent.y}", child.key), ())), is_branch=True)
        for parent, child in placing.branches
    ]
    return (*drawn, *(Arrow(s, t, tuple(links), is_branch=False) for s, t, links in free.values()))
