"""The reading use cases: each opens one read session and answers with one view.

Writes nothing and decides nothing that was not concluded at ingest. Synchronous; callers run it in a thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.learned_boilerplate import as_concluded
from service.domain.matches import ArticleMatch, article_matches
from service.domain.models import (
    COPY_KINDS,
    ORGANISATION_NODE,
    Article,
    Link,
    MatchKind,
    Organisation,
    OrganisationKind,
    Reading,
    Story,
    UnitPair,
)
from service.domain.models import Findings as DomainFindings
from service.domain.passages import Place, body_units, classes, copy_links, passage_ids
from service.domain.wire_hints import WireHint
from service.errors import ArticleNotFound
from service.flows import presentation as show
from service.flows import views
from service.flows.exports.graph import StoryGraph, copy_kinds
from service.flows.histories import Histories, MovedTo, story_or_survivor
from service.flows.records import Records
from service.ports import ArticleFilter, ReadSession, Store, StoryFilter

_MAX_HOPS = 12
_MAX_CHAINS = 50
_CACHED_STORIES = 256
_KIND_STRENGTH: dict[MatchKind, int] = {"verbatim": 3, "edited": 2, "paraphrase": 1, "quotation": 0}


@dataclass(frozen=True, slots=True)
class _StoryPassages:
    story: tuple[int, datetime]
    articles: Mapping[str, int]
    ids: Mapping[Place, str]


class Query:
    """`version` is the pipeline version whose pairs are shown; `organisation` finds one by id, name, alias or site."""

    def __init__(self, store: Store, version: str, organisation: Callable[[str], Organisation | None]) -> None:
        self._store = store
        self._version = version
        self._organisation = organisation
        self.records = Records(store, organisation)
        self.histories = Histories(store)
        self._passages: OrderedDict[str, _StoryPassages] = OrderedDict()
        self._passages_lock = threading.Lock()

    # Articles

    def article(self, article_id: str) -> views.ArticleView:
        with self._store.read() as session:
            return self.article_in(session, article_id)

    def article_in(self, session: ReadSession, article_id: str) -> views.ArticleView:
        """As `article`, in a transaction that is open."""
        article = _article(session, article_id)
        view = show.article_view(article, self._passages_of_article(session, article), _touched_stories(session, article))
        waiting = session.queued_article(article_id)
        if waiting is not None and waiting.problem is None:
            return view.model_copy(update={"status": "queued"})
        if waiting is not None and article.status == "failed":
            return view.model_copy(update={"problem": dict(waiting.problem or {})})
        return view

    def article_as(self, article: Article) -> views.ArticleView:
        """As it was taken in, also when a later text has taken its place since, or it was deleted."""
        with self._store.read() as session:
            now = session.article(article.id)
            if now is not None and (now.revision, now.content) == (article.revision, article.content):
                now = as_concluded(now)
                return show.article_view(now, self._passages_of_article(session, now), _touched_stories(session, now))
        ids = passage_ids(body_units([article]), [])
        return show.article_view(article, {paragraph: ident for (_, paragraph), ident in ids.items()})

    def list_articles(
        self, where: ArticleFilter, after: tuple[str, ...] | None, limit: int
    ) -> tuple[list[views.ArticleSummaryView], tuple[str, ...] | None]:
        """One page and the key of the next, None at the end."""
        with self._store.read() as session:
            found = session.list_articles(where, after, limit + 1)
        page = found[:limit]
        following = _article_key(page[-1], where) if len(found) > limit else None
        return [show.article_summary_view(article) for article in page], following

    def matches(self, article_id: str) -> views.MatchesView:
        with self._store.read() as session:
            article = _article(session, article_id)
            keys = sorted({unit.key for unit in article.units})
            pairs = list(session.unit_pairs(self._version, keys)) if keys else []
            involved = {*keys, *(pair.a for pair in pairs), *(pair.b for pair in pairs)}
            places = session.occurrences(sorted(involved)) if involved else []
            others = _concluded(session.articles(sorted({place.article_id for place in places} - {article_id})))
        found = article_matches(article, others, pairs)
        return views.MatchesView(items=[show.match_view(match, others[match.article_id]) for match in found])

    def article_provenance(self, article_id: str) -> views.ArticleProvenanceView:
        with self._store.read() as session:
            article = _article(session, article_id)
            incoming = _incoming_links(session, article)
        origin = show.article_summary_view(article).origin
        return views.ArticleProvenanceView(
            article_id=article_id,
            origin=origin,
            chains=[[show.link_view(link) for link in chain] for chain in _chains(article_id, incoming)],
            undetermined_reason=origin.reason if origin.kind == "undetermined" else None,
        )

    # Stories

    def list_stories(
        self, where: StoryFilter, after: tuple[str, ...] | None, limit: int
    ) -> tuple[list[views.ListedStoryView], tuple[str, ...] | None]:
        """One page and the key of the next, None at the end."""
        with self._store.read() as session:
            found = session.list_stories(where, after, limit + 1)
            page = found[:limit]
            leading = session.articles([one.story.representative_id for one in page])
        shown = [show.story_view(one.story, leading[one.story.representative_id]) for one in page]
        return shown, page[-1].key if len(found) > limit else None

    def story(self, story_id: str) -> views.StoryDetailView | MovedTo:
        with self._store.read() as session:
            story = story_or_survivor(session, story_id)
            if isinstance(story, MovedTo):
                return story
            articles = session.story_articles(story.id)
            ids = self._passages_of_story(session, story)
        by_id = {article.id: article for article in articles}
        return show.story_detail_view(story, by_id[story.representative_id], _reports(articles, ids))

    def passages(self, story_id: str) -> views.PassagesView | MovedTo:
        with self._store.read() as session:
            story = story_or_survivor(session, story_id)
            if isinstance(story, MovedTo):
                return story
            articles = [as_concluded(article) for article in session.story_articles(story.id)]
            units = body_units(articles)
            pairs = _pairs_among(session, self._version, units)
        by_id = {article.id: article for article in articles}
        items = [
            _passage(ident, places, by_id, units, pairs)
            for ident, places in classes(passage_ids(units, copy_links(pairs))).items()
        ]
        order = {article.id: position for position, article in enumerate(sorted(articles, key=_first_seen))}
        items.sort(key=lambda item: (order[item.first_seen.article_id], item.occurrences[0].paragraph, item.id))
        return views.PassagesView(items=items)

    def story_graph(self, story_id: str, *, with_kinds: bool = False) -> StoryGraph | MovedTo:
        """The story's provenance; `with_kinds` looks up how the copy of each link relates, which exports to PROV say."""
        with self._store.read() as session:
            story = story_or_survivor(session, story_id)
            if isinstance(story, MovedTo):
                return story
            articles = _concluded({article.id: article for article in session.story_articles(story.id)})
            links = {link.id: link for article in articles.values() if article.findings for link in article.findings.links}
            ends = {end for link in links.values() for end in (link.source, link.target)}
            # Copy may come from another event's article; a link must not point at a node that is not there.
            outside = sorted(end for end in ends if not end.startswith(ORGANISATION_NODE) and end not in articles)
            articles |= _concluded(session.articles(outside))
            kinds: dict[str, MatchKind] = {}
            if with_kinds:
                units = body_units(articles.values())
                kinds = copy_kinds(links.values(), units, _pairs_among(session, self._version, units))
        known = {
            ORGANISATION_NODE + organisation.id: organisation
            for article in articles.values()
            if article.findings
            for organisation in article.findings.organisations
        }
        nodes: list[views.ArticleNodeView | views.OrganisationNodeView] = [
            show.article_node_view(article, self._outlet_class(article)) for article in sorted(articles.values(), key=_first_seen)
        ]
        for end in sorted(end for end in ends if end.startswith(ORGANISATION_NODE)):
            ident = end.removeprefix(ORGANISATION_NODE)
            organisation = self._organisation(ident) or known.get(end) or Organisation(id=ident, name=ident, kind="unnamed")
            nodes.append(show.organisation_node_view(end, organisation))
        view = views.StoryProvenanceView(nodes=nodes, links=[show.link_view(links[ident]) for ident in sorted(links)])
        return StoryGraph(story.id, story.title, story.version, story.updated_at, view, frozenset(outside), kinds)

    def _outlet_class(self, article: Article) -> OrganisationKind:
        content = article.content
        found = self._organisation(content.outlet_site) or self._organisation(content.outlet_name)
        return found.kind if found else "outlet"

    # What a check found

    def check_view(
        self,
        reading: Reading,
        findings: DomainFindings,
        matches: Sequence[ArticleMatch],
        hint: WireHint,
        *,
        report_id: str | None,
        story_id: str | None,
    ) -> views.CheckView:
        with self._store.read() as session:
            others = session.articles([match.article_id for match in matches])
        return views.CheckView(
            credits=show.credit_views(reading),
            citations=show.citation_views(reading),
            derivation=show.derivation_view(findings.derivation),
            matches=[show.match_view(match, others[match.article_id]) for match in matches if match.article_id in others],
            story=story_id,
            report=report_id,
            composite=bool(findings.touches),
            origin=show.origin_view(findings.origin),
            wire_hint=show.wire_hint_view(hint),
        )

    # Passages: kept for each version of a story, because every GET of an article shows them

    def _passages_of_article(self, session: ReadSession, article: Article) -> dict[int, str]:
        story = session.story(article.findings.story_id) if article.findings else None
        ids = self._passages_of_story(session, story, article) if story else passage_ids(body_units([article]), [])
        return {paragraph: ident for (owner, paragraph), ident in ids.items() if owner == article.id}

    def _passages_of_story(self, session: ReadSession, story: Story, wanted: Article | None = None) -> Mapping[Place, str]:
        stamp = story.version, story.updated_at
        with self._passages_lock:
            kept = self._passages.get(story.id)
            if kept is not None and kept.story == stamp and (wanted is None or kept.articles.get(wanted.id) == wanted.revision):
                self._passages.move_to_end(story.id)
                return kept.ids
        units: dict[Place, tuple[str, ...]] = {}
        revisions: dict[str, int] = {}
        boilerplate = session.story_boilerplate(story.id)
        for article_id, revision, paragraph, key in session.story_units(story.id):
            revisions[article_id] = revision
            if paragraph not in boilerplate.get(article_id, ()):
                units[article_id, paragraph] = (*units.get((article_id, paragraph), ()), key)
        keys = sorted({key for found in units.values() for key in found})
        ids = passage_ids(units, session.copy_links(self._version, keys))
        with self._passages_lock:
            self._passages[story.id] = _StoryPassages(stamp, revisions, ids)
            self._passages.move_to_end(story.id)
            while len(self._passages) > _CACHED_STORIES:
                self._passages.popitem(last=False)
        return ids


def _article(session: ReadSession, article_id: str) -> Article:
    article = session.article(article_id)
    if article is None and (waiting := session.queued_article(article_id)) is not None:
        return waiting.article
    if article is None:
        raise ArticleNotFound(f"No article has the id {article_id!r}.")
    return as_concluded(article)


def _touched_stories(session: ReadSession, article: Article) -> dict[str, str | None]:
    """Article id -> story id, of the articles that a roundup touches."""
    named = [touch.article_id for touch in article.findings.touches] if article.findings else []
    found = session.articles(named) if named else {}
    return {one.id: one.findings.story_id if one.findings else None for one in found.values()}


def _concluded(articles: Mapping[str, Article]) -> dict[str, Article]:
    return {article_id: as_concluded(article) for article_id, article in articles.items()}


def _article_key(article: Article, where: ArticleFilter) -> tuple[str, ...]:
    """What the next page begins behind."""
    if where.collapse == "none":
        return (article.id,)
    found = article.findings
    group = "" if found is None else found.report_id if where.collapse == "report" else found.story_id
    return group, article.id


def _first_seen(article: Article) -> tuple[datetime, int]:
    return article.content.published_at or article.observed_at, article.sequence


def _pairs_among(session: ReadSession, version: str, units: Mapping[Place, tuple[str, ...]]) -> list[UnitPair]:
    keys = {key for found in units.values() for key in found}
    if not keys:
        return []
    return [
        pair
        for pair in session.unit_pairs(version, sorted(keys))
        if pair.kind in COPY_KINDS and pair.a in keys and pair.b in keys
    ]


def _reports(articles: Iterable[Article], ids: Mapping[Place, str]) -> list[views.ReportView]:
    """Largest first."""
    members: dict[str, list[Article]] = defaultdict(list)
    for article in sorted(articles, key=_first_seen):
        if article.findings:
            members[article.findings.report_id].append(article)
    carriers: dict[str, set[str]] = defaultdict(set)
    for (article_id, _), ident in ids.items():
        carriers[ident].add(article_id)
    reports = []
    for report_id, found in members.items():
        own = {article.id for article in found}
        leading = _representative(found)
        findings = leading.findings
        if findings is None:  # cannot be: only articles with findings are members
            continue
        view = views.ReportView(
            id=report_id,
            origin=show.origin_view(findings.origin),
            representative=show.representative_view(leading),
            articles=[show.report_article_view(article) for article in found],
            shared_passages=sum(1 for holders in carriers.values() if len(holders & own) > 1),
        )
        reports.append(view)
    reports.sort(key=lambda report: (-len(report.articles), report.id))
    return reports


def _representative(articles: Sequence[Article]) -> Article:
    """The article that most of the others name as their origin; else the first seen. `articles` in order of appearance."""
    votes: dict[str, int] = defaultdict(int)
    for article in articles:
        if article.findings and article.findings.origin.article_id:
            votes[article.findings.origin.article_id] += 1
    return max(articles, key=lambda article: votes[article.id])  # the first of equals


def _passage(
    ident: str,
    places: Sequence[Place],
    articles: Mapping[str, Article],
    units: Mapping[Place, tuple[str, ...]],
    pairs: Iterable[UnitPair],
) -> views.PassageView:
    ordered = sorted(places, key=lambda place: (*_first_seen(articles[place[0]]), place[1]))
    first_place = ordered[0]
    first = articles[first_place[0]]
    members = {key for place in places for key in units[place]}
    kinds: dict[str, MatchKind] = {}
    for pair in pairs:
        if pair.a in members and pair.b in members:
            for mine, other in ((pair.a, pair.b), (pair.b, pair.a)):
                # A pair with the first paragraph itself says more than one with another copy of it.
                if other in units[first_place] or mine not in kinds:
                    kinds[mine] = pair.kind

    def kind(place: Place) -> MatchKind:
        if place == first_place or set(units[place]) & set(units[first_place]):
            return "verbatim"
        return max((kinds.get(key, "edited") for key in units[place]), key=_KIND_STRENGTH.__getitem__)

    label = first.findings.derivation.label if first.findings else "undetermined"
    return views.PassageView(
        id=ident,
        text=next(paragraph.text for paragraph in first.reading.paragraphs if paragraph.index == first_place[1]),
        kind_of_first={"independent": "own", "wholly_derived": "carried"}.get(label, "undetermined"),
        first_seen=views.FirstSeenView(article_id=first.id, outlet=show.outlet_view(first.content), at=_first_seen(first)[0]),
        occurrences=[
            views.OccurrenceView(article_id=article_id, paragraph=paragraph, kind=kind((article_id, paragraph)))
            for article_id, paragraph in ordered
        ],
    )


def _incoming_links(session: ReadSession, article: Article) -> dict[str, list[Link]]:
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


def _chains(article_id: str, incoming: Mapping[str, Sequence[Link]]) -> list[list[Link]]:
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
