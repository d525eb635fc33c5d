"""A story's provenance as an SVG picture: time from left to right, each report a lane, copy flowing along the arrows.

Only presentation attributes and fonts that every system has: no style sheet, script, link or file from elsewhere, so the picture
shows under the strictest content policy. Every text that others sent is escaped and cut to its box; the whole of it is in the
`<title>` of the box.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.flows.exports.graph import StoryGraph, plain_text
from service.flows.exports.layout import MARGIN, WIDTH, Layout, arrange
from service.flows.exports.shapes import (
    AGENCY_FILL,
    AGENCY_LINE,
    FAINT,
    INK,
    PAPER,
    RELATION_COLOUR,
    SOFT,
    STRIPE_NAMES,
    count,
    draw_arrow,
    draw_box,
    draw_trunks,
    element,
    fitted,
    hexagon,
    pen,
    stripe,
    text_at,
    text_width,
    xml,
)

_TOP = 158.0
_FOOT = 40.0
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def svg(graph: StoryGraph) -> str:
    """The picture as SVG 1.1 text. Time grows with the number of nodes and links times the lanes' depth."""
    layout = arrange(graph, _TOP)
    height = layout.height + _FOOT
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-labelledby="wiretrace-title wiretrace-desc" '
        f'font-family="{_FONT}" font-size="12" fill="{INK}">'
    )
    foot = f"Wiretrace · story {graph.story_id}, version {graph.version} · times as claimed, in UTC"
    parts = [
        opening,
        f'<title id="wiretrace-title">{xml(graph.title or "Story without a title")}: who carried whose copy</title>',
        f'<desc id="wiretrace-desc">{xml(_description(graph))}</desc>',
        element("rect", width=WIDTH, height=height, fill=PAPER),
        *_heading(graph),
        *_lanes(layout),
        *_axis(layout),
        *(text_at(MARGIN + 14, lane.y + 19, lane.title, 11.5, SOFT, bold=True) for lane in layout.lanes),
        *draw_trunks(layout.arrows),
        *(part for arrow in layout.arrows for part in draw_arrow(arrow)),
        *(part for box in layout.boxes for part in draw_box(box, layout.arrows)),
        text_at(MARGIN, height - 16, foot, 10.5, SOFT),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _description(graph: StoryGraph) -> str:
    articles, links = graph.articles, graph.view.links
    reports = len({node.report_id for node in articles})
    named = ", ".join(plain_text(node.name) for node in graph.organisations) or "none"
    return (
        f"{count(len(articles), 'article')} in {count(reports, 'report')}, joined by {count(len(links), 'link')}. Time runs from "
        f"left to right. An arrow leads from a source to what carries its copy; the thicker and darker, the surer. "
        f"Organisations whose copy was never ingested: {named}."
    )


def _heading(graph: StoryGraph) -> Iterator[str]:
    articles, organisations = graph.articles, graph.organisations
    reports = len({node.report_id for node in articles})
    figures = f"{count(len(articles), 'article')} · {count(reports, 'report')} · {count(len(graph.view.links), 'link')}"
    if organisations:
        figures += f" · {count(len(organisations), 'source')} never ingested"
    yield text_at(MARGIN, 38, fitted(graph.title or "(no title)", WIDTH - 2 * MARGIN, 21, bold=True), 21, bold=True)
    yield text_at(MARGIN, 60, figures, 13, SOFT)
    yield from _legend(graph)


def _legend(graph: StoryGraph) -> Iterator[str]:
    x, y = MARGIN, 80.0

    def label(text: str, gap: float = 22) -> str:
        nonlocal x
        drawn = text_at(x, y + 10.5, text, 11, SOFT)
        x += text_width(text, 11) + gap
        return drawn

    yield element("path", d=hexagon(x, y, 24, 14, 5), fill=AGENCY_FILL, stroke=AGENCY_LINE, stroke_width=1.4)
    x += 30
    yield label("agency")
    yield element("rect", x=x, y=y, width=24, height=14, rx=3, fill=PAPER, stroke=SOFT)
    x += 30
    yield label("outlet:", 8)
    for name, words in STRIPE_NAMES.items():
        yield stripe(x, y + 1, 6, 12, name)
        x += 11
        yield label(words, 12)
    x += 8
    yield element("rect", x=x, y=y, width=24, height=14, rx=3, fill="#fafbfc", stroke=SOFT, stroke_dasharray="4 3")
    x += 30
    yield label("never ingested")
    used = [name for name in RELATION_COLOUR if any(link.relation == name for link in graph.view.links)]
    for name in used if len(used) > 1 else []:
        yield f'<path d="M{x:.1f},{y + 7} h24" stroke="{RELATION_COLOUR[name]}" stroke-width="2.4"/>'
        x += 30
        yield label(name, 16)
    for confidence in (0.3, 0.6, 0.95):
        yield f'<path d="M{x:.1f},{y + 7} h26" {pen("carried", confidence)}/>'
        x += 30
        yield label(f"{confidence:.0%}", 10)
    yield label("sure")


def _lanes(layout: Layout) -> Iterator[str]:
    for lane in layout.lanes:
        width = WIDTH - 2 * MARGIN
        yield element("rect", x=MARGIN, y=lane.y, width=width, height=lane.height, rx=8, fill="#f6f8fa", stroke="#e3e9ee")


def _axis(layout: Layout) -> Iterator[str]:
    if layout.timeline is None:
        return
    bottom = layout.height - 8
    for silence in layout.timeline.silences():
        middle, width = (silence.start + silence.end) / 2, silence.end - silence.start - 16
        tall = bottom - _TOP + 14
        yield element("rect", x=silence.start + 8, y=_TOP - 14, width=width, height=tall, fill="#e9edf1", opacity=0.6)
        yield text_at(middle, _TOP - 4, f"⋯{silence.label}⋯", 9.5, SOFT, anchor="middle")
    named_until = 0.0
    for tick in layout.timeline.ticks():
        yield f'<path d="M{tick.x:.1f},{_TOP - 14} V{bottom:.1f}" stroke="{FAINT}" stroke-width="1"/>'
        yield text_at(tick.x, _TOP - 19, tick.label, 11, SOFT, anchor="middle")
        if tick.day and tick.x >= named_until:
            yield text_at(tick.x - 15, _TOP - 35, tick.day, 11, INK, bold=True)
            named_until = tick.x + text_width(tick.day, 11) + 4
