"""Articles: taking in, reading, checking, deleting. Flows of steps only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from service.client.arguments import JSON, ArticleSource, article_body, get, json_body, key_headers, part, preference
from service.client.errors import NotInTime
from service.client.policy import Policy, exchange
from service.client.reading import model_of, problem_from
from service.client.steps import Flow, Request, Wait
from service.domain.models import DerivationLabel
from service.flows.views import ArticleListView, ArticleProvenanceView, ArticleView, CheckView, MatchesView

Moment: TypeAlias = datetime | str
"""An aware datetime, or text as RFC 3339."""
Collapse: TypeAlias = Literal["none", "report", "story"]
_FIRST_LOOK_S, _LAST_LOOK_S = 0.05, 2.0


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of an article. `status` is 201 for new, 200 for known, 202 where it waits. `is_replay`: it is an earlier answer
    to the same Idempotency-Key, given again.
    """

    article: ArticleView
    status: int
    is_replay: bool = False

    @property
    def is_new(self) -> bool:
        """It was not known before."""
        return self.status == 201

    @property
    def is_queued(self) -> bool:
        """It is safely kept and worked on later: see `wait_for_article`."""
        return self.status == 202


def ingest_article(
    policy: Policy,
    article: ArticleSource,
    *,
    idempotency_key: str | bool = True,
    respond_async: bool = False,
    wait_s: float | None = None,
) -> Flow[Intake]:
    """Take an article in; answers when it is stored and clustered.

    `article`: a dict of the fields of `POST /v1/articles`, or `Page`, `JsonLd`, `Ninjs`. `idempotency_key`: True makes a new
    one, a text is sent as it is, False sends none. `respond_async` does not wait for clustering; `wait_s` waits so long at most
    (30). Raises Problem, NoAnswer.
    """
    body, headers = article_body(article)
    return _taken_in(
        policy, "/v1/articles", body, headers, idempotency_key, preference(respond_async=respond_async, wait_s=wait_s)
    )


def fetch_article(
    policy: Policy, url: str, *, idempotency_key: str | bool = True, respond_async: bool = False, wait_s: float | None = None
) -> Flow[Intake]:
    """Have the service get a public page and take it in. Arguments and answer are those of `ingest_article`."""
    prefer = preference(respond_async=respond_async, wait_s=wait_s)
    return _taken_in(policy, "/v1/fetch", json_body({"url": url}), JSON, idempotency_key, prefer)


def _taken_in(
    policy: Policy, path: str, body: bytes, headers: dict[str, str], key: str | bool, prefer: dict[str, str]
) -> Flow[Intake]:
    # Without a key too it may be sent again: an article is known by its address or the caller's own id.
    sent = {**headers, **key_headers(key, policy.new_key), **prefer}
    answer = yield from exchange(policy, Request("POST", path, headers=sent, body=body))
    return Intake(model_of(answer, ArticleView), answer.status, answer.headers.get("idempotency-replayed") == "true")


def wait_for_article(policy: Policy, article_id: str, *, timeout_s: float = 60.0) -> Flow[ArticleView]:
    """An article that was `queued`, once it is clustered. Raises the Problem it failed with, and NotInTime."""
    deadline, pause_s = policy.clock() + timeout_s, _FIRST_LOOK_S
    while True:
        found = yield from get_article(policy, article_id)
        if found.status == "failed":
            problem = found.problem or {}
            raise problem_from(problem, int(problem.get("status", 500)))
        if found.status != "queued":
            return found
        if policy.clock() + pause_s > deadline:
            raise NotInTime(f"article {article_id} is still queued after {timeout_s:g} s")
        yield Wait(pause_s)
        pause_s = min(pause_s * 1.5, _LAST_LOOK_S)


def check_article(policy: Policy, article: ArticleSource) -> Flow[CheckView]:
    """What would be concluded about an article; nothing is stored. `article` is as for `ingest_article`."""
    body, headers = article_body(article)
    answer = yield from exchange(policy, Request("POST", "/v1/check", headers=headers, body=body))
    return model_of(answer, CheckView)


def list_articles(
    policy: Policy,
    *,
    url: str | None = None,
    external_id: str | None = None,
    outlet: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    derivation: DerivationLabel | None = None,
    story_id: str | None = None,
    collapse: Collapse | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Flow[ArticleListView]:
    """One page of articles, newest first. `outlet`: site or name; `collapse` keeps one article a report, or one a story,
    and the newest of those comes first.
    """
    request = get(
        "/v1/articles",
        url=url,
        external_id=external_id,
        outlet=outlet,
        since=since,
        until=until,
        derivation=derivation,
        story_id=story_id,
        collapse=collapse,
        cursor=cursor,
        limit=limit,
    )
    return model_of((yield from exchange(policy, request)), ArticleListView)


def get_article(policy: Policy, article_id: str) -> Flow[ArticleView]:
    """One article with its roles, credits, citations and passages."""
    return model_of((yield from exchange(policy, get(f"/v1/articles/{part(article_id)}"))), ArticleView)


def get_article_matches(policy: Policy, article_id: str) -> Flow[MatchesView]:
    """The paragraphs that it shares with other articles, with character spans."""
    return model_of((yield from exchange(policy, get(f"/v1/articles/{part(article_id)}/matches"))), MatchesView)


def get_article_provenance(policy: Policy, article_id: str) -> Flow[ArticleProvenanceView]:
    """Its chains: each begins at the origin and ends at this article."""
    return model_of((yield from exchange(policy, get(f"/v1/articles/{part(article_id)}/provenance"))), ArticleProvenanceView)


def delete_article(policy: Policy, article_id: str) -> Flow[None]:
    """Delete it: stories, reports and chains are as if it had never come. Its id is not used again."""
    yield from exchange(policy, Request("DELETE", f"/v1/articles/{part(article_id)}"))
