"""How alike two sentences are worded, as the bench of paraphrases measures it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.quality.likeness import likeness

_WORDS = ("the", "dam", "burst", "above", "Aldine", "on", "3", "May", "water", "engineers", "said")
_SENTENCES = st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join)


@given(_SENTENCES, _SENTENCES)
def test_neither_side_comes_first(left: str, right: str) -> None:
    assert likeness(left, right) == likeness(right, left)


@given(_SENTENCES, _SENTENCES)
def test_shares_lie_between_none_and_all(left: str, right: str) -> None:
    assert all(0.0 <= share <= 1.0 for share in likeness(left, right)[:16])


def test_equal_sentences_have_everything_in_common_and_nothing_of_their_own() -> None:
    found = likeness("The dam above Aldine burst on 3 May.", "The dam above Aldine burst on 3 May.")
    assert found == [1.0] * 16 + [0.0] * 6


def test_a_spelled_figure_is_the_same_word() -> None:
    assert likeness("Three dams burst.", "3 dams burst.")[:8] == [1.0] * 6 + [0.0] * 2


def test_a_rarer_word_of_its_own_weighs_more() -> None:
    common, rare = likeness("The dam burst today.", "The dam burst."), likeness("The dam burst calamitously.", "The dam burst.")
    assert rare[17] > common[17] > 0.0
    assert rare[-1] == common[-1] == 1.0
