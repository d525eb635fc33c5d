"""An editor's word about stories: merge, split, the constraints that they leave, and taking one back. No rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from service.api import examples, feed_examples, pagination
from service.api.answers import json_answer, moved, tagged_answer
from service.api.articles import BODY_PROBLEMS, LOAD_PROBLEMS, READ_PROBLEMS, Cursor, Limit
from service.api.bodies import body_of, declared_body
from service.api.changing import changed
from service.api.idempotency import KEY_HEADER
from service.api.problems import problem_responses
from service.api.services import Services, Use
from service.api.stories import MOVED, StoryId
from service.api.taking_in import KEY_PROBLEMS
from service.errors import ConstraintNotFound, Forbidden, InvalidCursor, InvalidInput, StoryGone, StoryNotFound
from service.flows.answers import Alongside
from service.flows.editing import Editing
from service.flows.feed_views import ConstraintListView, ConstraintView, CorrectionView

router = APIRouter(tags=["corrections"])

ConstraintId = Annotated[str, Path(max_length=100)]
_Id = Annotated[str, Field(min_length=1, max_length=100)]


class MergeRequest(BaseModel):
    """The other story is of the same event."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    other_id: _Id = Field(description="The story that goes into the one of the address.")


class SplitRequest(BaseModel):
    """These articles are of another event."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    article_ids: list[_Id] = Field(
        min_length=1, max_length=10_000, description="Articles of the story. A report goes as a whole when one of it is named."
    )


_DECLARED: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "Done, and kept as a constraint.",
        "headers": {"Location": {"schema": {"type": "string"}}},
        "content": {"application/json": {"example": examples.dump(feed_examples.CORRECTION)}},
    },
    308: MOVED,
    **problem_responses(StoryNotFound, StoryGone, *BODY_PROBLEMS, *KEY_PROBLEMS, Forbidden, *LOAD_PROBLEMS),
}


@router.post(
    "/v1/stories/{story_id}/merge",
    operation_id="mergeStories",
    summary="Say that two stories are one",
    description="The story of the address keeps its id; the other answers 308 to it from now on. Kept by all later clustering.",
    status_code=201,
    response_model=CorrectionView,
    openapi_extra=declared_body(MergeRequest, feed_examples.MERGE, [KEY_HEADER]),
    responses=_DECLARED,
)
async def merge_stories(request: Request, use: Use, story_id: StoryId) -> Response:
    asked = await body_of(request, MergeRequest)
    editing = _editing(use)
    return await _corrected(request, use, story_id, lambda also: editing.merge(story_id, asked.other_id, also))


@router.post(
    "/v1/stories/{story_id}/split",
    operation_id="splitStory",
    summary="Say that some articles are of another event",
    description="The larger part keeps the id. Kept by all later clustering: no story will hold reports of both parts.",
    status_code=201,
    response_model=CorrectionView,
    openapi_extra=declared_body(SplitRequest, feed_examples.SPLIT, [KEY_HEADER]),
    responses=_DECLARED,
)
async def split_story(request: Request, use: Use, story_id: StoryId) -> Response:
    asked = await body_of(request, SplitRequest)
    editing = _editing(use)
    return await _corrected(request, use, story_id, lambda also: editing.split(story_id, asked.article_ids, also))


async def _corrected(
    request: Request,
    use: Services,
    story_id: str,
    correct: Callable[[Alongside[CorrectionView] | None], Awaitable[CorrectionView]],
) -> Response:
    survivor, refusal = None, None
    try:
        survivor = await run_in_threadpool(use.query.histories.survivor, story_id)
    except (StoryNotFound, StoryGone) as error:
        refusal = error  # of a story that ended since, the correction may have been answered before

    async def judged(also: Alongside[CorrectionView] | None) -> CorrectionView:
        if refusal is not None:
            raise refusal
        return await correct(also)

    elsewhere = moved(request, story_id, survivor) if survivor is not None else None
    return await changed(request, use, judged, status=201, location=lambda view: f"/v1/constraints/{view.id}", instead=elsewhere)


def _editing(use: Services) -> Editing:
    assert use.editing is not None
    return use.editing


@router.get(
    "/v1/constraints",
    operation_id="listConstraints",
    summary="List what editors said, newest first",
    response_model=ConstraintListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.CONSTRAINTS)}}},
        **problem_responses(InvalidCursor, *READ_PROBLEMS),
    },
)
def list_constraints(use: Use, *, cursor: Cursor = None, limit: Limit = 50) -> Response:
    items, following = use.query.histories.constraints(pagination.decode("constraints", {}, cursor), limit)
    next_cursor = pagination.encode("constraints", {}, following) if following else None
    link = {"Link": pagination.next_link("/v1/constraints", {}, limit, next_cursor)} if next_cursor else None
    return json_answer(ConstraintListView(items=items, next_cursor=next_cursor), headers=link)


@router.get(
    "/v1/constraints/{constraint_id}",
    operation_id="getConstraint",
    summary="One word of an editor",
    response_model=ConstraintView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.CONSTRAINT)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(ConstraintNotFound, *READ_PROBLEMS),
    },
)
def get_constraint(request: Request, use: Use, constraint_id: ConstraintId) -> Response:
    return tagged_answer(request, use.query.histories.constraint(constraint_id))


@router.delete(
    "/v1/constraints/{constraint_id}",
    operation_id="deleteConstraint",
    summary="Take an editor's word back",
    description="Stories become what clustering and the other constraints give.",
    status_code=204,
    response_class=Response,
    openapi_extra={"parameters": [KEY_HEADER]},
    responses={
        204: {"description": "Taken back, and the stories concluded anew."},
        **problem_responses(ConstraintNotFound, InvalidInput, *KEY_PROBLEMS, Forbidden, *LOAD_PROBLEMS),
    },
)
async def delete_constraint(request: Request, use: Use, constraint_id: ConstraintId) -> Response:
    return await changed(request, use, lambda also: _editing(use).withdraw(constraint_id, also), status=204)
