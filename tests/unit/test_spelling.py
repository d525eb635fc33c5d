"""Spellings of one name, and names that only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.spelling import are_spellings, unspelled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kyiv", "kiev"),
        ("kharkiv", "kharkov"),
        ("odesa", "odessa"),
        ("zelenskyy", "zelensky"),
        ("qadhafi", "gaddafi"),
        ("tsikhanouskaya", "tikhanovskaya"),
        ("hezbollah", "hizbullah"),
        ("münchen", "muenchen"),
        ("yevgeny", "evgeny"),
    ],
)
def test_one_name(one, other):
    assert are_spellings(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lund", "karst"),
        ("lund", "tessin"),
        ("brand", "keller"),
        ("monday", "tuesday"),
        ("beijing", "peking"),
        ("li", "le"),
        ("東京", "京都"),
    ],
)
def test_two_names(one, other):
    assert not are_spellings(one, other)


names = st.text("abdehikqyvwzé東", max_size=10)


@given(names, names)
def test_it_is_symmetrical_and_a_word_is_its_own_spelling(one, other):
    assert are_spellings(one, other) == are_spellings(other, one)
    assert are_spellings(one, one)


@given(st.sets(names), st.sets(names))
def test_what_no_other_spells_is_left(words, others):
    assert unspelled(words, others) == {word for word in words if not any(are_spellings(word, other) for other in others)}
