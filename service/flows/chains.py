"""The chains of an article: the links above it, followed to their origins. Reads what was concluded, decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from service.domain.models import ORGANISATION_NODE, Article, Link
from service.ports import ReadSession

_MAX_HOPS = 12
_MAX_CHAINS = 50


def incoming_links(session: ReadSession, article: Article) -> dict[str, list[Link]]:
    """Target node -> links that end there, for everything above the article, strongest first."""
    incoming: dict[str, dict[str, Link]] = defaultdict(dict)
    seen = {article.id}
    level = [article]
    for _ in range(_MAX_HOPS):
        for below in level:
            for link in below.findings.links if below.findings else ():
                if link.relation != "photo" or link.target == article.id:  # the picture of a source did not come along
                    incoming[link.target][link.id] = link
        above = {link.source for links in incoming.values() for link in links.values()}
        wanted = sorted(node for node in above - seen if not node.startswith(ORGANISATION_NODE))
        if not wanted:
            break
        seen.update(wanted)
        level = list(session.articles(wanted).values())
    return {
        node: sorted(links.values(), key=lambda link: (-link.confidence, -link.share, link.id))
        for node, links in incoming.items()
    }


def chains_of(article_id: str, incoming: Mapping[str, Sequence[Link]]) -> list[list[Link]]:
    """Every path of links from an origin to the article, without cycles; the strongest last hop first."""
    chains: list[list[Link]] = []

    def walk(node: str, below: list[Link], passed: frozenset[str]) -> None:
        if len(chains) >= _MAX_CHAINS:
            return
        further = [link for link in incoming.get(node, ()) if link.source not in passed] if len(below) < _MAX_HOPS else []
        if not further and below:
            chains.append(below)
        for link in further:
            walk(link.source, [link, *below], passed | {link.source})

    walk(article_id, [], frozenset({article_id}))
    return chains
