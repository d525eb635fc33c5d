"""An editor's word against any evidence: kept, contradictions settled by the later word, no trace when it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from service.domain.changes import Constraint
from service.domain.clustering import average_linkage, components
from service.domain.constraints import conflict, sides_of, unite

AT = datetime(2026, 5, 4, tzinfo=UTC)
NAMES = list("abcdefgh")
groups = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)


@st.composite
def words(draw: st.DrawFn) -> list[Constraint]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        one = draw(groups)
        other = [name for name in draw(groups) if name not in one]
        found.append(said(number, draw(st.sampled_from(["must_link", "cannot_link"])), one, other))
    return found


def said(number: int, kind: str, one: list[str], other: list[str]) -> Constraint:
    return Constraint(f"c{number}", kind, AT, "s", tuple(one), tuple(other))  # type: ignore[arg-type]


def clustered(edges: dict[str, dict[str, float]], constraints: list[Constraint]) -> set[frozenset[str]]:
    """Reports of one article each, named after it."""
    sides = {name: sides_of([name], constraints) for name in NAMES}
    found = average_linkage(NAMES, edges, 0.5, sides)
    return set(unite(found, {name: frozenset(name) for name in NAMES}, constraints))


def graph(pairs: dict[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    edges: dict[str, dict[str, float]] = {name: {} for name in NAMES}
    for (a, b), weight in pairs.items():
        if a != b:
            edges[a][b] = edges[b][a] = weight
    return edges


edges_of = st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), st.floats(0, 1), max_size=20).map(graph)
ALL = graph({(a, b): 0.9 for a in NAMES for b in NAMES})
NONE = graph({})


@given(edges_of, words())
def test_clusters_partition_whatever_was_said_and_in_whatever_order(edges, constraints):
    found = clustered(edges, constraints)
    assert sorted(name for cluster in found for name in cluster) == NAMES
    assert clustered(edges, constraints[::-1]) == found


@given(edges_of, groups, groups)
def test_a_split_is_kept_and_does_not_reach_beyond_what_is_related(edges, one, other):
    other = [name for name in other if name not in one]
    found, alone = clustered(edges, [said(1, "cannot_link", one, other)]), clustered(edges, [])
    assert all(cluster.isdisjoint(one) or cluster.isdisjoint(other) for cluster in found)
    for group in components(NAMES, edges, 0.5):
        if group.isdisjoint(one) or group.isdisjoint(other):
            assert {cluster for cluster in alone if cluster <= group} <= found


@given(edges_of, groups, groups)
def test_a_merge_joins_the_two_clusters_and_no_other(edges, one, other):
    other = [name for name in other if name not in one]
    alone, found = clustered(edges, []), clustered(edges, [said(1, "must_link", one, other)])
    assert len(found) in (len(alone), len(alone) - 1)
    if len(found) < len(alone):
        [union] = found - alone
        assert len([c for c in alone if c <= union]) == 2
        assert not union.isdisjoint(one)
        assert not union.isdisjoint(other)


def test_the_later_word_counts():
    merge, split = said(1, "must_link", ["a"], ["b"]), said(2, "cannot_link", ["a"], ["b"])
    assert frozenset("ab") not in clustered(NONE, [merge, split])
    merge = said(3, "must_link", ["a"], ["b"])
    assert frozenset("ab") in clustered(NONE, [split, merge])


def test_a_split_of_what_was_merged_leaves_the_rest_together():
    merge = said(1, "must_link", ["a", "b"], ["c", "d", "e"])
    edges = graph({("a", "b"): 0.9, ("c", "d"): 0.9, ("d", "e"): 0.9, ("c", "e"): 0.9})
    assert frozenset("abcde") in clustered(edges, [merge])
    split = said(2, "cannot_link", ["c", "d"], ["a", "b", "e"])
    found = clustered(edges, [merge, split])
    assert {frozenset("abe"), frozenset("cd")} <= found


def test_merges_chain():
    assert frozenset("abc") in clustered(NONE, [said(1, "must_link", ["a"], ["b"]), said(2, "must_link", ["a", "b"], ["c"])])


def test_a_report_stands_where_most_of_it_was_named():
    split = said(1, "cannot_link", ["a"], ["b", "c"])
    assert sides_of(["a", "b"], [split]) == {("c1", True)}
    assert sides_of(["a", "b", "c"], [split]) == {("c1", False)}
    assert sides_of(["d"], [split]) == frozenset()
    assert conflict(sides_of(["a"], [split]), sides_of(["c"], [split]))
    assert not conflict(sides_of(["a"], [split]), sides_of(["d"], [split]))
