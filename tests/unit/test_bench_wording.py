"""What the quality bench says of how a copy is worded, on sentences worked by hand; vectors are those of hashed words."""

from __future__ import annotations

import math

import pytest

from bench.quality.wording import in_runs, wording
from service.embed.hashing import HashingEncoder

ENCODER = HashingEncoder()
SOURCE = [
    "The harbour authority closed the northern basin to tankers on Tuesday evening.",
    "Divers searched the quay for damage before the first ferry was allowed to leave.",
    "Engineers expect repairs of the broken lock gates to last until the middle of April.",
]
REWORDED = ["On Tuesday evening tankers were barred from the northern basin that the harbour authority closed."]
OTHER = ["Voters in the mountain villages chose a schoolteacher as their new mayor."]
COLUMNS = {
    "single": 0,
    "three": 2,
    "twelve": 5,
    "longest": 6,
    "subsequence": 7,
    "nearest": 8,
    "order": 9,
    "taken": 11,
    "kept": 12,
    "in order": 13,
    "broken": 16,
}


def told(mine: list[str], theirs: list[str] = SOURCE) -> dict[str, float]:
    row = wording(mine, theirs, ENCODER)
    return {name: row[column] for name, column in COLUMNS.items()}


def test_a_word_counts_once_however_many_runs_it_stands_in() -> None:
    source = tuple("abcdexy")
    assert in_runs(tuple("abcdqy"), source, 3) == pytest.approx(4 / 6)
    assert in_runs(tuple("yxqab"), source, 2) == pytest.approx(2 / 5)
    assert in_runs(("a", "b"), source, 3) == 0.0


def test_what_was_cut_word_for_word_stands_in_long_runs_and_in_order() -> None:
    found = told(SOURCE[:2])
    assert found["single"] == found["twelve"] == found["subsequence"] == found["order"] == 1.0
    assert found["nearest"] == pytest.approx(1.0, abs=1e-5)
    assert (found["taken"], found["kept"], found["in order"]) == (1.0, pytest.approx(1.0), pytest.approx(1.0))
    # 26 words in a row, over the end of the sentence; one run for each sentence.
    assert found["longest"] == pytest.approx(math.log(1 + 26))
    assert found["broken"] == pytest.approx((12 * 1 / 12 + 14 * 1 / 14) / 26)


def test_sentences_in_another_order_are_taken_all_the_same() -> None:
    kept, turned = told(SOURCE), told(SOURCE[::-1])
    assert turned["taken"] == kept["taken"] == 1.0
    assert (kept["order"], turned["order"]) == (1.0, 0.0)
    assert turned["subsequence"] < 0.5 < kept["subsequence"]
    assert turned["twelve"] == 1.0


def test_a_sentence_turned_around_is_taken_and_its_order_is_not_kept() -> None:
    found = told(REWORDED)
    assert found["taken"] == 1.0
    assert found["twelve"] == 0.0
    assert 0.45 <= found["kept"] < 1.0
    assert found["in order"] < 0.8


def test_other_words_are_not_taken() -> None:
    found = told(OTHER)
    assert (found["taken"], found["kept"], found["in order"], found["three"]) == (0.0, 0.0, 0.0, 0.0)
    assert told([*SOURCE[:1], *OTHER])["taken"] == pytest.approx(12 / 24)


def test_nothing_on_one_side_is_a_row_of_zeros() -> None:
    assert wording([], SOURCE, ENCODER) == wording(SOURCE, [], ENCODER) == [0.0] * len(wording(OTHER, SOURCE, ENCODER))
