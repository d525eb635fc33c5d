import random

from hypothesis import given
from hypothesis import strategies as st

from service.domain.clustering import average_linkage, components
from service.domain.identity import assign
from service.domain.reports import Shares, partition_reports

NAMES = [f"a{i}" for i in range(9)]
edge_lists = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from([0.1, 0.3, 0.34, 0.5, 0.5, 0.8, 1.0])), max_size=24
)


def graph(edges):
    rows = {name: {} for name in NAMES}
    for a, b, weight in edges:
        if a != b:
            rows[a][b] = rows[b][a] = weight
    return rows


def shuffled(rows, seed):
    order = list(rows)
    random.Random(seed).shuffle(order)
    return {a: dict(random.Random(seed).sample(sorted(rows[a].items()), len(rows[a]))) for a in order}


@given(edge_lists, st.integers(0, 5))
def test_clusters_partition_and_do_not_depend_on_the_order(edges, seed):
    rows = graph(edges)
    found = average_linkage(NAMES, rows, 0.34)
    assert sorted(name for cluster in found for name in cluster) == NAMES
    assert average_linkage(reversed(NAMES), shuffled(rows, seed), 0.34) == found


@given(edge_lists)
def test_clusters_lie_within_components(edges):
    rows = graph(edges)
    parts = components(NAMES, rows, 0.34)
    for cluster in average_linkage(NAMES, rows, 0.34):
        assert any(cluster <= part for part in parts)


def test_one_bridge_does_not_chain_two_groups():
    left, right = NAMES[:4], NAMES[4:8]
    edges = [(a, b, 1.0) for group in (left, right) for a in group for b in group] + [("a3", "a4", 1.0)]
    assert average_linkage(NAMES[:8], graph(edges), 0.34) == [frozenset(left), frozenset(right)]


def share_graph(rows):
    shared = {}
    for a, b, mine, theirs in rows:
        shared.setdefault(a, {})[b] = Shares(mine, theirs)
        shared.setdefault(b, {})[a] = Shares(theirs, mine)
    return shared


def test_a_piece_cut_to_a_fifth_stays_in_its_report():
    shared = share_graph([("wire", "full", 1, 1), ("wire", "cut", 0.2, 1), ("full", "cut", 0.2, 1)])
    assert partition_reports(shared, shared) == [frozenset({"wire", "full", "cut"})]


def test_a_mixed_article_goes_to_its_main_source_and_joins_no_two_reports():
    shared = share_graph(
        [("afp", "afp2", 1, 1), ("reuters", "reuters2", 1, 1)]
        + [("mixed", s, 0.55, 0.9) for s in ("reuters", "reuters2")]
        + [("mixed", s, 0.4, 0.6) for s in ("afp", "afp2")]
    )
    assert partition_reports(shared, shared) == [frozenset({"afp", "afp2"}), frozenset({"mixed", "reuters", "reuters2"})]


def test_a_roundup_belongs_to_no_report():
    shared = share_graph([("roundup", f"w{i}", 0.2, 0.3) for i in range(4)])
    assert frozenset({"roundup"}) in partition_reports(shared, shared)


def test_a_background_paragraph_joins_no_reports():
    shared = share_graph([("a", "a2", 1, 1), ("b", "b2", 1, 1), ("a", "b", 0.15, 0.18), ("a2", "b", 0.15, 0.18)])
    assert partition_reports(shared, shared) == [frozenset({"a", "a2"}), frozenset({"b", "b2"})]


ids = iter(range(10_000))


@given(st.lists(st.sampled_from("xyz"), min_size=1, max_size=12), st.lists(st.sampled_from("pqr"), min_size=12, max_size=12))
def test_ids_are_given_once_and_every_old_one_is_accounted_for(before, after):
    articles = [f"n{i}" for i in range(len(before))]
    old = dict(zip(articles, before, strict=True))
    clusters = [
        frozenset(a for a, c in zip(articles, after, strict=False) if c == name) for name in sorted(set(after[: len(articles)]))
    ]
    given_ids = assign(clusters, old, frozenset(before), lambda: f"new{next(ids)}")
    assert len(set(given_ids.ids)) == len(clusters)
    assert frozenset(before) == (frozenset(given_ids.ids) - given_ids.fresh) | given_ids.merged.keys() | given_ids.gone
    assert set(given_ids.merged.values()) <= set(given_ids.ids)


def test_a_split_keeps_the_id_with_the_larger_part_and_a_merge_the_larger_id():
    old = dict.fromkeys("abcde", "s")
    split = assign([frozenset("ab"), frozenset("cde")], old, frozenset({"s"}), lambda: "new")
    assert split.ids == ("new", "s")
    merged = assign(
        [frozenset("abcde")], {**dict.fromkeys("ab", "s1"), **dict.fromkeys("cde", "s2")}, frozenset({"s1", "s2"}), lambda: "new"
    )
    assert merged.ids == ("s2",)
    assert merged.merged == {"s1": "s2"}
