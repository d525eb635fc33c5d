"""Passages that tell the same things in other words: what makes one, and what it may not decide."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.matching import judge
from service.domain.models import UnitPair
from service.domain.retelling import CONFIDENCE, LEAST, LEAST_PASSAGES, LIKENESS, MOST_WORDS, in_order, is_told_along, retold
from service.domain.tokens import unit_key
from service.domain.units import Unit, prepare
from service.resources import load_weights

_WEIGHTS = load_weights()
_FILED = (
    "A video that a fisherman uploaded showed flames leaping from the roof of the ferry terminal in Marwick, with explosions "
    "audible behind it. Other clips from the harbour showed the customs warehouse next door smouldering as well."
)
_RETOLD = (
    "A local fisherman filmed the terminal in flames, and explosions are to be heard; the customs warehouse next door, too, was "
    "smouldering when he stopped."
)
_WORDS = ("the", "ferry", "terminal", "customs", "warehouse", "burned", "Marwick", "300", "was", "in", "fishermen", "fisherman")
_TEXTS = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=80).map(" ".join)


def _unit(text: str, cosine: float = 1.0) -> Unit:
    """A unit that lies at `cosine` to all units made without one."""
    return prepare(unit_key(text), text, np.array([cosine, np.sqrt(1 - cosine**2)], np.float32))


def _verdict(filed: str, told: str, cosine: float = 0.75) -> UnitPair | None:
    return judge(_unit(filed), _unit(told, cosine), _WEIGHTS)


def test_a_passage_in_other_words_is_a_retelling_of_its_own_sureness() -> None:
    found = _verdict(_FILED, _RETOLD)
    assert found is not None
    assert (found.kind, found.confidence) == ("retelling", CONFIDENCE)
    assert found.features["retold"] >= LEAST
    first, second = (_unit(_FILED), _unit(_RETOLD)) if found.a == unit_key(_FILED) else (_unit(_RETOLD), _unit(_FILED))
    assert found.spans == ((0, len(first.tokens), 0, len(second.tokens)),)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(
            "Flames leapt from the ferry terminal in Marwick on Monday, the coast guard said, and the fire spread within minutes.",
            id="one fact in a writer's own words",
        ),
        pytest.param(
            "The old customs warehouse of the harbour was smouldering when a local fisherman stopped filming; explosions are to be heard, "
            "and the terminal stands in flames.",
            id="another order",
        ),
        pytest.param(_RETOLD.replace("A local fisherman", "A local fisherman in Osterby"), id="another place"),
    ],
)
def test_what_two_writers_have_in_common_is_none(told: str) -> None:
    found = _verdict(_FILED, told)
    assert found is None or found.kind == "likeness"


def test_another_figure_is_another_fact() -> None:
    filed, told = (
        _FILED.replace("Other clips", "At least 12 clips"),
        _RETOLD.replace("A local fisherman", "In 30 clips a local fisherman"),
    )
    assert _verdict(filed, told) is None
    assert _verdict(filed, told.replace("30", "12")) is not None


def test_words_far_apart_in_meaning_are_none() -> None:
    assert _verdict(_FILED, _RETOLD, cosine=0.2) is None


def test_long_passages_are_none() -> None:
    more = " ".join(["Nobody was hurt and the harbour stayed open through the evening."] * 6)
    long = _unit(f"{_FILED} {more}")
    assert len(long.tokens) > MOST_WORDS
    assert retold(long, _unit(_RETOLD), 0.9) == 0.0


@given(_TEXTS, _TEXTS, st.floats(-1.0, 1.0))
def test_neither_passage_comes_first(one: str, other: str, cosine: float) -> None:
    a, b = _unit(one), _unit(other)
    assert retold(a, b, cosine) == pytest.approx(retold(b, a, cosine))


def test_the_quick_bound_is_of_one_side_and_shows_in_no_answer() -> None:
    """What one side's words cannot reach and the other's can is told of neither."""
    one, other = _unit("300 terminal customs was fisherman was"), _unit("Marwick fishermen fisherman")
    assert retold(one, other, 0.7) == retold(other, one, 0.7) == 0.0


@given(_TEXTS, _TEXTS)
def test_what_is_told_is_never_beyond_the_quick_bound(one: str, other: str) -> None:
    """Out of the question at a low cosine, and near enough to it at a high one, are the same measure."""
    a, b = _unit(one), _unit(other)
    whole = retold(a, b, 1.0)
    for cosine in (0.2, 0.5, 0.9):
        assert retold(a, b, cosine) in (0.0, pytest.approx(whole * cosine))
        assert whole * cosine < LEAST or retold(a, b, cosine) >= LEAST


def test_characters_without_spaces_are_no_plain_words() -> None:
    filed, told = "渡口的屋顶在夜里起火,旁边的仓库也在燃烧", "夜里渡口屋顶起火,仓库也跟着燃烧"
    assert retold(_unit(filed), _unit(told), 0.9) == 0.0


_REWORDED = "Over Marwick, where 300 people work, a warehouse went up in smoke, according to what a sailor had put online."
_NAMED_ALIKE = "A sailor put pictures online of smoke over Marwick: 300 people work in what was lost there."


def test_a_passage_in_wholly_other_words_is_like_one_that_names_and_counts_the_same() -> None:
    found = _verdict(_REWORDED, _NAMED_ALIKE, LIKENESS + 0.01)
    assert found is not None
    assert (found.kind, found.features["retold"]) == ("likeness", 0.0)


@pytest.mark.parametrize(
    ("told", "cosine"),
    [
        pytest.param(_NAMED_ALIKE, LIKENESS - 0.01, id="another meaning"),
        pytest.param(_NAMED_ALIKE.replace("Marwick", "Tolveth").replace("300", "90"), 0.9, id="other names and figures"),
        pytest.param("A sailor put pictures online of smoke over the harbour, and many people lost their work.", 0.9, id="none"),
        pytest.param(
            "In Marwick 300 people were told, and Ann Hill, Tom Kerr and 17 of the Lys Guard came too.", 0.9, id="more of them"
        ),
        pytest.param("Smoke over Marwick: 300.", 0.9, id="short"),
    ],
)
def test_passages_of_one_meaning_alone_are_not_alike(told: str, cosine: float) -> None:
    assert _verdict(_REWORDED, told, cosine) is None


def test_verbatim_copy_is_no_retelling() -> None:
    found = _verdict(_FILED, _FILED.upper())
    assert found is not None
    assert found.kind == "verbatim"


@pytest.mark.parametrize(
    ("ranks", "is_along"),
    [
        ([(0, 1), (1, 3), (4, 4)], True),
        ([(0, 4), (1, 3), (4, 1)], False),
        ([(0, 1), (0, 2), (0, 3)], False),
        ([(1, 0), (2, 0), (3, 0)], False),
        ([(5, 0), (0, 1), (1, 0), (1, 2), (3, 3)], True),
        ([(0, 0), (1, 1)], False),
        ([], False),
    ],
)
def test_three_passages_in_one_order_go_along(ranks: list[tuple[int, int]], is_along: bool) -> None:
    places = [((mine, 0), (other, 7)) for mine, other in ranks]
    assert (in_order(places) >= LEAST_PASSAGES) is is_along
    assert (in_order([(other, mine) for mine, other in places]) >= LEAST_PASSAGES) is is_along


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=9))
def test_the_longest_chain_is_found(ranks: list[tuple[int, int]]) -> None:
    def rises(chain: tuple[tuple[int, int], ...]) -> bool:
        return all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(chain))

    wanted = any(rises(tuple(sorted(chain))) for chain in combinations(ranks, LEAST_PASSAGES))
    assert (in_order([((0, mine), (0, other)) for mine, other in ranks]) >= LEAST_PASSAGES) is wanted


@pytest.mark.parametrize(
    ("carried", "retold_", "alike", "passages", "is_along"),
    [
        ([0, 1], [2], [], (9, 9), True),
        ([0, 1, 2], [], [], (3, 3), False),
        ([0, 1, 2], [], [3], (4, 4), False),
        ([], [], [0, 1], (2, 2), False),
        ([], [], [0, 1, 2], (3, 6), True),
        ([], [], [0, 1, 2], (3, 7), False),
        ([3], [], [0, 1, 2], (7, 8), True),
        ([3, 4], [], [0, 1], (5, 5), False),
        ([], [5], [0, 1], (6, 6), True),
    ],
)
def test_likenesses_have_to_be_three_and_with_the_rest_half_of_both(
    carried: list[int], retold_: list[int], alike: list[int], passages: tuple[int, int], is_along: bool
) -> None:
    at = [[((rank, 0), (rank, 0)) for rank in ranks] for ranks in (carried, retold_, alike)]
    assert is_told_along(*at, passages) is is_along
