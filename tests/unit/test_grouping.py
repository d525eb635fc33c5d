"""Parts of a graph: bounded, a function of the graph alone, and kept up to date from any change."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.grouping import Parts, part

BARS = (0.4, 0.6, 0.8)
MOST = 4


def whole(edges: dict[str, dict[str, float]]) -> set[frozenset[str]]:
    """From scratch."""
    return {part(name, edges, BARS, MOST, {bar: set() for bar in BARS}) for name in edges}


def join(edges: dict[str, dict[str, float]], a: str, b: str, weight: float) -> None:
    edges[a][b] = edges[b][a] = weight


def test_a_small_component_is_one_part() -> None:
    edges: dict[str, dict[str, float]] = {name: {} for name in "abcde"}
    join(edges, "a", "b", 0.4)
    join(edges, "b", "c", 0.9)
    join(edges, "c", "d", 0.39)
    assert whole(edges) == {frozenset("abc"), frozenset("d"), frozenset("e")}


def test_where_a_component_is_too_large_only_strong_edges_join() -> None:
    edges: dict[str, dict[str, float]] = {name: {} for name in "abcdef"}
    for a, b, weight in (("a", "b", 0.9), ("b", "c", 0.5), ("c", "d", 0.7), ("d", "e", 0.5), ("e", "f", 0.9)):
        join(edges, a, b, weight)
    assert whole(edges) == {frozenset("ab"), frozenset("cd"), frozenset("ef")}


def test_what_holds_together_by_the_strongest_edges_is_never_cut() -> None:
    names = [f"n{i}" for i in range(3 * MOST)]
    edges: dict[str, dict[str, float]] = {name: {} for name in names}
    for a, b in itertools.pairwise(names):
        join(edges, a, b, 0.95)
    assert whole(edges) == {frozenset(names)}


weights = st.sampled_from([0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 14), st.dictionaries(st.integers(0, 14), weights, max_size=5)),
        st.tuples(st.just("drop"), st.integers(0, 14), st.just({})),
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(steps)
def test_any_history_gives_the_parts_of_the_graph_as_it_is(history: list[tuple[str, int, dict[int, float]]]) -> None:
    edges: dict[str, dict[str, float]] = {}
    parts = Parts(BARS, MOST)
    held: dict[str, frozenset[str]] = {}
    for what, number, row in history:
        name = f"{number:02}"
        near = {other for other, weight in edges.get(name, {}).items() if weight >= BARS[0]}
        for other in edges.pop(name, {}):
            edges[other].pop(name, None)
        if what == "put":
            edges[name] = {}
            for other, weight in row.items():
                if f"{other:02}" in edges and other != number:
                    join(edges, name, f"{other:02}", weight)
            near |= {other for other, weight in edges[name].items() if weight >= BARS[0]}
        held.pop(name, None)
        for group in parts.renew(edges, {name}, near):
            for member in group:
                held[member] = group
        assert held.keys() == edges.keys()
        assert set(held.values()) == whole(edges)


@pytest.mark.parametrize("count", [200, 400])
def test_the_cost_of_one_more_does_not_grow_with_the_graph(count: int) -> None:
    """Everything is joined to everything by weak edges, and in pairs by strong ones."""
    chance = random.Random(1)
    names = [f"{i:04}" for i in range(count)]
    edges: dict[str, Counted] = {name: Counted() for name in names}
    for i, name in enumerate(names):
        for other in chance.sample(names, 5):
            if other != name:
                edges[name][other] = edges[other][name] = 0.45
        edges[name][names[i ^ 1]] = edges[names[i ^ 1]][name] = 0.9
    parts = Parts(BARS, 40)
    parts.renew(edges, names, ())
    edges["new"] = Counted({names[0]: 0.9, names[9]: 0.45})
    edges[names[0]]["new"], edges[names[9]]["new"] = 0.9, 0.45
    Counted.looked_at = 0
    renewed = parts.renew(edges, {"new"}, {names[0], names[9]})
    assert renewed == [frozenset({names[0], names[1], "new"})]
    assert Counted.looked_at < 150


class Counted(dict[str, float]):
    looked_at = 0

    def items(self):  # type: ignore[no-untyped-def]
        Counted.looked_at += 1
        return super().items()
