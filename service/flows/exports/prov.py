"""A story's provenance as W3C PROV-JSON.

Articles are entities, publishers agents, clustering is an activity. What PROV has no word for (confidence, basis, evidence)
stands in the namespace `wiretrace`. Every relation that may have a name has one, so that nothing is lost in a round trip.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from service.flows.exports.graph import StoryGraph
from service.flows.story_views import ArticleNodeView, OrganisationNodeView
from service.flows.views import LinkView, Time

PREFIXES = {
    "wiretrace": "urn:wiretrace:terms:",
    "article": "urn:wiretrace:article:",
    "copy": "urn:wiretrace:unseen-copy:",
    "organisation": "urn:wiretrace:organisation:",
    "outlet": "urn:wiretrace:outlet:",
    "story": "urn:wiretrace:story:",
    "activity": "urn:wiretrace:activity:",
    "link": "urn:wiretrace:link:",
    "statement": "urn:wiretrace:statement:",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Json = dict[str, Any]


def prov_json(graph: StoryGraph) -> str:
    """The PROV-JSON text, keys sorted: the same graph gives the same text."""
    return json.dumps(_document(graph), ensure_ascii=False, indent=2, sort_keys=True)


def _document(graph: StoryGraph) -> Json:
    parts: dict[str, Json] = defaultdict(dict)
    parts["prefix"] = dict(PREFIXES)
    story, activity = _name("story", graph.story_id), _name("activity", f"clustering-{graph.story_id}-{graph.version}")
    parts["agent"]["wiretrace:service"] = {"prov:type": _qualified("prov:SoftwareAgent"), "prov:label": "Wiretrace"}
    parts["activity"][activity] = {"prov:type": _qualified("wiretrace:Clustering"), "wiretrace:version": graph.version}
    parts["entity"][story] = {"prov:type": _qualified("prov:Collection"), "prov:label": graph.title}
    parts["wasAssociatedWith"]["statement:clustered-by"] = {"prov:activity": activity, "prov:agent": "wiretrace:service"}
    parts["wasGeneratedBy"]["statement:story-made"] = {
        "prov:entity": story,
        "prov:activity": activity,
        "prov:time": graph.updated_at.isoformat(),
    }
    agent_of_site = {node.site: _name("organisation", _organisation_id(node)) for node in graph.organisations if node.site}
    for article in graph.articles:
        entity, agent = _name("article", article.id), agent_of_site.get(article.outlet.site)
        if agent is None:
            agent = _name("outlet", article.outlet.site)
            parts["agent"][agent] = {"prov:type": _qualified("prov:Organization"), "prov:label": article.outlet.name}
        parts["entity"][entity] = _article(article)
        parts["wasAttributedTo"][_name("statement", f"published-{article.id}")] = {"prov:entity": entity, "prov:agent": agent}
        if article.id not in graph.outside:
            parts["used"][_name("statement", f"clustered-{article.id}")] = {"prov:activity": activity, "prov:entity": entity}
            parts["hadMember"][f"_:member-{article.id}"] = {"prov:collection": story, "prov:entity": entity}
    for node in graph.organisations:
        _unseen(parts, node)
    above = {link.target for link in graph.view.links}
    primary = {node.id for node in graph.view.nodes if graph.is_agency(node)}
    primary |= {node.id for node in graph.organisations if node.id not in above}
    for link in graph.view.links:
        parts["wasDerivedFrom"][_name("link", link.id)] = _derivation(graph, link, primary)
    return dict(parts)


def _article(article: ArticleNodeView) -> Json:
    described: Json = {
        "prov:type": _qualified("wiretrace:Article"),
        "prov:label": article.title,
        "wiretrace:derivation": article.derivation,
        "wiretrace:observedAt": _instant(article.observed_at),
    }
    if article.url is not None:
        described["prov:location"] = {"$": article.url, "type": "xsd:anyURI"}
    if article.published_at is not None:
        described["wiretrace:publishedAt"] = _instant(article.published_at)
    if article.report_id is not None:
        described["wiretrace:report"] = article.report_id
    return described


def _unseen(parts: Mapping[str, Json], node: OrganisationNodeView) -> None:
    """An organisation never ingested: the agent, and the copy that nobody here has seen as an entity of its own."""
    ident = _organisation_id(node)
    agent, entity = _name("organisation", ident), _name("copy", ident)
    described: Json = {
        "prov:type": _qualified("prov:Organization"),
        "prov:label": node.name,
        "wiretrace:class": node.organisation_class,
    }
    if node.site is not None:
        described["wiretrace:site"] = node.site
    parts["agent"][agent] = described
    parts["entity"][entity] = {
        "prov:type": _qualified("wiretrace:UnseenCopy"),
        "prov:label": f"Copy of {node.name}, not ingested",
    }
    parts["wasAttributedTo"][_name("statement", f"wrote-{ident}")] = {"prov:entity": entity, "prov:agent": agent}


def _derivation(graph: StoryGraph, link: LinkView, primary: set[str]) -> Json:
    kinds = []
    if link.relation == "revision":
        kinds.append("prov:Revision")
    elif link.source in primary:
        kinds.append("prov:PrimarySource")
    copied = graph.kinds.get(link.id)
    if link.relation == "carried" and copied in {"verbatim", "edited"}:
        kinds.append("prov:Quotation")
    if link.relation in {"translation", "photo"}:
        kinds.append(f"wiretrace:{link.relation.capitalize()}")
    stated: Json = {
        "prov:generatedEntity": _entity(link.target),
        "prov:usedEntity": _entity(link.source),
        "wiretrace:relation": link.relation,
        "wiretrace:carry": link.carry,
        "wiretrace:share": _number(link.share),
        "wiretrace:confidence": _number(link.confidence),
        "wiretrace:basis": list(dict.fromkeys(link.basis)),
        "wiretrace:evidence": list(dict.fromkeys(piece.model_dump_json() for piece in link.evidence)),
    }
    if copied is not None:
        stated["wiretrace:copy"] = copied
    if kinds:
        stated["prov:type"] = [_qualified(kind) for kind in kinds]
    return {name: value for name, value in stated.items() if value != []}


def _organisation_id(node: OrganisationNodeView) -> str:
    return node.id.removeprefix("org:")


def _entity(node_id: str) -> str:
    return _name("copy", node_id.removeprefix("org:")) if node_id.startswith("org:") else _name("article", node_id)


def _name(prefix: str, local: str) -> str:
    return f"{prefix}:{quote(local, safe='')}"


def _qualified(name: str) -> Json:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _number(value: float) -> Json:
    return {"$": str(float(value)), "type": "xsd:double"}


def _instant(value: Time) -> Json:
    return {"$": value.isoformat(), "type": "xsd:dateTime"}
