"""The reading use cases: each opens one read session and answers with one view.

Writes nothing and decides nothing that was not concluded at ingest. Synchronous; callers run it in a thread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from service.domain.learned_boilerplate import as_concluded
from service.domain.matches import ArticleMatch, article_matches
from service.domain.models import (
    ORGANISATION_NODE,
    Article,
    MatchKind,
    Organisation,
    OrganisationKind,
    Reading,
)
from service.domain.models import Findings as DomainFindings
from service.domain.passages import Place, body_units, classes, copy_links, passage_ids
from service.domain.wire_hints import WireHint
from service.errors import ArticleNotFound
from service.flows import presentation as show
from service.flows import story_views, views
from service.flows.chains import chains_of, incoming_links
from service.flows.exports.graph import StoryGraph, copy_kinds
from service.flows.histories import Histories, MovedTo, story_or_survivor
from service.flows.records import Records
from service.flows.story_passages import StoryPassages, first_seen, pairs_among, passage_view
from service.ports import ReadSession, Store
from service.store_values import ArticleFilter, StoryFilter


class Query:
    """`version` is the pipeline version whose pairs are shown, or finds it where another process concludes; `organisation` finds
    one by id, name, alias or site.
    """

    def __init__(
        self, store: Store, version: str | Callable[[ReadSession], str], organisation: Callable[[str], Organisation | None]
    ) -> None:
        self._store = store
        self._version = version if callable(version) else lambda _: version
        self._organisation = organisation
        self.records = Records(store, organisation)
        self.histories = Histories(store)
        self._passages = StoryPassages(self._version)

    # Articles

    def article(self, article_id: str) -> views.ArticleView:
        with self._store.read() as session:
            return self.article_in(session, article_id)

    def article_in(self, session: ReadSession, article_id: str) -> views.ArticleView:
        """As `article`, in a transaction that is open."""
        article = _article(session, article_id)
        view = show.article_view(article, self._passages.of_article(session, article), _touched_stories(session, article))
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
                return show.article_view(now, self._passages.of_article(session, now), _touched_stories(session, now))
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
            pairs = list(session.unit_pairs(self._version(session), keys)) if keys else []
            involved = {*keys, *(pair.a for pair in pairs), *(pair.b for pair in pairs)}
            places = session.occurrences(sorted(involved)) if involved else []
            others = _concluded(session.articles(sorted({place.article_id for place in places} - {article_id})))
        found = article_matches(article, others, pairs)
        return views.MatchesView(items=[show.match_view(match, others[match.article_id]) for match in found])

    def article_provenance(self, article_id: str) -> views.ArticleProvenanceView:
        with self._store.read() as session:
            article = _article(session, article_id)
            incoming = incoming_links(session, article)
        origin = show.article_summary_view(article).origin
        return views.ArticleProvenanceView(
            article_id=article_id,
            origin=origin,
            chains=[[show.link_view(link) for link in chain] for chain in chains_of(article_id, incoming)],
            undetermined_reason=origin.reason if origin.kind == "undetermined" else None,
        )

    # Stories

    def list_stories(
        self, where: StoryFilter, after: tuple[str, ...] | None, limit: int
    ) -> tuple[list[story_views.ListedStoryView], tuple[str, ...] | None]:
        """One page and the key of the next, None at the end."""
        with self._store.read() as session:
            found = session.list_stories(where, after, limit + 1)
            page = found[:limit]
            leading = session.articles([one.story.representative_id for one in page])
        shown = [show.story_view(one.story, leading[one.story.representative_id]) for one in page]
        return shown, page[-1].key if len(found) > limit else None

    def story(self, story_id: str) -> story_views.StoryDetailView | MovedTo:
        with self._store.read() as session:
            story = story_or_survivor(session, story_id)
            if isinstance(story, MovedTo):
                return story
            articles = session.story_articles(story.id)
            ids = self._passages.of_story(session, story)
        by_id = {article.id: article for article in articles}
        return show.story_detail_view(story, by_id[story.representative_id], _reports(articles, ids))

    def passages(self, story_id: str) -> story_views.PassagesView | MovedTo:
        with self._store.read() as session:
            story = story_or_survivor(session, story_id)
            if isinstance(story, MovedTo):
                return story
            articles = [as_concluded(article) for article in session.story_articles(story.id)]
            units = body_units(articles)
            pairs = pairs_among(session, self._version(session), units)
        by_id = {article.id: article for article in articles}
        items = [
            passage_view(ident, places, by_id, units, pairs)
            for ident, places in classes(passage_ids(units, copy_links(pairs))).items()
        ]
        order = {article.id: position for position, article in enumerate(sorted(articles, key=first_seen))}
        items.sort(key=lambda item: (order[item.first_seen.article_id], item.occurrences[0].paragraph, item.id))
        return story_views.PassagesView(items=items)

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
                kinds = copy_kinds(links.values(), units, pairs_among(session, self._version(session), units))
        known = {
            ORGANISATION_NODE + organisation.id: organisation
            for article in articles.values()
            if article.findings
            for organisation in article.findings.organisations
        }
        nodes: list[story_views.ArticleNodeView | story_views.OrganisationNodeView] = [
            show.article_node_view(article, self._outlet_class(article)) for article in sorted(articles.values(), key=first_seen)
        ]
        for end in sorted(end for end in ends if end.startswith(ORGANISATION_NODE)):
            ident = end.removeprefix(ORGANISATION_NODE)
            organisation = self._organisation(ident) or known.get(end) or Organisation(id=ident, name=ident, kind="unnamed")
            nodes.append(show.organisation_node_view(end, organisation))
        view = story_views.StoryProvenanceView(nodes=nodes, links=[show.link_view(links[ident]) for ident in sorted(links)])
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


def _reports(articles: Iterable[Article], ids: Mapping[Place, str]) -> list[story_views.ReportView]:
    """Largest first."""
    members: dict[str, list[Article]] = defaultdict(list)
    for article in sorted(articles, key=first_seen):
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
        view = story_views.ReportView(
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
