"""Passages: a partition of the places that depends on neither order nor pairs that leave the story."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from service.domain.models import MatchKind, UnitPair
from service.domain.passages import Place, classes, copy_links, passage_ids

KEYS = st.sampled_from("abcdefgh")
UNITS = st.dictionaries(
    st.tuples(st.sampled_from(["A1", "A2", "A3"]), st.integers(0, 4)),
    st.lists(KEYS, min_size=1, max_size=2).map(tuple),
    max_size=10,
)
PAIRS = st.lists(st.tuples(KEYS, KEYS, st.sampled_from(["edited", "paraphrase", "quotation"])), max_size=6)


def _pair(a: str, b: str, kind: MatchKind) -> UnitPair:
    return UnitPair(min(a, b), max(a, b), kind, 0.9, 0.8, 0.8, 0.9, (), {}, "v")


@given(UNITS, PAIRS, st.integers(0, 99))
def test_the_order_of_places_and_pairs_does_not_matter(
    units: dict[Place, tuple[str, ...]], pairs: list[tuple[str, str, MatchKind]], seed: int
) -> None:
    shuffler = random.Random(seed)
    made = [_pair(*pair) for pair in pairs]
    wanted = passage_ids(units, copy_links(made))
    shuffler.shuffle(made)
    items = list(units.items())
    shuffler.shuffle(items)
    assert passage_ids(dict(items), copy_links(made)) == wanted
    assert sorted(place for places in classes(wanted).values() for place in places) == sorted(units)


@given(UNITS, PAIRS)
def test_the_id_is_the_smallest_key_and_equal_units_share_it(
    units: dict[Place, tuple[str, ...]], pairs: list[tuple[str, str, MatchKind]]
) -> None:
    ids = passage_ids(units, copy_links([_pair(*pair) for pair in pairs]))
    for ident, places in classes(ids).items():
        assert ident == min(key for place in places for key in units[place])
    for place, keys in units.items():
        assert all(ids[place] == ids[other] for other, theirs in units.items() if set(keys) & set(theirs))


def test_a_quotation_joins_nothing_and_a_copy_joins() -> None:
    units: dict[Place, tuple[str, ...]] = {("A1", 0): ("a",), ("A2", 0): ("b",)}
    assert passage_ids(units, copy_links([_pair("a", "b", "quotation")])) == {("A1", 0): "a", ("A2", 0): "b"}
    assert passage_ids(units, copy_links([_pair("a", "b", "paraphrase")])) == {("A1", 0): "a", ("A2", 0): "a"}


def test_a_unit_of_another_story_is_no_bridge() -> None:
    units: dict[Place, tuple[str, ...]] = {("A1", 0): ("a",), ("A2", 0): ("c",)}
    assert len(set(passage_ids(units, copy_links([_pair("a", "b", "edited"), _pair("b", "c", "edited")])).values())) == 2
