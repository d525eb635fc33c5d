"""What the writer can be asked to do, and what it answers. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.domain.changes import Constraint
from service.domain.matches import ArticleMatch
from service.domain.models import Article, Findings, Reading
from service.domain.wire_hints import WireHint
from service.flows.preparing import Prepared
from service.ports import WriteSession

Vectors = Mapping[str, npt.NDArray[np.float16]]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of an article. `is_changed`: its text is new to the store."""

    article: Article
    is_new: bool
    is_changed: bool


Also = Callable[[WriteSession, Ingested], None]
"""What is to be stored in the transaction of an article, beside it. Called again when the transaction is tried again."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """Answered with Ingested, which shows the article as this write left it. `ticket`: of the queue where it waited; when that is
    gone (the article was deleted meanwhile), nothing is done and the answer is None.
    """

    prepared: Prepared
    vectors: Vectors
    also: Also | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Answered with Checked; changes nothing."""

    prepared: Prepared
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Delete:
    """Answered with None. Raises ArticleNotFound. `also` here and below: called in the transaction, when the effect is there."""

    article_id: str
    also: Callable[[WriteSession, None], None] | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Make two stories one under the id `story_id`. Answered with Corrected. Raises StoryNotFound, StoryGone, InvalidInput."""

    story_id: str
    other_id: str
    also: Callable[[WriteSession, Corrected], None] | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Keep these articles' reports apart from the rest of the story. Answered and refused as Merge is."""

    story_id: str
    article_ids: tuple[str, ...]
    also: Callable[[WriteSession, Corrected], None] | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take a constraint back. Answered with None. Raises ConstraintNotFound."""

    constraint_id: str
    also: Callable[[WriteSession, None], None] | None = None


Write = Ingest | Delete | Merge | Split | Withdraw


@dataclass(frozen=True, slots=True)
class Checked:
    """What would be concluded about an article; `report_id` and `story_id` are the existing ones that it would join, or None."""

    reading: Reading
    findings: Findings
    report_id: str | None
    story_id: str | None
    matches: tuple[ArticleMatch, ...]
    hint: WireHint


@dataclass(frozen=True, slots=True)
class Corrected:
    """`story_ids`: where the constraint's articles are now, the story that was asked for first."""

    constraint: Constraint
    story_ids: tuple[str, ...]
