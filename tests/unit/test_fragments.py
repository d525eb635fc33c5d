"""What two articles share is the news of one of them, or of neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.forms import LEAST_SAID, LEAST_TOLD
from service.domain.fragments import HALF_CARRIED, LEAST_CARRIED, MOSTLY_CARRIED, REPORT_PART, Carried, are_news_of_two

carried = st.builds(Carried, st.floats(0, MOSTLY_CARRIED), st.lists(st.booleans(), min_size=1, max_size=8).filter(any).map(tuple))


@pytest.mark.parametrize(
    ("units", "is_one"),
    [((1,), True), ((0, 0, 1, 1), True), ((1, 0, 1), False), ((1, 0, 0, 1), False), ((0, 0), False), ((), False)],
)
def test_a_stretch_has_no_gap(units, is_one):
    assert Carried(0.4, units).is_one_stretch is is_one


@pytest.mark.parametrize(
    ("copy", "source", "is_one_day", "are_two"),
    [
        (Carried(0.4, (0, 0, 1, 1)), Carried(0.3, (1, 1, 0, 0, 0)), True, False),  # the wire's beginning below local words
        (Carried(0.4, (0, 0, 1, 1)), Carried(0.3, (1, 1, 0, 0, 0)), False, True),  # the same on another day: old news
        (Carried(0.6, (0, 0, 1, 1)), Carried(0.3, (1, 1, 0, 0, 0)), False, False),  # unless it fills most of the page
        (Carried(0.2, (0, 0, 1, 1, 0)), Carried(0.7, (1, 1, 0)), True, True),  # an item in a list
        (Carried(0.6, (0, 1)), Carried(0.1, (1, 0, 0, 0)), True, True),  # a mention of it
        (Carried(0.4, (0, 1, 1, 0)), Carried(0.4, (0, 1, 1, 0)), True, True),  # one stretch from the middle of both
        (Carried(0.6, (0, 1, 1, 1, 0)), Carried(0.5, (0, 1, 1, 1, 0, 0)), True, False),  # which is half of both
        (Carried(0.6, (0, 1, 1, 1, 0)), Carried(0.5, (0, 1, 1, 1, 0, 0)), False, True),  # old news, on another day
        (Carried(0.6, (0, 0, 1, 1)), Carried(0.5, (0, 1, 1, 0)), True, True),  # two passages are background, or a note
        (Carried(0.4, (0, 1, 0, 1)), Carried(0.4, (0, 1, 0, 1)), True, True),  # here and there, below both leads
        (Carried(0.4, (0, 1, 0, 1)), Carried(0.3, (1, 0, 1, 0)), True, False),  # and the lead of one
        (Carried(0.6, (0, 1, 0, 1)), Carried(0.4, (0, 1, 0, 1)), True, False),  # and most of one
    ],
)
def test_whose_news_is_shared(copy, source, is_one_day, are_two):
    assert are_news_of_two(copy, source, is_one_day=is_one_day) is are_two


@given(carried, carried, st.booleans())
def test_neither_comes_first(mine, theirs, is_one_day):
    assert are_news_of_two(mine, theirs, is_one_day=is_one_day) is are_news_of_two(theirs, mine, is_one_day=is_one_day)


@given(carried, carried)
def test_what_is_two_on_one_day_is_two_on_another(mine, theirs):
    assert are_news_of_two(mine, theirs, is_one_day=False) or not are_news_of_two(mine, theirs, is_one_day=True)


def test_the_bounds_stand_in_order():
    assert REPORT_PART < HALF_CARRIED < MOSTLY_CARRIED
    assert LEAST_SAID < LEAST_CARRIED <= LEAST_TOLD / 2
