"""Which articles carry one piece of reporting, from the graph of shared parts alone; test_clustering.py has the plain cases."""

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from service.domain.reports import RAW_THRESHOLD, REPORT_THRESHOLD, Shares, partition_reports, representative

NAMES = [f"a{i}" for i in range(7)]
part = st.sampled_from([0.0, 0.05, 0.11, 0.13, 0.3, 0.34, 0.5, 0.9, 1.0])
graphs = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] < pair[1]),
    st.builds(Shares, part, part, is_attested=st.booleans()),
    max_size=14,
)


def rows(edges):
    found = {name: {} for name in NAMES}
    for (a, b), shares in edges.items():
        found[a][b], found[b][a] = shares, shares.reversed()
    return found


@given(graphs, st.randoms(use_true_random=False))
def test_every_article_is_in_one_report_whatever_the_order_of_the_graph(edges, chance: random.Random):
    shared = rows(edges)
    found = partition_reports(NAMES, shared)
    assert sorted(name for report in found for name in report) == NAMES
    shuffled = {
        a: dict(chance.sample(sorted(shared[a].items(), key=str), len(shared[a]))) for a in chance.sample(NAMES, len(NAMES))
    }
    assert partition_reports(chance.sample(NAMES, len(NAMES)), shuffled) == found


@given(graphs)
def test_articles_of_a_report_hang_together_by_copy(edges):
    shared = rows(edges)
    for report in partition_reports(NAMES, shared):
        reached, stack = {min(report)}, [min(report)]
        while stack:
            fresh = {o for o, s in shared[stack.pop()].items() if o in report and s.weight > 0} - reached
            reached |= fresh
            stack.extend(fresh)
        assert reached == report


def test_a_share_seen_from_the_other_side_is_the_same_share():
    shares = Shares(0.2, 0.9, 0.1, 0.8, is_attested=True)
    assert shares.reversed().reversed() == shares
    assert shares.reversed().weight == shares.weight == 0.9


def test_two_cuts_of_one_agency_file_are_one_report_though_they_overlap_little():
    apart = rows({("a0", "a1"): Shares(0.2, 0.2)})
    assert frozenset({"a0", "a1"}) not in partition_reports(["a0", "a1"], apart)
    attested = rows({("a0", "a1"): Shares(0.2, 0.2, is_attested=True)})
    assert partition_reports(["a0", "a1"], attested) == [frozenset({"a0", "a1"})]
    assert RAW_THRESHOLD < REPORT_THRESHOLD <= attested["a0"]["a1"].weight


def test_a_fragment_is_copy_and_makes_no_report():
    shares = Shares(0.3, 0.6, is_fragment=True)
    assert shares.weight == 0.0
    assert shares.copied == shares.overlap == 0.6
    assert shares.reversed().is_fragment
    assert partition_reports(["a0", "a1"], rows({("a0", "a1"): shares})) == [frozenset({"a0"}), frozenset({"a1"})]


def test_two_cuts_of_one_file_that_have_a_fragment_in_common_stay_with_the_file():
    shared = rows(
        {
            ("a0", "a1"): Shares(0.8, 1.0),
            ("a0", "a2"): Shares(0.5, 1.0),
            ("a1", "a2"): Shares(0.36, 0.56, is_fragment=True),
        }
    )
    assert partition_reports(["a0", "a1", "a2"], shared) == [frozenset({"a0", "a1", "a2"})]


def test_a_cut_stays_with_its_file_however_many_others_have_no_more_than_a_fragment_of_it():
    names = ["a0", "a1", "a2", "a3", "a4"]
    carried = {("a0", name): Shares(0.5, 1.0) for name in names[1:]}
    others = {(one, other): Shares(0.8, 0.8) for one, other in combinations(names[1:4], 2)}
    beside = {(name, "a4"): Shares(0.5, 0.5, is_fragment=True) for name in names[1:4]}
    assert partition_reports(names, rows(carried | others | beside)) == [frozenset(names)]
    # Without the file of both, or where it holds no more of either, each tells news of his own.
    alone = partition_reports(names[1:], rows(others | beside))
    assert alone == [frozenset(names[1:4]), frozenset({"a4"})]
    partly = {pair: Shares(0.5, 0.6) for pair in carried}
    assert frozenset(names) not in partition_reports(names, rows(partly | others | beside))


def test_the_fullest_article_represents_its_report_and_the_shorter_one_among_equals():
    shared = rows({("a0", "a1"): Shares(1.0, 0.4), ("a0", "a2"): Shares(1.0, 1.0), ("a1", "a2"): Shares(0.4, 1.0)})
    sizes = {"a0": 400, "a1": 1000, "a2": 410}
    assert representative(["a0", "a1", "a2"], shared, sizes) == "a1"
    same = rows({("a0", "a2"): Shares(1.0, 1.0)})
    assert representative(["a2", "a0"], same, {"a0": 411, "a2": 410}) == "a2"
    assert representative(["a2", "a0"], same, {"a0": 410, "a2": 410}) == "a0"
