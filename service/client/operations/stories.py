"""Stories, and an editor's word about them. Flows of steps only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from service.client.arguments import JSON, get, json_body, key_headers, part
from service.client.operations.articles import Moment
from service.client.policy import Policy, exchange
from service.client.reading import model_of
from service.client.steps import Flow, Request
from service.flows.feed_views import ConstraintListView, ConstraintView, CorrectionView, StoryHistoryView
from service.flows.story_views import PassagesView, StoryDetailView, StoryListView, StoryProvenanceView

Order: TypeAlias = Literal["updated", "first", "size"]
By: TypeAlias = Literal["both", "words", "meaning"]
ExportForm: TypeAlias = Literal["prov", "dot", "svg"]
EXPORT_TYPES: dict[ExportForm, str] = {"prov": "application/prov+json", "dot": "text/vnd.graphviz", "svg": "image/svg+xml"}


def list_stories(
    policy: Policy,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    outlet: str | None = None,
    organisation: str | None = None,
    language: str | None = None,
    min_reports: int | None = None,
    min_outlets: int | None = None,
    q: str | None = None,
    by: By | None = None,
    order: Order | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Flow[StoryListView]:
    """One page of stories. `q` searches: best first, each with the passage that matched; `by` says what is compared.

    `order`: by latest change (`updated`), latest first article (`first`), or most articles (`size`).
    """
    request = get(
        "/v1/stories",
        since=since,
        until=until,
        outlet=outlet,
        organisation=organisation,
        language=language,
        min_reports=min_reports,
        min_outlets=min_outlets,
        q=q,
        by=by,
        order=order,
        cursor=cursor,
        limit=limit,
    )
    return model_of((yield from exchange(policy, request)), StoryListView)


def get_story(policy: Policy, story_id: str) -> Flow[StoryDetailView]:
    """One story with its reports, largest first. A story that was merged away is its survivor: look at `id`."""
    return model_of((yield from exchange(policy, get(f"/v1/stories/{part(story_id)}"))), StoryDetailView)


def get_story_passages(policy: Policy, story_id: str) -> Flow[PassagesView]:
    """The story's text, each passage once, with who carried it."""
    return model_of((yield from exchange(policy, get(f"/v1/stories/{part(story_id)}/passages"))), PassagesView)


def get_story_provenance(policy: Policy, story_id: str) -> Flow[StoryProvenanceView]:
    """Who carried whose copy, as nodes and links."""
    request = Request("GET", f"/v1/stories/{part(story_id)}/provenance", headers={"Accept": "application/json"})
    return model_of((yield from exchange(policy, request)), StoryProvenanceView)


def export_story_provenance(policy: Policy, story_id: str, form: ExportForm = "prov") -> Flow[bytes]:
    """The same for other programs: `prov` is W3C PROV-JSON, `dot` Graphviz text, `svg` a picture."""
    request = Request("GET", f"/v1/stories/{part(story_id)}/provenance", headers={"Accept": EXPORT_TYPES[form]})
    return (yield from exchange(policy, request)).body


def get_story_history(
    policy: Policy, story_id: str, *, cursor: str | None = None, limit: int | None = None
) -> Flow[StoryHistoryView]:
    """One page of its versions, newest first. A story that has ended keeps its history."""
    request = get(f"/v1/stories/{part(story_id)}/history", cursor=cursor, limit=limit)
    return model_of((yield from exchange(policy, request)), StoryHistoryView)


def merge_stories(policy: Policy, story_id: str, other_id: str, *, idempotency_key: str | bool = True) -> Flow[CorrectionView]:
    """Say that two stories are one: `story_id` stays, `other_id` leads to it. Kept by all later clustering.

    `idempotency_key`: as for `ingest_article`; without one, an unknown outcome is not tried again.
    """
    return _corrected(policy, f"/v1/stories/{part(story_id)}/merge", {"other_id": other_id}, idempotency_key)


def split_story(
    policy: Policy, story_id: str, article_ids: Sequence[str], *, idempotency_key: str | bool = True
) -> Flow[CorrectionView]:
    """Say that some articles of a story are of another event; a report goes as a whole. Kept by all later clustering.

    `idempotency_key`: as for `ingest_article`; without one, an unknown outcome is not tried again.
    """
    return _corrected(policy, f"/v1/stories/{part(story_id)}/split", {"article_ids": list(article_ids)}, idempotency_key)


def _corrected(policy: Policy, path: str, body: dict[str, object], idempotency_key: str | bool) -> Flow[CorrectionView]:
    # Said twice it would be two constraints, so only the key makes it repeatable.
    key = key_headers(idempotency_key, policy.new_key)
    request = Request("POST", path, headers={**JSON, **key}, body=json_body(body), is_repeatable=bool(key))
    return model_of((yield from exchange(policy, request)), CorrectionView)


def list_constraints(policy: Policy, *, cursor: str | None = None, limit: int | None = None) -> Flow[ConstraintListView]:
    """One page of what editors said, newest first."""
    return model_of((yield from exchange(policy, get("/v1/constraints", cursor=cursor, limit=limit))), ConstraintListView)


def get_constraint(policy: Policy, constraint_id: str) -> Flow[ConstraintView]:
    """One word of an editor."""
    return model_of((yield from exchange(policy, get(f"/v1/constraints/{part(constraint_id)}"))), ConstraintView)


def delete_constraint(policy: Policy, constraint_id: str) -> Flow[None]:
    """Take an editor's word back: stories become what clustering and the other constraints give."""
    yield from exchange(policy, Request("DELETE", f"/v1/constraints/{part(constraint_id)}"))
