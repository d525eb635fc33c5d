"""The parts of the picture: texts cut to size, arrows, boxes. Each function gives SVG elements as text.

Presentation attributes only, every text escaped. Where things stand is the layout's matter.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import escape

from service.domain.dates import possible
from service.flows.exports.graph import plain_text
from service.flows.exports.layout import BOX_H, BOX_W, TRUNK, UNSEEN_W, WIDTH, Arrow, Box
from service.flows.story_views import ArticleNodeView, OrganisationNodeView

INK, SOFT, FAINT, PAPER = "#1f2933", "#52606d", "#d8dfe6", "#ffffff"
RELATION_COLOUR = {"carried": "#2f5d8a", "revision": "#7a4fa3", "translation": "#157a6e", "photo": "#96602a"}
STRIPE = {"independent": "#2e8b57", "partially_derived": "#8fcaa5", "wholly_derived": "#b4c0cb", "undetermined": "#ffffff"}
STRIPE_NAMES = {
    "independent": "own reporting",
    "partially_derived": "partly carried",
    "wholly_derived": "wholly carried",
    "undetermined": "undetermined",
}
AGENCY_FILL, AGENCY_LINE = "#fff2d3", "#b7791f"
_WARNING, _LINE = "#b3261e", "#6b7c8c"
_BEND = 10.0
_HEAD = 7.0
_MOST_NAMED = 40


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def xml(text: str) -> str:
    return escape(plain_text(text))


def text_at(
    x: float, y: float, text: str, size: float = 12, colour: str = INK, *, bold: bool = False, anchor: str = "start"
) -> str:
    weight = ' font-weight="600"' if bold else ""
    ends = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"{weight}{ends}>{xml(text)}</text>'


def element(name: str, **attributes: float | str) -> str:
    """An empty element; numbers to a tenth, `stroke_width` becomes `stroke-width`. Values must need no escaping."""
    given = (f'{key.replace("_", "-")}="{_plain(value)}"' for key, value in attributes.items())
    return f"<{name} {' '.join(given)}/>"


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """As much of the text as surely fits into `room` px, with an ellipsis where something was cut."""
    line = plain_text(text)
    scale = size * (1.08 if bold else 1.0)
    width = 0.0
    for position, character in enumerate(line):
        width += _em(character) * scale
        if width > room:
            room_left = room - 0.9 * scale
            while position and sum(map(_em, line[:position])) * scale > room_left:
                position -= 1  # noqa: PLW2901 - walks back from where it overflowed
            return line[:position].rstrip() + "…"
    return line


def text_width(text: str, size: float) -> float:
    """An upper estimate in px for the fonts named, which no server can measure."""
    return sum(map(_em, text)) * size


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.02
    if character in "iljI.,:;'|!· ":
        return 0.31
    if character in "mwMW@%—…":
        return 0.93
    if character.isupper():
        return 0.7
    return 0.4 if character in "frt()-/" else 0.58


def pen(relation: str, confidence: float) -> str:
    return (
        f'fill="none" stroke="{RELATION_COLOUR[relation]}" stroke-width="{1.0 + 2.8 * confidence:.2f}" '
        f'stroke-opacity="{0.28 + 0.67 * confidence:.2f}" stroke-linecap="round"'
    )


def draw_trunks(arrows: Iterable[Arrow]) -> Iterator[str]:
    """One line down from a source, from which the branches to what carries it leave."""
    lowest: dict[str, tuple[Box, float]] = {}
    for arrow in arrows:
        if arrow.is_branch and arrow.target.y > arrow.source.y:
            end = arrow.target.y - _HEAD if _is_below(arrow) else arrow.target.middle - _BEND
            key = f"{arrow.source.key} {arrow.source.y}"
            lowest[key] = (arrow.source, max(end, lowest[key][1] if key in lowest else 0.0))
    for source, end in lowest.values():
        down = f"M{source.x + TRUNK:.1f},{source.y + BOX_H:.1f} V{end:.1f}"
        yield element("path", d=down, fill="none", stroke="#9fb0c0", stroke_width=1.6)


def _is_below(arrow: Arrow) -> bool:
    """The target claims to be older than its source and so lies under the trunk: the arrow enters from above."""
    return arrow.target.x < arrow.source.x + TRUNK + _BEND + _HEAD and arrow.target.right > arrow.source.x + TRUNK


def draw_arrow(arrow: Arrow) -> Iterator[str]:
    """A line with its head; where several links join the same boxes, as sure as the surest."""
    if not arrow.links:
        return
    surest = max(arrow.links, key=lambda link: link.confidence)
    source, target = arrow.source, arrow.target
    trunk = source.x + TRUNK
    if not arrow.is_branch:
        path, head = _curve(source, target)
    elif source.y == target.y:
        path, head = f"M{source.right:.1f},{source.middle:.1f} H{target.x - _HEAD:.1f}", _head(target.x, target.middle, "right")
    elif _is_below(arrow):
        path, head = f"M{trunk:.1f},{target.y - _BEND:.1f} V{target.y - _HEAD:.1f}", _head(trunk, target.y, "down")
    else:
        side = 1 if target.x > trunk else -1
        end = target.x if side > 0 else target.right
        middle = target.middle
        path = (
            f"M{trunk:.1f},{middle - _BEND:.1f} Q{trunk:.1f},{middle:.1f} {trunk + side * _BEND:.1f},{middle:.1f} "
            f"H{end - side * _HEAD:.1f}"
        )
        head = _head(end, target.middle, "right" if side > 0 else "left")
    yield f"<g><title>{xml(_link_title(arrow))}</title>"
    yield f'<path d="{path}" {pen(surest.relation, surest.confidence)}/>'
    opacity = 0.28 + 0.67 * surest.confidence
    yield f'<path d="{head}" fill="{RELATION_COLOUR[surest.relation]}" fill-opacity="{opacity:.2f}"/></g>'


def _curve(source: Box, target: Box) -> tuple[str, str]:
    start, end = (source.right, source.middle), (target.x, target.middle)
    if target.x > source.right + 20:
        reach = max(30.0, (end[0] - start[0]) * 0.4)
        bend = f"C{start[0] + reach:.1f},{start[1]:.1f} {end[0] - reach:.1f},{end[1]:.1f} {end[0] - _HEAD:.1f},{end[1]:.1f}"
        return f"M{start[0]:.1f},{start[1]:.1f} {bend}", _head(*end, "right")
    # Not to its right: round the right side of both.
    end = (target.right, target.middle)
    reach = min(max(start[0], end[0]) + 46, WIDTH - 6)
    bend = f"C{reach:.1f},{start[1]:.1f} {reach:.1f},{end[1]:.1f} {end[0] + _HEAD:.1f},{end[1]:.1f}"
    return f"M{start[0]:.1f},{start[1]:.1f} {bend}", _head(*end, "left")


def _head(x: float, y: float, points: str) -> str:
    if points == "down":
        return f"M{x:.1f},{y:.1f} l-4.5,{-_HEAD - 1} h9 z"
    back = -_HEAD - 1 if points == "right" else _HEAD + 1
    return f"M{x:.1f},{y:.1f} l{back},-4.5 v9 z"


def _link_title(arrow: Arrow) -> str:
    source, target = _name(arrow.source), _name(arrow.target)
    if len(arrow.links) > 1:
        return f"{source} → {target}: {len(arrow.links)} links, up to {max(link.confidence for link in arrow.links):.0%} sure"
    link = arrow.links[0]
    reasons = "; ".join(f"{piece.kind}: {piece.text}" for piece in link.evidence[:4])
    return (
        f"{source} → {target}: {link.relation}, {link.carry} ({link.share:.0%} of the body), {link.confidence:.0%} sure, "
        f"by {' and '.join(link.basis)}. {reasons}"
    )


def _name(box: Box) -> str:
    if box.kind == "more":
        return f"{len(box.members)} articles"
    node = box.members[0]
    return node.outlet.name if isinstance(node, ArticleNodeView) else node.name


def draw_box(box: Box, arrows: Iterable[Arrow]) -> Iterator[str]:
    incoming = [arrow for arrow in arrows if arrow.target is box]
    yield "<g>"
    if box.kind == "more":
        yield from _more(box)
    else:
        node = box.members[0]
        yield from _article(box, node, incoming) if isinstance(node, ArticleNodeView) else _unseen(box, node)
    yield "</g>"


def _article(box: Box, node: ArticleNodeView, incoming: list[Arrow]) -> Iterator[str]:
    links = [link for arrow in incoming for link in arrow.links]
    is_early = any(_claims_before(node, source) for arrow in incoming for source in arrow.source.members)
    when = f"{node.published_at:%Y-%m-%d %H:%M} UTC" if node.published_at else "no time claimed"
    if is_early:
        when += ", before its source"
    words = f"{node.outlet.name}: {node.title} ({when}; {node.derivation.replace('_', ' ')}) {node.url or ''}"
    yield f"<title>{xml(words)}</title>"
    left = box.x + 14
    if box.is_agency:
        shape = hexagon(box.x, box.y, BOX_W, BOX_H, 9)
        yield element("path", d=shape, fill=AGENCY_FILL, stroke=AGENCY_LINE, stroke_width=1.6)
    else:
        yield element("rect", x=box.x, y=box.y, width=BOX_W, height=BOX_H, rx=5, fill=PAPER, stroke=_LINE)
        yield stripe(box.x + 4, box.y + 5, 4, BOX_H - 10, node.derivation)
    clock = f"{node.published_at:%H:%M}" if node.published_at else "no time"
    clock_colour = _WARNING if is_early else SOFT
    right = box.right - (14 if box.is_agency else 9)
    yield text_at(left, box.y + 16, fitted(node.outlet.name, right - left - 46, 12.5, bold=True), 12.5, bold=True)
    yield text_at(right, box.y + 16, clock, 10.5, clock_colour, anchor="end", bold=is_early)
    yield text_at(left, box.y + 30.5, fitted(node.title or "(no title)", right - left - 34, 10.5), 10.5, SOFT)
    if links:
        surest = max(links, key=lambda link: link.confidence)
        yield text_at(
            right, box.y + 30.5, f"{surest.confidence:.0%}", 10.5, RELATION_COLOUR[surest.relation], bold=True, anchor="end"
        )


def _claims_before(node: ArticleNodeView, source: ArticleNodeView | OrganisationNodeView) -> bool:
    if not isinstance(source, ArticleNodeView):
        return False
    own, others = (possible(one.published_at, one.observed_at) for one in (node, source))
    return own is not None and others is not None and own < others


def _unseen(box: Box, node: OrganisationNodeView) -> Iterator[str]:
    kind = node.organisation_class.replace("_", " ")
    yield f"<title>{xml(f'{node.name} ({kind}): never ingested, known by credits only')}</title>"
    line = AGENCY_LINE if box.is_agency else SOFT
    pen_of_outline = {"fill": "#fffaf0" if box.is_agency else "#fafbfc", "stroke": line, "stroke_dasharray": "5 3.5"}
    if box.is_agency:
        yield element("path", d=hexagon(box.x, box.y, UNSEEN_W, BOX_H, 9), stroke_width=1.4, **pen_of_outline)
    else:
        yield element("rect", x=box.x, y=box.y, width=UNSEEN_W, height=BOX_H, rx=5, stroke_width=1.4, **pen_of_outline)
    yield text_at(box.x + 15, box.y + 16, fitted(node.name, UNSEEN_W - 30, 12.5, bold=True), 12.5, bold=True)
    yield text_at(box.x + 15, box.y + 30.5, fitted(f"{kind}, not ingested", UNSEEN_W - 26, 10.5), 10.5, SOFT)


def _more(box: Box) -> Iterator[str]:
    nodes = [node for node in box.members if isinstance(node, ArticleNodeView)]
    names: dict[str, int] = defaultdict(int)
    for node in nodes:
        names[plain_text(node.outlet.name)] += 1
    listed = [name if number == 1 else f"{name} ({number})" for name, number in names.items()]
    further = f" and {len(listed) - _MOST_NAMED} further outlets" if len(listed) > _MOST_NAMED else ""
    words = f"{len(nodes)} more articles: {', '.join(listed[:_MOST_NAMED])}{further}"
    yield f"<title>{xml(words)}</title>"
    for shift in (6, 3, 0):
        x, y, width, height = box.x + shift, box.y + shift, BOX_W - 6, BOX_H - 6
        yield element("rect", x=x, y=y, width=width, height=height, rx=5, fill="#eef3f7", stroke=_LINE)
    yield text_at(box.x + 14, box.y + 14, f"+{count(len(nodes), 'article')}", 12.5, bold=True)
    times = sorted(node.published_at for node in nodes if node.published_at is not None)
    if times:
        yield text_at(box.right - 15, box.y + 14, f"{times[0]:%H:%M} to {times[-1]:%H:%M}", 10.5, SOFT, anchor="end")
    yield text_at(box.x + 14, box.y + 26.5, fitted(", ".join(listed), BOX_W - 34, 10.5), 10.5, SOFT)


def stripe(x: float, y: float, width: float, height: float, derivation: str) -> str:
    """Says how much of an article is its own."""
    fill = STRIPE[derivation]
    return element("rect", x=x, y=y, width=width, height=height, rx=width / 2, fill=fill, stroke="#8894a0", stroke_width=0.6)


def hexagon(x: float, y: float, width: float, height: float, point: float) -> str:
    return (
        f"M{x:.1f},{y + height / 2:.1f} L{x + point:.1f},{y:.1f} H{x + width - point:.1f} L{x + width:.1f},{y + height / 2:.1f} "
        f"L{x + width - point:.1f},{y + height:.1f} H{x + point:.1f} Z"
    )
