"""How much of two articles is one form filled in otherwise, and what that says of them."""

from datetime import timedelta

import numpy as np
import pytest

from service.domain.forms import NEXT_WEEK, Filling, filled
from service.domain.refilling import Refilled, Refilling, how_far, refilling
from service.domain.tokens import unit_key
from service.domain.units import prepare

SAME, NAMES, FIGURES = (
    Filling(figures=False, names=False),
    Filling(figures=False, names=True),
    Filling(figures=True, names=False),
)


def article(title, text):
    return filled(title, [prepare(unit_key(text), text, np.zeros(8, np.float32))])


LUND = article("Mill burns down in Lund", "the mill in Lund burned at 2 and Ivo Brand of the brigade counted 14 engines")
KARST = article("Mill burns down in Karst", "the mill in Karst burned at 4 and Rolf Keller of the brigade counted 31 engines")
LATER = article("Mill burns down in Lund", "the mill in Lund burned at 3 and Ivo Brand of the brigade counted 19 engines")


@pytest.mark.parametrize(
    ("passages", "wanted"),
    [
        ([], Refilled.NOT),
        ([FIGURES], Refilled.NOT),
        ([FIGURES, NAMES], Refilled.PARTLY),
        ([FIGURES, NAMES, FIGURES], Refilled.THROUGHOUT),
        ([FIGURES, NAMES, FIGURES, SAME, SAME, SAME], Refilled.THROUGHOUT),
        ([FIGURES, NAMES, FIGURES, SAME, SAME, SAME, SAME], Refilled.PARTLY),
        ([FIGURES, NAMES, SAME, SAME, SAME, SAME, SAME, SAME], Refilled.NOT),
    ],
)
def test_it_takes_several_passages_and_a_good_part_of_them(passages, wanted):
    assert how_far(passages) is wanted


def test_other_names_throughout_show_two_reports_and_two_events():
    found = refilling(LUND, KARST, [NAMES] * 3, 4)
    assert found.are_reports
    assert found.are_events(timedelta(0))


def test_other_names_here_and_there_show_two_events_but_no_two_reports():
    found = refilling(LUND, KARST, [NAMES, FIGURES, FIGURES], 4)
    assert not found.are_reports
    assert found.are_events(None)


def test_other_figures_of_one_subject_are_news_that_goes_on_until_a_week_has_gone():
    found = refilling(LUND, LATER, [FIGURES] * 3, 4)
    assert found == Refilling(Refilled.THROUGHOUT)
    assert not found.are_events(None)
    assert not found.are_events(NEXT_WEEK - timedelta(hours=1))
    assert found.are_events(NEXT_WEEK)


def test_two_passages_show_two_events_where_they_are_all_of_the_shorter_article():
    assert refilling(LUND, KARST, [NAMES, FIGURES], 2).are_events(None)
    assert not refilling(LUND, KARST, [NAMES, FIGURES], 3).are_events(None)
    assert not refilling(LUND, KARST, [NAMES], 1).are_events(None)
    assert not refilling(LUND, LATER, [FIGURES, FIGURES], 2).are_events(NEXT_WEEK)


def test_what_says_the_same_is_no_form():
    assert refilling(LUND, LUND, [NAMES] * 3, 4) == Refilling()
