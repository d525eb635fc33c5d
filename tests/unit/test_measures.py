"""Converted units: one figure in two systems, and figures that only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.evidence import copy_features
from service.domain.matching import stretches_of
from service.domain.measures import converted, measures
from service.domain.units import spelled
from tests.unit.test_matching import unit


def pairs(a, b):
    mine, theirs = converted(measures(spelled(a).words), measures(spelled(b).words))
    return [spelled(a).words[i] for i in sorted(mine)], [spelled(b).words[i] for i in sorted(theirs)]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the dam 8 kilometers upriver", "the dam 5 miles upriver"),
        ("108 km away", "67 miles away"),
        ("a wall of six feet", "a wall of 1.8 metres"),
        ("winds of 120 kph", "winds of 75 mph"),
        ("winds of 120 km/h", "winds of 75 mph"),
        ("winds of 120 km per hour", "winds of 75 miles an hour"),
        ("2,000 acres burned", "810 hectares burned"),
        ("40 square kilometres", "15 square miles"),
        ("weighs 90kg", "weighs 198 pounds"),
    ],
)
def test_a_converted_figure_is_the_same_figure(a, b):
    mine, theirs = pairs(a, b)
    assert (len(mine), len(theirs)) == (1, 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("8 kilometers upriver", "8 miles upriver"),
        ("8 kilometers upriver", "5 kilometers upriver"),
        ("40 square kilometres", "25 miles"),
        ("120 km", "75 miles an hour"),
        ("90 pounds", "41 metres"),
        ("0 km", "0 miles"),
        ("28 people", "17 miles"),
    ],
)
def test_what_is_not_converted_is_another_figure(a, b):
    assert pairs(a, b) == ([], [])


@given(
    st.floats(1, 9999),
    st.sampled_from([("km", "miles", 1.609344), ("kg", "pounds", 0.45359237), ("hectares", "acres", 0.40468564)]),
)
def test_converting_is_symmetric(amount, units):
    metric, imperial, factor = units
    a, b = measures((f"{amount:.2f}", metric)), measures((f"{amount / factor:.2f}", imperial))
    assert converted(a, b) == converted(b, a) == (frozenset({0}), frozenset({0}))


def test_a_converted_unit_is_no_conflict_and_another_figure_is():
    text = (
        "Hundreds of relatives drove up to {} to the harbour and were met by the district commissioner with a handwritten list."
    )
    a, b, c = unit(text.format("108 km")), unit(text.format("67 miles")), unit(text.format("90 miles"))
    same, other = (copy_features(a, x, 0.9, stretches_of(a, x)) for x in (b, c))
    assert (same["figures_differ"], same["figures_conflict"]) == (0.0, 0.0)
    assert other["figures_differ"] > 0
    assert other["figures_conflict"] > 0


@pytest.mark.parametrize(("a", "b"), [("73.0 percent", "73 percent"), ("1.50 euros", "1.5 euros"), ("four boats", "4 boats")])
def test_one_figure_in_two_spellings_is_one_word(a, b):
    assert set(spelled(a).words) & set(spelled(b).words) & {"73", "1.5", "4"}
