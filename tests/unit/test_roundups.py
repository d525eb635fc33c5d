import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.domain.reports import Shares, partition_reports
from service.domain.roundups import events_touched

NAMES = [f"e{i}" for i in range(7)]
part = st.sampled_from([0.0, 0.06, 0.1, 0.15, 0.2, 0.3, 0.39, 0.5, 1.0])
graphs = st.dictionaries(
    st.tuples(st.sampled_from(["x", *NAMES]), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1]),
    st.builds(Shares, part, part, has_lead=st.booleans(), lead_held=st.booleans()),
    max_size=16,
)


def rows(edges):
    found = {name: {} for name in ("x", *NAMES)}
    for (a, b), shares in edges.items():
        found[a][b], found[b][a] = shares, shares.reversed()
    return found


def briefing(*parts, **others):
    """Article x, which holds the beginnings of others as such parts of its body."""
    edges = {("x", name): Shares(size, 0.3, has_lead=True) for name, size in zip(NAMES, parts, strict=False)}
    return rows(edges | {tuple(pair.split("_")): shares for pair, shares in others.items()})


def touched(shared, one_event=frozenset()):
    return events_touched("x", shared, lambda a, b: (a, b) in one_event or (b, a) in one_event)


def test_a_briefing_touches_the_events_whose_beginnings_it_carries():
    assert touched(briefing(0.2, 0.25, 0.15)) == ("e1", "e0", "e2")
    assert touched(briefing(0.1, 0.1, 0.1, 0.1, 0.1)) == ("e0", "e1", "e2", "e3", "e4")


def test_what_is_mostly_about_one_thing_is_no_roundup():
    assert touched(briefing(0.45, 0.2, 0.2)) == ()
    assert touched(briefing(0.15, 0.15, 0.15)) == (), "three pieces of background in an article of its own"
    assert touched(briefing(0.3, 0.3)) == ()
    assert touched(briefing(0.3, 0.3, 0.05)) == ()


def test_several_reports_of_one_event_are_one_event():
    assert touched(briefing(0.3, 0.3, 0.3), {("e0", "e1")}) == ()
    assert touched(briefing(0.3, 0.3, 0.3, e0_e2=Shares(0.2, 0.2))) == ()


def test_an_item_of_which_others_reuse_the_rest_is_no_roundup():
    shared = rows({("x", name): Shares(0.3, 0.2, has_lead=False, lead_held=True) for name in NAMES[:4]})
    assert touched(shared) == ()


def test_another_roundup_of_the_same_events_does_not_make_them_one():
    shared = briefing(0.2, 0.2, 0.2, 0.39, e3_e0=Shares(0.2, 0.3), e3_e1=Shares(0.2, 0.3), e3_e2=Shares(0.2, 0.3))
    assert touched(shared) == ("e0", "e1", "e2")


def test_a_roundup_is_a_report_with_nothing_but_its_own_copies():
    edges = {(name, event): Shares(0.2, 0.9) for name in ("x", "e6") for event in NAMES[:3]}
    edges |= {("x", "e6"): Shares(0.9, 0.9), ("e0", "e5"): Shares(1.0, 1.0), ("x", "e5"): Shares(0.2, 0.9)}
    found = partition_reports(["x", *NAMES], rows(edges), {"x", "e6"})
    assert {frozenset({"x", "e6"}), frozenset({"e0", "e5"}), frozenset({"e1"}), frozenset({"e2"})} <= set(found)
    edges["x", "e6"] = Shares(0.6, 0.6)
    assert frozenset({"x"}) in partition_reports(["x", *NAMES], rows(edges), {"x", "e6"})


@given(graphs, st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))), st.randoms(use_true_random=False))
def test_the_order_of_the_graph_plays_no_part_and_events_are_unrelated(edges, one_event, chance: random.Random):
    shared = rows(edges)
    found = touched(shared, one_event)
    mixed = {a: dict(chance.sample(sorted(row.items(), key=str), len(row))) for a, row in shared.items()}
    assert touched(mixed, one_event) == found
    assert len(found) == 0 or len(found) >= 3
    for one in found:
        assert shared["x"][one].has_lead
        for other in found:
            assert one == other or other not in shared[one] or shared[one][other].weight < 0.12
            assert (one, other) not in one_event or one == other
    assert all(shared["x"][a].mine >= shared["x"][b].mine for a, b in pairwise(found))
