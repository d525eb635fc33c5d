from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from service.domain.branching import find_cycle, maximum_branching

NAMES = "abcd"
rows = st.dictionaries(
    st.sampled_from(NAMES), st.dictionaries(st.sampled_from(NAMES + "xy"), st.integers(-2, 9).map(float), max_size=5), max_size=4
)


def weight(chosen, links):
    return sum(links[target][source] for target, source in chosen.items())


def best_by_trying(links):
    targets = sorted(links)
    options = [[None, *(s for s in links[t] if s != t)] for t in targets]
    best = 0.0
    for picks in product(*options):
        chosen = {t: s for t, s in zip(targets, picks, strict=True) if s is not None}
        if find_cycle(chosen) is None:
            best = max(best, weight(chosen, links))
    return best


@given(rows)
def test_it_is_a_branching_of_greatest_weight(links):
    chosen = maximum_branching(links)
    assert find_cycle(chosen) is None
    assert all(links[target][source] > 0 for target, source in chosen.items())
    assert weight(chosen, links) == best_by_trying(links)


def test_a_cycle_gives_way_where_it_costs_least():
    links = {"a": {"b": 5.0, "x": 3.0}, "b": {"a": 5.0, "x": 4.0}}
    assert maximum_branching(links) == {"a": "b", "b": "x"}
