"""How much of two articles is one form filled in otherwise, and what that says of them."""

from datetime import timedelta

import numpy as np
import pytest

from service.domain.forms import NEXT_ISSUE, NEXT_WEEK, Filling, filled
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
    ("passages", "longer", "wanted"),
    [
        ([], 5, Refilled.NOT),
        ([FIGURES], 1, Refilled.NOT),
        ([FIGURES, NAMES], 2, Refilled.PARTLY),
        ([FIGURES, NAMES, FIGURES], 3, Refilled.THROUGHOUT),
        ([FIGURES, NAMES, FIGURES, SAME, SAME], 5, Refilled.THROUGHOUT),
        ([FIGURES, NAMES, FIGURES, SAME, SAME, SAME], 6, Refilled.PARTLY),
        ([FIGURES, NAMES, FIGURES], 6, Refilled.PARTLY),
        ([FIGURES, NAMES, SAME], 8, Refilled.NOT),
    ],
)
def test_it_takes_several_passages_and_more_than_half_of_the_longer_article(passages, longer, wanted):
    assert how_far(passages, longer) is wanted


def test_figures_of_one_day_are_running_news_and_make_no_form():
    found = refilling(LUND, LATER, [FIGURES] * 3, 4, 5)
    assert found.as_issues(None) is found.as_issues(NEXT_ISSUE - timedelta(hours=1)) is Refilled.PARTLY
    assert found.as_issues(NEXT_ISSUE) is Refilled.THROUGHOUT
    assert refilling(LUND, KARST, [FIGURES] * 3, 4, 5).as_issues(timedelta(0)) is Refilled.THROUGHOUT


def test_respelt_names_are_no_others():
    kyiv = article("Mill burns down in Kyiv", "the mill in Kyiv burned at 2 and Serhiy Zelenskyy of Kharkiv counted 14 engines")
    kiev = article("Mill burns down in Kiev", "the mill in Kiev burned at 2 and Sergey Zelensky of Kharkov counted 14 engines")
    assert refilling(kyiv, kiev, [NAMES] * 3, 4, 5) == Refilling()


def test_other_names_throughout_show_two_reports_and_two_events():
    found = refilling(LUND, KARST, [NAMES] * 3, 4, 5)
    assert found.are_reports
    assert found.are_events(timedelta(0))


def test_other_names_here_and_there_show_two_events_but_no_two_reports():
    found = refilling(LUND, KARST, [NAMES, FIGURES, FIGURES], 4, 5)
    assert not found.are_reports
    assert found.are_events(None)


def test_other_figures_of_one_subject_are_news_that_goes_on_until_a_week_has_gone():
    found = refilling(LUND, LATER, [FIGURES] * 3, 4, 5)
    assert found == Refilling(Refilled.THROUGHOUT)
    assert not found.are_events(None)
    assert not found.are_events(NEXT_WEEK - timedelta(hours=1))
    assert found.are_events(NEXT_WEEK)


def test_two_passages_show_two_events_where_they_are_all_of_the_shorter_article():
    assert refilling(LUND, KARST, [NAMES, FIGURES], 2, 4).are_events(None)
    assert not refilling(LUND, KARST, [NAMES, FIGURES], 3, 4).are_events(None)
    assert not refilling(LUND, KARST, [NAMES], 1, 2).are_events(None)
    assert not refilling(LUND, LATER, [FIGURES, FIGURES], 2, 4).are_events(NEXT_WEEK)


def test_what_says_the_same_is_no_form():
    assert refilling(LUND, LUND, [NAMES] * 3, 4, 5) == Refilling()
