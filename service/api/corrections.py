"""An editor's word about stories: merge, split, the constraints that they leave, and taking one back. No rules."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from service.api import examples, feed_examples, pagination
from service.api.answers import json_answer, moved
from service.api.articles import BODY_PROBLEMS, LOAD_PROBLEMS, READ_PROBLEMS, Cursor, Limit
from service.api.bodies import body_of, declared_body
from service.api.problems import problem_responses
from service.api.services import Use
from service.api.stories import MOVED, StoryId
from service.api.taking_in import in_time
from service.errors import ConstraintNotFound, Forbidden, InvalidCursor, InvalidInput, StoryGone, StoryNotFound
from service.flows.feed_views import ConstraintListView, CorrectionView

router = APIRouter(tags=["corrections"])

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
    **problem_responses(StoryNotFound, StoryGone, *BODY_PROBLEMS, Forbidden, *LOAD_PROBLEMS),
}


@router.post(
    "/v1/stories/{story_id}/merge",
    operation_id="mergeStories",
    summary="Say that two stories are one",
    description="The story of the address keeps its id; the other answers 308 to it from now on. Kept by all later clustering.",
    status_code=201,
    response_model=CorrectionView,
    openapi_extra=declared_body(MergeRequest, feed_examples.MERGE),
    responses=_DECLARED,
)
async def merge_stories(request: Request, use: Use, story_id: StoryId) -> Response:
    asked = await body_of(request, MergeRequest)
    survivor = await run_in_threadpool(use.query.histories.survivor, story_id)
    if survivor is not None:
        return moved(request, story_id, survivor)
    assert use.editing is not None
    return _kept(await in_time(use, use.editing.merge(story_id, asked.other_id)))


@router.post(
    "/v1/stories/{story_id}/split",
    operation_id="splitStory",
    summary="Say that some articles are of another event",
    description="The larger part keeps the id. Kept by all later clustering: no story will hold reports of both parts.",
    status_code=201,
    response_model=CorrectionView,
    openapi_extra=declared_body(SplitRequest, feed_examples.SPLIT),
    responses=_DECLARED,
)
async def split_story(request: Request, use: Use, story_id: StoryId) -> Response:
    asked = await body_of(request, SplitRequest)
    survivor = await run_in_threadpool(use.query.histories.survivor, story_id)
    if survivor is not None:
        return moved(request, story_id, survivor)
    assert use.editing is not None
    return _kept(await in_time(use, use.editing.split(story_id, asked.article_ids)))


def _kept(view: CorrectionView) -> Response:
    return json_answer(view, 201, {"Location": f"/v1/constraints/{view.id}"})


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


@router.delete(
    "/v1/constraints/{constraint_id}",
    operation_id="deleteConstraint",
    summary="Take an editor's word back",
    description="Stories become what clustering and the other constraints give.",
    status_code=204,
    response_class=Response,
    responses={
        204: {"description": "Taken back, and the stories concluded anew."},
        **problem_responses(ConstraintNotFound, InvalidInput, Forbidden, *LOAD_PROBLEMS),
    },
)
async def delete_constraint(use: Use, constraint_id: Annotated[str, Path(max_length=100)]) -> Response:
    assert use.editing is not None
    await in_time(use, use.editing.withdraw(constraint_id))
    return Response(status_code=204)
