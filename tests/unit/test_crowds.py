from hypothesis import given
from hypothesis import strategies as st

from service.domain import crowds
from service.domain.crowds import CROWD, LONG, filling, is_compared_by_meaning, is_row, marks
from service.domain.tokens import unit_key
from tests import samples

WORDS = [
    "harbor",
    "grain",
    "fire",
    "council",
    "orchid",
    "tram",
    "driver",
    "farmer",
    "silo",
    "bridge",
    "river",
    "storm",
    "ferry",
    "mayor",
    "canal",
]


def rows(count, percent="percent"):
    return [
        f"Share number {n} rose {n % 7}.{n % 9 + 1} {percent} in thin trading as buyers waited for figures." for n in range(count)
    ]


def prose(count):
    return [
        f"In {WORDS[n % 15]} street {WORDS[n // 15 % 15]} {n} met {WORDS[n * 7 % 15]} and the {WORDS[n * 4 % 15]}."
        for n in range(count)
    ]


def keys(texts):
    return [unit_key(text, mark) for text, mark in zip(texts, marks(texts), strict=True)]


def test_ordinary_articles_have_no_marks():
    for paragraphs in (samples.WIRE, samples.LOCAL, samples.STRIKE, rows(CROWD), prose(LONG)):
        assert set(marks(paragraphs)) == {""}
    assert keys(samples.WIRE) == [unit_key(text) for text in samples.WIRE]


def test_lines_of_one_form_are_rows_and_found_again_by_what_is_filled_in():
    one, other = rows(CROWD + 1), rows(CROWD + 5, "per cent")
    mine, theirs = keys(one), keys(other)
    assert all(map(is_row, mine + theirs))
    assert not any(map(is_compared_by_meaning, mine))
    assert [filling(key) for key in mine] == [filling(key) for key in theirs[: CROWD + 1]]
    assert len({filling(key) for key in theirs}) == CROWD + 5
    assert len(set(mine + theirs)) == 2 * CROWD + 6


def test_prose_around_a_table_stays_prose():
    found = marks([*samples.WIRE, *rows(40), *samples.LOCAL])
    assert found[:5] == [""] * 5
    assert found[-4:] == [""] * 4
    assert all(found[5:-4])


def test_rows_that_say_the_same_are_not_found_by_it():
    found = keys([f"The mayor of Velden and councillor {word} {other} spoke at length." for word in WORDS for other in WORDS])
    assert all(map(is_row, found))
    assert {filling(key) for key in found} == {""}


def test_a_line_that_is_repeated_is_no_crowd():
    assert set(marks(["The ferry stayed in the port on Monday because of the storm."] * 1000)) == {""}


def test_very_long_articles_are_compared_by_words_alone():
    found = keys(prose(LONG + 1))
    assert not any(map(is_compared_by_meaning, found))
    assert not any(map(is_row, found))


@given(st.lists(st.sampled_from([*rows(40), *prose(30), "", "Yes.", "中文句子没有空格但有很多字。"]), max_size=80))
def test_marks_do_not_depend_on_the_order_of_the_paragraphs(texts):
    assert dict(zip(texts, marks(texts), strict=True)) == dict(zip(reversed(texts), marks(texts[::-1]), strict=True))


def test_a_marked_unit_is_another_unit():
    text = rows(1)[0]
    assert len({unit_key(text), unit_key(text, crowds._ROW), unit_key(text, crowds._WORDS)}) == 3
    # Vectors are named by the first digits of the key.
    assert unit_key(text)[:15] != unit_key(text, crowds._ROW)[:15]
