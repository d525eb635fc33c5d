"""A story's provenance as Graphviz text: reports as clusters, organisations never ingested dashed.

Everything that was sent by others stands in quoted strings, escaped for the lexer and for Graphviz' own label escapes.
"""

from __future__ import annotations

from collections import defaultdict

from service.flows.exports.graph import StoryGraph, plain_text
from service.flows.story_views import ArticleNodeView, OrganisationNodeView
from service.flows.views import LinkView

_MOST_LABEL = 60


def graphviz(graph: StoryGraph) -> str:
    """Text for `dot`. Pen width and shade of an arrow show the confidence."""
    lines = [
        "digraph story {",
        f"  label={_quoted(graph.title)}; labelloc=t; rankdir=LR; newrank=true;",
        '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=10];',
        '  edge [fontname="Helvetica", fontsize=9];',
    ]
    reports: dict[str, list[ArticleNodeView]] = defaultdict(list)
    for article in graph.articles:
        reports[article.report_id or ""].append(article)
    for number, (report_id, articles) in enumerate(reports.items()):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(f'report {report_id}')}; color=grey80; fontsize=9;"]
        lines += [f"    {_article(graph, article)}" for article in articles]
        lines.append("  }")
    lines += [f"  {_organisation(graph, node)}" for node in graph.organisations]
    lines += [f"  {_link(link)}" for link in graph.view.links]
    return "\n".join([*lines, "}", ""])


def _article(graph: StoryGraph, article: ArticleNodeView) -> str:
    when = article.published_at.strftime("%Y-%m-%d %H:%M") if article.published_at else "time unknown"
    label = "\n".join((_short(article.outlet.name), _short(article.title), when))
    shape = ', shape=hexagon, style=filled, fillcolor="#fff1d0"' if graph.is_agency(article) else ""
    return f"{_quoted(article.id)} [label={_quoted(label)}, tooltip={_quoted(article.title)}{shape}];"


def _organisation(graph: StoryGraph, node: OrganisationNodeView) -> str:
    shape = "hexagon" if graph.is_agency(node) else "box"
    label = f"{_short(node.name)}\nnot ingested"
    return f"{_quoted(node.id)} [label={_quoted(label)}, shape={shape}, style=dashed, tooltip={_quoted(node.name)}];"


def _link(link: LinkView) -> str:
    grey = round(150 * (1 - link.confidence))
    tooltip = f"{link.relation}, {link.carry}, by {', '.join(link.basis)}"
    return (
        f"{_quoted(link.source)} -> {_quoted(link.target)} [label={_quoted(f'{link.confidence:.0%}')}, "
        f'penwidth={0.6 + 2.4 * link.confidence:.2f}, color="#{grey:02x}{grey:02x}{grey:02x}", tooltip={_quoted(tooltip)}];'
    )


def _short(text: str) -> str:
    line = plain_text(text)
    return line if len(line) <= _MOST_LABEL else line[: _MOST_LABEL - 1] + "…"


def _quoted(text: str) -> str:
    # Graphviz reads \N, \G and their like inside labels: a doubled backslash is a backslash and nothing else.
    lines = (plain_text(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'
