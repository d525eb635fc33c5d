"""The use cases that change what is stored other than by taking an article in. Each is answered after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from service.flows.answers import Alongside
from service.flows.feed_views import CorrectionView, correction_view
from service.flows.tasks import Corrected, Delete, Merge, Split, Withdraw, Write
from service.flows.writer import Writer


class Editing:
    """Safe for any number of concurrent callers on one event loop. Every method raises Overloaded and StoreUnavailable, and calls
    `also` in the transaction of the effect with what it returns.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def delete(self, article_id: str, also: Alongside[None] | None = None) -> None:
        """As if the article had never come. Raises ArticleNotFound."""
        await self._done(Delete(article_id, also))

    async def merge(self, story_id: str, other_id: str, also: Alongside[CorrectionView] | None = None) -> CorrectionView:
        """One story under the id `story_id`. Raises StoryNotFound, StoryGone, InvalidInput."""
        return _view(await self._done(Merge(story_id, other_id, _with_view(also))))

    async def split(
        self, story_id: str, article_ids: Sequence[str], also: Alongside[CorrectionView] | None = None
    ) -> CorrectionView:
        """The reports of these articles apart from the rest. Raises StoryNotFound, StoryGone, InvalidInput."""
        return _view(await self._done(Split(story_id, tuple(article_ids), _with_view(also))))

    async def withdraw(self, constraint_id: str, also: Alongside[None] | None = None) -> None:
        """What clustering alone would give, and the other constraints. Raises ConstraintNotFound."""
        await self._done(Withdraw(constraint_id, also))

    async def _done(self, work: Write) -> Any:
        # A caller that leaves cancels its wait, never the work.
        return await asyncio.shield(asyncio.wrap_future(self._writer.request(work)))


def _with_view(also: Alongside[CorrectionView] | None) -> Alongside[Corrected] | None:
    return None if also is None else lambda session, done: also(session, _view(done))


def _view(done: Corrected) -> CorrectionView:
    return correction_view(done.constraint, done.story_ids)
