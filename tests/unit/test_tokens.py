from itertools import pairwise

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
