"""The obvious methods for direct sources that the quality bench prints beside the service."""

from __future__ import annotations

from typing import Any

import pytest

from bench.quality.parents import parent_rivals
from bench.spread.rivals import EARLIEST, SIMILAR, Filed, earliest, similarity
from tests import samples

TEXT = "Two ships broke loose in the harbour on Monday night and drifted for three hours before tugs could hold them again"
COPY = TEXT.split()


def filed(key: str, *, house: str = "", claimed: int | None = None, words: list[str] = COPY, names: str = "") -> Filed:
    return Filed(key, "r", house or key, claimed, words, frozenset(names.split()))


def test_the_earliest_claimed_time_is_the_source_of_all() -> None:
    articles = [filed("a", claimed=3), filed("b", claimed=1), filed("c")]
    assert earliest(articles) == {"a": {"b"}, "b": set(), "c": {"b"}}
    assert earliest([filed("a"), filed("b")]) == {"a": set(), "b": set()}


def test_similarity_takes_the_nearest_earlier_arrival_unless_a_credit_names_another() -> None:
    articles = [
        filed("wire", house="reuters"),
        filed("gazette", words=COPY[:9]),
        filed("herald", words=[*COPY[:9], "again"]),
        filed("post", words=COPY[:9], names="reuters"),
        filed("echo", names="afp"),
    ]
    assert similarity(articles) == {
        "wire": set(),
        "gazette": {"wire"},
        "herald": {"gazette"},
        "post": {"wire"},
        "echo": {"org:afp"},
    }


def test_on_the_cascade_both_are_scored_as_the_service_is() -> None:
    def body(key: str, outlet: str, hour: int, *first: str) -> dict[str, Any]:
        made = {"external_id": key, "outlet": outlet, "title": "", "paragraphs": [*first, TEXT]}
        return {**made, "published_at": f"2024-01-01T{hour:02}:00:00Z"}

    def true(parent: str | None, carry: str | None = "full") -> dict[str, Any]:
        return {"report": "r", "parent": parent, "carry": carry}

    bodies = [body("a", "Reuters", 5), body("b", "Gazette", 4, "By Reuters"), body("c", "Herald", 6, "Source: dpa")]
    bodies.append(body("d", "Digest", 7))
    truth = {"a": true(None), "b": true("a"), "c": true("org:dpa"), "d": true(None, "roundup")}
    found = {rival.method: rival for rival in parent_rivals(bodies, truth, samples.REGISTRY)}
    # The wrong clock of `b` makes it the earliest: two claims, none right, two wanted.
    assert found[EARLIEST].values == {"parents_f1": pytest.approx(0.0)}
    assert found[SIMILAR].values == {"parents_f1": pytest.approx(1.0)}
    assert all(not rival.is_tuned and rival.why for rival in found.values())
