"""What a text says beyond the form that a desk fills in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.forms import (
    LEAST_NEWS,
    LEAST_SAID,
    are_for_two,
    are_two_issues,
    differ_in_figures,
    filled,
    filling,
    have_one_headline,
    is_of_another,
    said,
    telling,
    telling_of_both,
)
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


def of(title, *paragraphs):
    return filled(title, [unit(text) for text in paragraphs])


def test_a_title_that_names_somebody_whom_the_other_never_mentions_speaks_of_another():
    theirs = of("Norwald Motors buys back stock", "On Monday Norwald Motors said that it would buy back stock.")
    broker = of(
        "Lutece quotes Norwald Motors stock",
        "On Monday a broker at Lutece quoted stock of Norwald Motors at 77 crowns after the close of trade.",
    )
    assert is_of_another(theirs, broker)
    assert is_of_another(broker, theirs)
    same = of(
        "Stock of Norwald Motors bought back",
        "On Monday the directors of Norwald Motors told a banker at Hambro that its stock will be bought back.",
    )
    assert not is_of_another(theirs, same)


def test_who_owns_something_is_mentioned():
    bank = of("Landbank of Orrin issues bond", "The bond of the Landbank of Orrin is due in April.")
    raised = of("Landbank bond raised", "On Monday Orrin's Landbank raised its bond to 125 mln crowns.")
    assert not is_of_another(bank, raised)


def test_where_capitals_mark_nouns_no_title_speaks_of_another():
    fire = of("Brand zerstört Speicher", "Der Brand zerstörte den Speicher am Kai, sagte die Feuerwehr.")
    talks = of("Gewerkschaft vertagt Streik", "Die Gewerkschaft vertagte den Streik am Kai, sagte der Sprecher.")
    assert not is_of_another(fire, talks)


REPO = "The Reserve Bank arranged {} mln crowns of overnight loans when call money stood at {} pct, dealers in Velden said."


def test_the_words_of_three_sentences_of_news_say_more_than_any_form():
    text = (
        "Engineers opened two emergency gates late on Tuesday after heavy rain lifted the reservoir almost to its crest. "
        "Families in the valley below carried furniture upstairs while volunteers filled sandbags behind the school. "
        "Insurers refuse to estimate damage before roads reopen, and farmers fear that their winter wheat has drowned."
    )
    assert said(telling(unit(text))) >= LEAST_NEWS


def test_one_headline_over_other_figures_is_another_issue():
    monday, tuesday = of("Bank adds reserves", REPO.format(150, "4-3/16")), of("Bank adds reserves", REPO.format(220, "5-7/8"))
    assert differ_in_figures(monday, tuesday)
    assert are_two_issues(monday, tuesday, kept=0, is_exchanged=False)


def test_figures_that_the_shared_text_keeps_are_no_other_issue():
    monday = of(
        "Strike halts port", "The strike left 14 ships stranded at 3 ports.", "Talks failed after 6 hours on 2 of 9 points."
    )
    tuesday = of(
        "Talks begin on port strike", "The strike left 14 ships stranded at 3 ports.", "The owners met 5 of 40 delegates."
    )
    assert differ_in_figures(monday, tuesday)
    assert not are_two_issues(monday, tuesday, kept=2, is_exchanged=False)
    assert not are_two_issues(tuesday, monday, kept=2, is_exchanged=False)


def test_more_figures_on_one_side_are_a_longer_article():
    short, long = (
        of("Orrin to mint coin", "A coin of 31 grams."),
        of("Orrin to mint coin", "A coin of 31 grams.", "It sells 2,000."),
    )
    assert not differ_in_figures(short, long)
    assert not are_two_issues(short, long, kept=1, is_exchanged=False)


FILING = "{} Corp filed a registration statement for debentures of {} with the board; proceeds repay its loans."


def test_a_formula_in_the_news_of_two_is_for_two():
    one = of("ALBA LINES FILES FOR DEBT", FILING.format("Alba Lines", "Alba Lines"))
    other = of("BOREL PAPER OFFERS DEBENTURES", FILING.format("Borel Paper", "Borel Paper"))
    assert are_for_two(one, other, 9.0, is_whole=False)
    assert not are_for_two(one, one, 9.0, is_whole=True)


def test_whoever_the_other_names_as_well_is_no_other_subject():
    one = of("ALBA LINES FILES FOR DEBT", FILING.format("Alba Lines", "Alba Lines"), "It competes with Borel Paper.")
    other = of("BOREL PAPER OFFERS DEBENTURES", FILING.format("Borel Paper", "Borel Paper"))
    assert not are_for_two(one, other, 9.0, is_whole=False)


def test_nouns_with_capitals_name_nobody():
    eins = of(
        "Hochwasser in der Altstadt",
        "Das Hochwasser stieg, die Feuerwehr pumpte Keller in der Altstadt leer, sagte ein Sprecher.",
    )
    zwei = of("Flut im Tal", "Die Flut stieg, die Feuerwehr pumpte Keller im Tal leer, sagte ein Sprecher der Stadt.")
    assert min(eins.capital, zwei.capital) > 0.3
    assert not are_for_two(eins, zwei, LEAST_SAID, is_whole=False)


def test_in_a_mere_form_one_name_more_is_another_subject():
    one = of("Hollin Fund Payout", "Div 6.2 cts", "Note: Hollin Income Fund.")
    other = of("Hollin Coastal Fund Payout", "Div 6.2 cts", "Note: Hollin Coastal Income Fund.")
    assert are_for_two(one, other, 1.0, is_whole=True)
    assert are_for_two(other, one, 1.0, is_whole=True)
    assert not are_for_two(one, other, 1.0, is_whole=False)
    assert not are_for_two(one, other, LEAST_SAID, is_whole=True)


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Bank adds 150 mln", "Bank adds 220 mln", True),
        ("Quake shakes Orrin", "CORRECTED - Quake shakes Orrin", True),
        ("Alba sells unit", "Alba buys unit", False),
        ("", "Quake shakes Orrin", False),
    ],
)
def test_one_headline(one, other, wanted):
    assert have_one_headline(of(one), of(other)) is wanted
    assert have_one_headline(of(other), of(one)) is wanted
