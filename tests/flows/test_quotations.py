"""What a speaker said recurs in independent reports, whatever marks each house sets; who carries the reporting carries the quotes."""

import pytest

from tests import samples
from tests.flows.parts import Shelf, partitions

SPOKEN = (
    (
        "I gave these players everything I had, and in the end it was not enough. A coach who can no longer sleep should not be asking "
        "others to run."
    ),
    (
        "I leave with my head held high. I was told when I came that this was a family, and nobody has treated me otherwise, not even "
        "this week."
    ),
)
LONG = " ".join(
    f"When the river came for the {nth} time, no minister waded beside us, and the boys of the football club carried our {thing} up the "
    "stairs while we waited for a pump that somebody in the capital had promised us by Easter."
    for nth, thing in zip(
        ("first", "second", "third", "fourth", "fifth", "sixth"),
        ("beds", "books", "cats", "chairs", "pots", "bread"),
        strict=True,
    )
)
MARKS = ("“”", '""', "‘’", "''", "»«", "«»", "„“", "””", "「」")


def spoken(marks):
    return [f"{marks[0]}{words}{marks[1]}" for words in SPOKEN]


def club(marks):
    one, two = spoken(marks)
    return (
        "The coach of Norwald Rovers has resigned after a run of nine defeats that leaves the club at the foot of its division.",
        one,
        "Pat Dunmore, 52, read the words from a sheet of paper on Sunday night and took no questions from those who had waited.",
        two,
        "Rovers, cup winners in 1974, have eleven points from twenty matches.",
    )


def paper(marks):
    one, two = spoken(marks)
    return (
        "Ten minutes after the last whistle, a tired man in a wet coat walked into the press room beside the car park.",
        one,
        "Outside, a dozen supporters clapped him to his taxi, although they had sung for his dismissal an hour before.",
        "Chairman Idris Vale denied that he had been about to sack him, and would name no successor.",
        two,
    )


def told_at_length(marks, lead, end):
    return lead, f"{marks[0]}{LONG}{marks[1]}", end


def shelf(**bodies):
    titles = {
        "club": "Dunmore quits Rovers after ninth defeat",
        "paper": "Ten minutes after the whistle",
        "copy": "Dunmore quits",
    }
    return Shelf.of(
        {
            name: samples.prepared(samples.body(name, paragraphs, name, f"{name}.example", title=titles[name]))
            for name, paragraphs in bodies.items()
        }
    )


def kinds(corpus, one, other):
    match = corpus.match(corpus.key_of[one], corpus.key_of[other])
    return set() if match is None else {pair.kind for pair in match.pairs}


@pytest.mark.parametrize("marks", MARKS)
def test_two_who_quote_one_speaker_in_marks_of_their_own_are_two_reports(marks):
    corpus = shelf(club=club("“”"), paper=paper(marks)).filled(["club", "paper"])
    assert partitions(corpus)[0] == {frozenset({"club"}), frozenset({"paper"})}
    assert kinds(corpus, "club", "paper") == {"quotation"}
    assert corpus.shared[corpus.key_of["club"]].get(corpus.key_of["paper"]) is None, "nothing of what the reporters wrote"


@pytest.mark.parametrize("marks", MARKS)
def test_who_sets_other_marks_in_a_report_that_he_carries_is_of_that_report(marks):
    corpus = shelf(club=club("“”"), copy=club(marks)[:4]).filled(["club", "copy"])
    assert partitions(corpus)[0] == {frozenset({"club", "copy"})}
    assert kinds(corpus, "club", "copy") == {"verbatim"}


@pytest.mark.parametrize("marks", ["“”", "‘’", "„“", "»«"])
def test_a_quotation_longer_than_a_unit_is_one_to_its_end(marks):
    one = told_at_length(
        '""', "A nurse made the speech of the day, although she was given three minutes.", "Delegates rose and sang."
    )
    two = told_at_length(
        marks, "Hardly anybody in the hall had heard of her before.", "She goes back to her night shift on Monday."
    )
    corpus = shelf(club=one, paper=two).filled(["club", "paper"])
    assert len(corpus.entries[corpus.key_of["club"]].units) == 4, "the quotation is two units"
    assert partitions(corpus)[0] == {frozenset({"club"}), frozenset({"paper"})}
    assert kinds(corpus, "club", "paper") == {"quotation"}
