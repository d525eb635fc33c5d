"""Stories and chains for people: views as tables and trees. Reads the answers of the contract, decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

Json = Mapping[str, Any]


def story(answer: Json) -> RenderableType:
    """GET /v1/stories/{id}: the figures, then each report with its articles."""
    counts = answer["counts"]
    head = Text(answer["title"] or "(no title)", style="bold")
    figures = Text(
        f"{_count(counts['articles'], 'article')} of {_count(counts['outlets'], 'outlet')} are "
        f"{_count(counts['reports'], 'independent report')} · {_count(counts['passages'], 'passage')} · "
        f"{answer['first_published_at'][:16]} to {answer['last_published_at'][:16]}"
    )
    parts: list[RenderableType] = [head, figures]
    for number, report in enumerate(answer["reports"], 1):
        title = f"Report {number}: origin {origin(report['origin'])}, {_count(report['shared_passages'], 'shared passage')}"
        table = Table(title=escape(title), title_justify="left", title_style="bold cyan", box=None, expand=True)
        table.add_column("outlet: title", ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column("published", no_wrap=True)
        table.add_column("carried", justify="right", no_wrap=True)
        table.add_column("article", style="dim", no_wrap=True)
        for article in report["articles"]:
            words = escape(f"{article['outlet']['name']}: {article['title']}")
            when = (article["published_at"] or "")[5:16].replace("T", " ")
            table.add_row(words, when, f"{article['share']:.0%}", article["article_id"])
        parts += [Text(), table]
    return Group(*parts)


def trace(article: Json, provenance: Json, nodes: Mapping[str, Json]) -> RenderableType:
    """The chains of an article as one tree: origins at the top, the article at the leaves."""
    derivation = article["derivation"]
    label = f"{derivation['label'].replace('_', ' ')}, {derivation['share']:.0%} carried"
    head = Group(
        Text(article["title"] or "(no title)", style="bold"),
        Text(f"{article['outlet']['name']} · {label} · origin {origin(article['origin'])}"),
    )
    if not provenance["chains"]:
        reason = provenance.get("undetermined_reason") or "It carries nobody's copy."
        return Group(head, Text(), Text(reason, style="italic"))
    tree = Tree(Text("provenance", style="dim"), guide_style="dim")
    branches: dict[tuple[str, ...], Tree] = {}
    for chain in provenance["chains"]:
        path: tuple[str, ...] = (chain[0]["source"],)
        if path not in branches:
            branches[path] = tree.add(_node(chain[0]["source"], nodes))
        for link in chain:
            above, path = path, (*path, link["id"])
            if path not in branches:
                branches[path] = branches[above].add(Group(_node(link["target"], nodes), *_link(link)))
    return Group(head, Text(), tree)


def origin(value: Json) -> str:
    """An origin in a few words."""
    named = value.get("organisation")
    if value["kind"] == "undetermined":
        return "undetermined"
    what = named["name"] if named else f"article {value.get('article_id')}"
    return f"{what} ({value['confidence']:.0%})"


def _node(ident: str, nodes: Mapping[str, Json]) -> Text:
    node = nodes.get(ident)
    if node is None:
        return Text(ident, style="bold")
    if node["kind"] == "organisation":
        return Text.assemble((node["name"], "bold magenta"), (f"  {node['class'].replace('_', ' ')}", "dim"))
    when = (node["published_at"] or "")[:16]
    return Text.assemble((node["outlet"]["name"], "bold"), f"  {node['title']}", (f"  {when}  {ident}", "dim"))


def _link(link: Json) -> Sequence[RenderableType]:
    basis = ", ".join(link["basis"])
    words = Text(
        f"{link['relation']} {link['carry']}, {link['share']:.0%}, by {basis}, confidence {link['confidence']:.0%}", style="green"
    )
    strongest = sorted(link["evidence"], key=lambda item: -item["weight"])[:3]
    return [words, *(Text(f"{item['kind']}: “{_short(item['text'])}”", style="dim") for item in strongest)]


def _short(text: str, limit: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
