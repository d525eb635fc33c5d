import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.quotations import MARKS, quotations
from tests.timing import is_linear

PAIRS = {
    "American": "“”",
    "typewriter": '""',
    "full width": "＂＂",
    "British": "‘’",
    "German": "„“",
    "German books": "»«",
    "German, inner": "‚‘",
    "German books, inner": "›‹",
    "Dutch and Polish": "„”",
    "Swedish": "””",
    "Finnish books": "»»",
    "Spanish and Russian": "«»",
    "Swiss, inner": "‹›",
    "Japanese": "「」",
    "Japanese, inner": "『』",
    "old wire": ("``", "''"),
}
pair = st.sampled_from(list(PAIRS.values()))
phrase = st.lists(
    st.sampled_from(["it's", "der", "Hang", "3.5", "ours,", "naïve", "la", "loi", "well-known", "Räte", "déjà", "90", "war"]),
    min_size=1,
    max_size=6,
).map(" ".join)


def quoted(text):
    return [text[start:end] for start, end in quotations(text)]


@pytest.mark.parametrize("marks", PAIRS.values(), ids=PAIRS)
def test_only_what_stands_between_the_marks_is_quoted(marks):
    opens, closes = marks
    one, two = f"{opens}Wer das sagt, der lügt,{closes}", f"{opens}Das ist so.{closes}"
    assert quoted(f"{one} rief sie in den Saal. {two} Dann ging sie.") == [one, two]
    assert quoted(f"Sie sagte: {one} und setzte sich ({two}).") == [one, two]


@given(pair, phrase, phrase, phrase)
def test_the_copy_around_a_quotation_is_never_quoted(marks, before, inside, after):
    opens, closes = marks
    quote = f"{opens}X{inside}.{closes}"
    assert quoted(f"Er X{before}: {quote} {after}") == [quote]


@given(st.text(st.sampled_from(MARKS + "`ab1,. \n—("), max_size=60))
def test_quotations_lie_in_the_text_in_order_and_apart(text):
    ranges = quotations(text)
    ends = [position for found in ranges for position in found]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(text) for start, end in ranges)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("« Bonjour », dit-il. « Encore ! » Puis il partit.", ["« Bonjour »", "« Encore ! »"]),
        ("«\u202fOui\u202f» (rires) et «\u202fnon\u202f».", ["«\u202fOui\u202f»", "«\u202fnon\u202f»"]),
        ("«Роман «Война и мир» хорош», — сказал он.", ["«Роман «Война и мир» хорош»"]),
        ("„Er sagte ‚komm‘ und ging“, so Lorenz.", ["„Er sagte ‚komm‘ und ging“"]),
        ("‘He said “it’s” ours,’ she told us.", ["‘He said “it’s” ours,’"]),
        ("»Hab’s ›Faust‹ gelesen«, sagte er.", ["»Hab’s ›Faust‹ gelesen«"]),
        ("„Freibad“-Debatte, die „Räte“, und „Wer“s war", ["„Freibad“", "„Räte“", "„Wer“"]),
        ("他说：“是的。”“不是。”她走了。", ["“是的。”“不是。”"]),
        ("「是的。」周立新说。『不』", ["「是的。」", "『不』"]),
        ("그는 “좋다”고 말했다.", ["“좋다”"]),
        ("'\"Well,\" he said, and left,' she said.", ["'\"Well,\" he said, and left,'"]),
        ('The "A" shares rose; "B" fell.', ['"A"', '"B"']),
        ('"Our country is on the edge, "President Kolas said. "We pay."', ['"Our country is on the edge, "', '"We pay."']),
    ],
)
def test_what_is_open_and_the_spaces_tell_the_side_of_a_mark(text, found):
    joined = "".join(quoted(text))
    assert joined == "".join(found)


@pytest.mark.parametrize(
    "text",
    [
        'A 5" pipe, and a 6" hose of the painters.',
        "The company''s painting operations",
        "Home » News » Politics",
        "Mehr » Karte",
        "‘s Avonds gaat ’t licht uit in de ’90s",
        "'Tis the boys' season, they don't know it's over.",
        "'87/88 max aver min",
    ],
)
def test_inches_menus_and_lost_letters_are_no_quotations(text):
    assert quoted(text) == []


@pytest.mark.parametrize("mark", ["“", '"', "‘", "„", "»", "«", "「", "'"])
def test_a_speech_of_several_paragraphs_opens_each_and_closes_the_last(mark):
    text = f"{mark}I have been told it's late. So am I"
    assert quoted(text) == [text]


@pytest.mark.parametrize("mark", ["”", '"', "’", "“", "«", "»", " »", "」", "''"])
def test_the_rest_of_a_quotation_ends_where_it_is_closed(mark):
    assert quoted(f"We ask for a date.{mark} She sat down.") == [f"We ask for a date.{mark}"]


def test_paragraphs_of_a_speech_may_stand_in_one():
    text = "He said: “We build a base. “It will have a roof.\n“It will have a door.” Work begins in May."
    assert quoted(text) == ["“We build a base. “It will have a roof.\n“It will have a door.”"]


def test_a_quotation_that_lacks_its_end_does_not_swallow_the_copy_up_to_the_next():
    assert quoted('"Futures were led by Brent, said Ann Hill, then “we pay,” she added.') == ["“we pay,”"]
    assert quoted("„Alles war gut, sagte er, und „nichts“ blieb.") == ["„nichts“"]


@pytest.mark.parametrize(
    "piece", ['"', '"a, ', "“a ", "“A. ", "„", "» ", "''a", "‘a ", "'a ", ".’", "‚a‘ ", "\n“a”", "“‘a,’", "「"]
)
def test_time_grows_with_the_text_and_no_faster(piece):
    assert is_linear(lambda size: quotations((piece * (size // len(piece) + 1))[:size]), 100_000)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('Britain"s ruling party has enlarged its lead.', []),
        ('The "Spiegel"s report said the company had lost money. Its shares fell.', ['"Spiegel"']),
        ('He said: "It is Britain"s last chance." Then he left.', ['"It is Britain"']),
    ],
)
def test_a_mark_in_the_place_of_an_apostrophe_opens_nothing(text, quoted):
    assert [text[a:b] for a, b in quotations(text)] == quoted
