"""What a text says beyond the form that a desk fills in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.forms import LEAST_SAID, filling, said, telling, telling_of_both
from service.domain.reports import RAW_THRESHOLD, Shares
from service.domain.tokens import unit_key
from service.domain.units import prepare


def unit(text):
    return prepare(unit_key(text), text, np.zeros(8, np.float32))


@pytest.mark.parametrize(
    "text",
    [
        "Qtly div 14 cts vs 12 cts prior, pay April 30, record April 16",
        "Shr 31 cts vs 28 cts, net 4,210,000 vs 3,905,000, revs 61.2 mln vs 58.8 mln",
        "Ulm 3, Graz 1. Zürich 2, Lyon 2. Porto 0, Bilbao 4.",
        "Lisbon 21 C, Oslo 4 C, Athens 24 C, Dublin 11 C",
    ],
)
def test_a_row_says_no_more_than_its_form(text):
    assert said(telling(unit(text))) < LEAST_SAID


@pytest.mark.parametrize(
    "text",
    [
        "Engineers opened two emergency gates late on Tuesday after heavy rain lifted the reservoir almost to its crest.",
        "Ingenieure öffneten am späten Dienstag zwei Tore des Staudamms, nachdem heftiger Regen den See gefüllt hatte.",
        "工程师周二晚间打开了水库的两道紧急闸门，此前暴雨使水位几乎达到坝顶，迫使山谷居民离家。",
    ],
)
def test_a_sentence_of_news_says_more(text):
    assert said(telling(unit(text))) >= LEAST_SAID


@given(st.lists(st.sampled_from(["dam", "river", "flood", "12", "1,900", "the"]), max_size=8), st.randoms())
def test_what_is_said_does_not_depend_on_order_or_repetition(words, random):
    again = words + words[:2]
    random.shuffle(again)
    assert said(set(words)) == said(set(again))


def test_words_of_both_are_those_within_the_ranges():
    one, two = unit("The old bridge carries trams and a market"), unit("A market stands where the bridge was")
    assert telling_of_both(one, two, [(0, 3, 0, 0)]) == {"the", "bridge"}
    assert telling_of_both(one, two, []) == set()


BOND = "{} is issuing a {} mln dlr eurobond due {} paying {} pct and priced at {}, lead manager {} said."


def test_one_form_filled_otherwise_is_known_by_its_figures_and_names():
    one = unit(BOND.format("Toyo Credit", 150, "April 1992", "7-3/4", "101-3/4", "Hambro Vale"))
    other = unit(BOND.format("Gaswerke Nord", 90, "June 1995", "8-1/8", "100-1/2", "Crédit Lutèce"))
    found = filling(one, other)
    assert found.figures
    assert found.names


def test_the_same_terms_in_other_words_fill_nothing_otherwise():
    one = unit(BOND.format("Toyo Credit", 150, "April 1992", "7-3/4", "101-3/4", "Hambro Vale"))
    again = unit(
        "Toyo Credit will issue a 150 mln dlr eurobond due April 1992 that pays 7-3/4 pct, priced at 101-3/4, Hambro Vale said."
    )
    found = filling(one, again)
    assert not found.figures
    assert not found.names


def test_a_shared_form_counts_as_overlap_and_not_towards_a_report():
    shares = Shares(0.9, 0.8, is_form=True)
    assert shares.weight == 0.0
    assert shares.overlap == 0.9 >= RAW_THRESHOLD
    assert shares.reversed().is_form
