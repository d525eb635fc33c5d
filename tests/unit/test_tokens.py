import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.tokens import UNIT_TOKENS, sentences, surface, tokenize, unit_key, unit_ranges

anything = st.text(max_size=400)


@given(anything)
def test_every_token_is_a_place_in_the_text(text):
    tokens = tokenize(text)
    places = list(zip(tokens.starts, tokens.ends, strict=True))
    assert places == sorted(places)
    assert all(a < b for a, b in places)
    assert all(first_end <= second_start for (_, first_end), (second_start, _) in pairwise(places))


@given(st.text(max_size=2000))
def test_units_hold_every_token_once_and_in_order(text):
    ranges = unit_ranges(text, 0, len(text))
    assert [t for a, b in ranges for t in tokenize(text[a:b]).words] == list(tokenize(text).words)
    assert all(len(tokenize(text[a:b])) <= UNIT_TOKENS for a, b in ranges)


@given(anything)
def test_surface_is_idempotent_and_keys_follow_it(text):
    assert surface(surface(text)) == surface(text)
    assert unit_key(text) == unit_key(surface(text))


@given(anything)
def test_sentences_lie_in_order_and_leave_out_only_space(text):
    ranges = sentences(text)
    covered = "".join(text[a:b] for a, b in ranges)
    assert "".join(covered.split()) == "".join(text.split())


def test_typography_does_not_change_a_unit():
    assert unit_key("He said: “It’s over” – today…") == unit_key('He said:  "It\'s over" - today...')


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        pytest.param(
            "Bundesregierung prüft Energiegesetz", "Bundes\u00adregie\u00adrung prüft Energie\u00adgesetz", id="soft hyphens"
        ),
        pytest.param("the government resigned", "the gov\u200bern\u2060ment re\ufeffsigned", id="nothing to be seen"),
        pytest.param("la crête du Léman", "la cre\u0302te du Le\u0301man", id="accents behind their letters"),
        pytest.param("the council closed a port", "the cоunсіl сlоsеd a роrt", id="Cyrillic letters in Latin words"),
        pytest.param("The Hague", "Тhe Наgue", id="large ones"),
        pytest.param("собака и кот", "cобaка и кoт", id="Latin letters in Cyrillic words"),
        pytest.param("Athens", "Αthens", id="a Greek one"),
    ],
)
def test_what_no_reader_sees_does_not_change_a_unit(plain, disguised):
    assert plain != disguised
    assert tokenize(disguised).words == tokenize(plain).words
    assert unit_key(disguised) == unit_key(plain)
    tokens = tokenize(disguised)
    assert [disguised[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)] == disguised.split()


def test_vowel_points_are_no_part_of_a_word():
    assert tokenize("وَقَالَ المُتَحَدِّثُ العـــام").words == tokenize("وقال المتحدث العام").words
    assert tokenize("שָׁלוֹם").words == tokenize("שלום").words


def test_a_stroke_that_stands_alone_is_no_word():
    assert tokenize("القاهرة ـ أ ف ب ــ").words == ("القاهرة", "أ", "ف", "ب")


def test_a_persian_joiner_is_a_space():
    assert tokenize("می\u200cخواهم کتاب\u200cها").words == tokenize("می خواهم کتاب ها").words
    assert unit_key("می\u200cخواهم") == unit_key("می خواهم")
    assert tokenize("Auf\u200clage").words == ("auflage",)


@given(anything)
def test_no_word_is_empty(text):
    assert all(tokenize(text).words)


@given(st.text(alphabet="aé1290,.:'’\u200b\u200c\u00ad\u202a\u0301\u0640\u064bسбo ", max_size=30))
def test_equal_keys_have_equal_words(text):
    assert tokenize(surface(text)).words == tokenize(text).words


@pytest.mark.parametrize("word", ["μm", "Δt", "πr", "ΔT", "μA", "ΔE", "ЭВМ5", "Wiкiмедia", "ΑΒΓ", "МВД"])
def test_words_that_really_mix_scripts_stay_as_they_are(word):
    assert surface(word) == unicodedata.normalize("NFKC", word)


@given(st.text(alphabet="aceopxyАВЕсеор\u0301\u00ad\u200bµſfiνб ", max_size=30))
def test_surface_is_idempotent_for_mixed_scripts_too(text):
    assert surface(surface(text)) == surface(text)
    assert tokenize(surface(text)).words == tokenize(text).words


def test_figures_and_scripts():
    assert tokenize("It paid $1,234.5 at 12:30").words == ("it", "paid", "1,234.5", "at", "12:30")
    assert tokenize("新华社北京9月12日电").words == ("新", "华", "社", "北", "京", "9", "月", "12", "日", "电")
    assert tokenize("Straße in München").words == ("strasse", "in", "münchen")
    assert len(tokenize("وقال المتحدث إن القوات انسحبت")) == 5


def test_abbreviations_end_no_sentence():
    text = "Mr. Smith of the U.S. Treasury spoke. He left."
    assert [text[a:b] for a, b in sentences(text)] == ["Mr. Smith of the U.S. Treasury spoke.", "He left."]


def test_a_page_given_as_one_block_becomes_several_units():
    text = " ".join(f"Sentence number {i} says that the council met again on the matter." for i in range(60))
    ranges = unit_ranges(text, 0, len(text))
    assert len(ranges) > 3
    assert all(text[b - 1] == "." for _, b in ranges)
