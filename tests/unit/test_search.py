"""The words of a search, how much was found of them, and the fusion of two rankings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.search import MOST_QUERY_WORDS, coverage, fuse, query_words, search_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Callan's ferries, ferries!", ("callan", "ferries")),
        ("L’Europe d'aujourd'hui", ("europe", "aujourd", "hui")),
        ("O'Neill: 1,200 at 12:30, up 3.5%", ("neill", "1200", "at", "12_30", "up", "3_5")),
        ("Ünïcode Straße ΕΛΛΆΔΑ ёлка", ("unicode", "strasse", "ελλαδα", "елка")),
        ("地震、東京", ("地", "震", "東", "京")),
        ("u\u0308ber \ufb01re", ("uber", "fire")),
        ('" AND * NEAR ( ^ :', ("and", "near")),
        ("…!", ()),
    ],
)
def test_words_are_folded_and_parted(text: str, words: tuple[str, ...]) -> None:
    assert search_words(text) == words


@given(st.text(max_size=80))
def test_words_hold_nothing_that_an_index_could_take_for_a_sign(text: str) -> None:
    words = search_words(text)
    assert len(set(words)) == len(words)
    for word in words:
        assert word
        assert all(letter.isalnum() or letter == "_" for letter in word)
    assert len(query_words(text)) <= MOST_QUERY_WORDS


def test_a_query_leaves_out_words_that_say_little_unless_there_are_no_others() -> None:
    assert list(query_words("the strike of the ferry crews in Callan")) == ["callan", "crews", "ferry", "strike"]
    assert set(query_words("the of")) == {"the", "of"}


def test_coverage_is_the_part_of_what_the_words_say() -> None:
    weights = {"callan": 1.0, "strike": 0.5, "ferry": 0.5}
    assert coverage([], weights) == 0
    assert coverage(["strike"], weights) == 0.25
    assert coverage(weights, weights) == 1
    assert coverage([], {}) == 0


def test_fusion_is_that_of_the_paper_scaled_to_one() -> None:
    scores = fuse([["a", "b", "c"], ["b", "d"]])
    assert scores["b"] == pytest.approx((1 / 62 + 1 / 61) / (2 / 61))
    assert scores["a"] == pytest.approx((1 / 61) / (2 / 61))
    assert sorted(scores, key=lambda one: -scores[one]) == ["b", "a", "d", "c"]
    assert fuse([["a"], ["a"]]) == {"a": pytest.approx(1.0)}
    assert fuse([["a", "b"]])["a"] == pytest.approx(1.0)
    assert fuse([]) == {}


@given(st.lists(st.permutations(range(8)), min_size=1, max_size=3))
def test_a_story_that_is_better_in_every_ranking_is_better(rankings: list[list[int]]) -> None:
    scores = fuse(rankings)
    for one in range(8):
        assert 0 < scores[one] <= 1 + 1e-9
        for other in range(8):
            if one != other and all(ranking.index(one) < ranking.index(other) for ranking in rankings):
                assert scores[one] > scores[other]
