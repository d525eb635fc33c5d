"""How stories became what they are: where one went, its versions, and what editors said about it.

Reads only. Synchronous; callers run it in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from service.domain.models import Story
from service.errors import ConstraintNotFound, InvalidCursor, StoryGone, StoryNotFound
from service.flows.feed_views import ConstraintView, StoryVersionView, constraint_view, version_view
from service.ports import ReadSession, Store


@dataclass(frozen=True, slots=True)
class MovedTo:
    """The story was merged away; `story_id` is the survivor."""

    story_id: str


class Histories:
    def __init__(self, store: Store) -> None:
        self._store = store

    def history(
        self, story_id: str, after: tuple[str, ...] | None, limit: int
    ) -> tuple[list[StoryVersionView], tuple[str, ...] | None] | MovedTo:
        """One page, newest first, and the key of the next. A story that has ended still has its history."""
        try:
            before = int(after[0]) if after is not None else None
        except ValueError as error:
            raise InvalidCursor from error
        with self._store.read() as session:
            story = story_or_survivor(session, story_id, may_have_ended=True)
            if isinstance(story, MovedTo):
                return story
            found = session.story_history(story.id, before, limit + 1)
        page = found[:limit]
        return [version_view(version) for version in page], (str(page[-1].version),) if len(found) > limit else None

    def constraints(self, after: tuple[str, ...] | None, limit: int) -> tuple[list[ConstraintView], tuple[str, ...] | None]:
        """One page, newest first, and the key of the next."""
        with self._store.read() as session:
            found = [one for one in reversed(session.constraints()) if after is None or one.id < after[0]]
        page = found[:limit]
        return [constraint_view(one) for one in page], (page[-1].id,) if len(found) > limit else None

    def constraint(self, constraint_id: str) -> ConstraintView:
        """Raises ConstraintNotFound."""
        with self._store.read() as session:
            found = next((one for one in session.constraints() if one.id == constraint_id), None)
        if found is None:
            raise ConstraintNotFound(f"No constraint has the id {constraint_id!r}.")
        return constraint_view(found)

    def survivor(self, story_id: str) -> MovedTo | None:
        """Where a story went that was merged away. Raises StoryNotFound, StoryGone."""
        with self._store.read() as session:
            story = story_or_survivor(session, story_id)
            return story if isinstance(story, MovedTo) else None


def story_or_survivor(session: ReadSession, story_id: str, *, may_have_ended: bool = False) -> Story | MovedTo:
    """Raises StoryNotFound, and StoryGone unless a story without articles will do."""
    story = session.story(story_id)
    if story is None:
        raise StoryNotFound(f"No story has the id {story_id!r}.")
    seen = {story.id}
    while story.merged_into is not None and story.merged_into not in seen:
        seen.add(story.merged_into)
        survivor = session.story(story.merged_into)
        if survivor is None:
            raise StoryNotFound(f"The story {story_id!r} was merged into one that no longer exists.")
        story = survivor
    if story.id != story_id:
        return MovedTo(story.id)
    if not story.counts.articles and not may_have_ended:
        raise StoryGone
    return story
