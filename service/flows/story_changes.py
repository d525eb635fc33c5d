"""Entries of the change feed: what is told about stories and articles, thin enough for a webhook."""

from __future__ import annotations

from typing import Any, Literal

from service.domain.changes import ChangeType, NewChange
from service.domain.models import Article, Story, StoryChange, StoryVersion

MOST_IDS = 150
"""Of each list; a receiver must not be sent more than 20 kB. The history of the story holds all."""

_TYPES: dict[str, ChangeType] = {
    "created": "story.created",
    "merged": "story.merged",
    "split": "story.split",
    "deleted": "story.deleted",
}


def story_change(what: StoryChange | Literal["deleted"], version: StoryVersion, story: Story | None) -> NewChange:
    """`what` happened, whoever wanted it; `version.change` says `corrected` where an editor did. `story` as it is now, None when
    it has ended.
    """
    lists = {
        "articles_added": version.articles_added,
        "articles_removed": version.articles_removed,
        "from": version.from_ids,
        # Of `story.merged` this names the survivor. One that took another in and gave articles away in the same change is told as
        # a survivor; those who took them say from whom, and its history says it all.
        "into": () if what == "merged" and story is not None else version.into_ids,
    }
    data: dict[str, Any] = {"version": version.version, "change": version.change}
    data |= {name: list(ids[:MOST_IDS]) for name, ids in lists.items()}
    data["is_complete"] = all(len(ids) <= MOST_IDS for ids in lists.values())
    if story is not None:
        counts = story.counts
        data["counts"] = {
            "articles": counts.articles,
            "reports": counts.reports,
            "outlets": counts.outlets,
            "passages": counts.passages,
        }
    return NewChange(_TYPES.get(what, "story.updated"), version.story_id, None, data)


def article_change(
    kind: Literal["article.ingested", "article.revised", "article.deleted"],
    article: Article,
    story_id: str | None,
    *,
    is_text_changed: bool = True,
) -> NewChange:
    """`story_id`: the story it is in now, or that it left."""
    data: dict[str, Any] = {
        "revision": article.revision,
        "external_id": article.content.external_id,
        "canonical_url": article.content.canonical_url,
    }
    if kind == "article.revised":
        data["is_text_changed"] = is_text_changed
    return NewChange(kind, story_id, article.id, data)
