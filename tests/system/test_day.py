"""A small day in the life: the script of `bench/day.py` on some invented articles, and what it would find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.day import invented, live
from bench.following import Held


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_consumer_receiver_and_service_agree_at_the_end_of_the_day(tmp_path: Path) -> None:
    day = live(invented(120, 3), tmp_path, encoder="hashing", kills=1, crashes=2, seed=3)
    assert day.faults == []
    assert day.done["consumer crashes"] == 2
    assert day.done["messages failed"] > 0.3 * day.done["messages"]
    for what in ("revisions", "deletes", "duplicates", "batches", "answered later", "repeated requests", "kills of the service"):
        assert day.done[what] > 0, what


def test_invented_articles_are_as_many_as_asked_for_and_the_same_again() -> None:
    assert len({json.dumps(one) for one in invented(130, 5)}) == 130
    assert invented(30, 5) == invented(30, 5)


def change(sequence: int, kind: str, story: str | None = None, **data: Any) -> dict[str, Any]:
    told = {"version": 1, "articles_added": [], "articles_removed": [], "from": [], "into": [], "is_complete": True} | data
    return {"sequence": sequence, "type": kind, "story_id": story, "article_id": data.get("article"), "data": told}


def test_one_who_is_told_holds_what_was_told_over_a_crash(tmp_path: Path) -> None:
    nobody = httpx.Client()
    held = Held(tmp_path / "held.db")
    counts = {"counts": {"articles": 2}}
    held.take([change(1, "article.ingested", article="a1", revision=1)], nobody)
    held.take([change(2, "story.created", "s1", articles_added=["a1", "a2"], **counts)], nobody)
    with pytest.raises(KeyError):
        held.take([change(3, "story.created", "s2", articles_added=["a3"], **counts), {"sequence": 4}], nobody)
    held.close()
    again = Held(tmp_path / "held.db")
    assert (again.sequence, again.stories(), again.articles()) == (2, {"s1": (1, frozenset({"a1", "a2"}))}, {"a1": 1})
    merged = {"version": 2, "articles_removed": ["a1", "a2"], "into": ["s2"]}
    again.take([change(3, "story.created", "s2", articles_added=["a1", "a2"], **counts)], nobody)
    again.take([change(4, "story.merged", "s1", **merged)], nobody)
    assert again.stories() == {"s2": (1, frozenset({"a1", "a2"}))}
    assert again.ended() == {"s1": "s2"}
    assert again.faults() == []


@pytest.mark.parametrize(
    "told",
    [
        change(2, "article.ingested", article="a9", revision=1),
        change(1, "story.updated", "s1", version=2),
        change(1, "story.created", "s1", articles_removed=["a1"]),
    ],
)
def test_a_feed_that_leaves_something_out_is_found_out(tmp_path: Path, told: dict[str, Any]) -> None:
    held = Held(tmp_path / "held.db")
    held.take([told], httpx.Client())
    assert held.faults()
