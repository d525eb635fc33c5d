from bisect import bisect_left
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.alignment import align
from service.domain.matching import is_hopeless, judge, weigh
from service.domain.tokens import tokenize, unit_key, unit_ranges
from service.domain.units import prepare
from service.resources import load_weights

WEIGHTS = load_weights()
words = st.lists(
    st.sampled_from(
        ["dam", "river", "council", "said", "the", "of", "120", "flood", "engineers", "water", "valley", "was", "in", "bridge"]
    ),
    max_size=40,
)

WIRE = (
    "Engineers opened two emergency gates at the Harrow dam late on Tuesday after heavy rain lifted the reservoir to within "
    "40 centimetres of its crest, forcing 1,200 people to leave their homes in the valley below."
)


def unit(text, direction=0):
    vector = np.zeros(8, np.float32)
    vector[direction] = 1
    return prepare(unit_key(text), text, vector)


def verdict(a, b):
    return judge(unit(a), unit(b), WEIGHTS)


@given(words, words)
def test_alignment_blocks_are_equal_words_in_order(a, b):
    for stretch in align(a, b):
        last = (-1, -1)
        for i, j, n in stretch.blocks:
            assert a[i : i + n] == b[j : j + n]
            assert (i, j) > last
            last = (i + n - 1, j + n - 1)
        assert stretch.a_end <= len(a)
        assert stretch.b_end <= len(b)


@settings(max_examples=60)
@given(words, words)
def test_a_verdict_does_not_depend_on_the_order_of_the_two(a, b):
    one, two = " ".join(a), " ".join(b)
    if unit_key(one) != unit_key(two):
        assert verdict(one, two) == verdict(two, one)


@settings(max_examples=60)
@given(words)
def test_spans_lie_within_both_units(a):
    text, longer = " ".join(a), WIRE + " " + " ".join(a)
    pair = verdict(text, longer)
    if pair is not None:
        sizes = {unit_key(text): len(tokenize(text)), unit_key(longer): len(tokenize(longer))}
        for a0, a1, b0, b1 in pair.spans:
            assert 0 <= a0 < a1 <= sizes[pair.a]
            assert 0 <= b0 < b1 <= sizes[pair.b]


def test_case_and_punctuation_are_verbatim():
    assert verdict(WIRE, WIRE.upper().replace(",", "")).kind == "verbatim"


def test_a_respelt_and_cut_sentence_is_edited():
    pair = verdict(
        WIRE,
        "Engineers opened two emergency gates at the Harrow dam on Tuesday after heavy rain lifted the reservoir to within 40 centimeters "
        "of its crest, forcing 1,200 people to leave their homes.",
    )
    assert pair.kind == "edited"
    assert pair.confidence > 0.9


def test_every_third_word_replaced_is_a_paraphrase():
    pair = verdict(
        WIRE,
        "Technicians opened a pair of emergency gates at the Harrow barrage late on Tuesday following heavy rain which lifted the "
        "lake to within 40 centimetres of its rim, forcing 1,200 people to abandon their houses in the valley beneath.",
    )
    assert pair.kind in {"paraphrase", "edited"}


def test_other_figures_are_another_fact():
    assert (
        verdict(
            "Wheat closed at 512 cents, up 14, and corn at 388 cents, up 3, in trade of 41,200 contracts.",
            "Wheat closed at 498 cents, up 22, and corn at 391 cents, up 6, in trade of 38,900 contracts.",
        )
        is None
    )


def test_the_same_fact_in_other_words_is_no_copy():
    assert (
        verdict(
            WIRE,
            "About a thousand residents were told to go on Tuesday night because the lake behind the Harrow dam was almost full.",
        )
        is None
    )


def test_a_shared_quotation_is_no_copying():
    quote = '"We will not let anyone go back into the valley until the last gate has been inspected by our own people,"'
    pair = verdict(
        f"{quote} minister Ana Kovel told reporters.",
        f"Speaking in the capital, the interior minister was blunt. {quote} she said on air.",
    )
    assert pair.kind == "quotation"


SPOKEN = "Nobody in this valley was told that the gates would be opened, and nobody has been told when they will be closed again"


@pytest.mark.parametrize(
    ("opens", "closes"),
    [('"', '"'), ("“", "”"), ("‘", "’"), ("'", "'"), ("„", "“"), ("«", "»"), ("»", "«"), ("”", "”"), ("‚", "‘"), ("「", "」")],
)
def test_a_statement_in_two_reports_is_a_quotation_although_both_name_the_speaker(opens, closes):
    pair = verdict(
        f"Reacting on Thursday, Mara Ellwood of the chamber of trade did not mince words: {opens}{SPOKEN}.{closes}",
        f"{opens}{SPOKEN},{closes} complained Mara Ellwood of the chamber of trade after a meeting with the minister.",
    )
    assert pair is not None
    assert pair.kind == "quotation"


def test_the_same_words_in_marks_of_another_kind_are_the_same_quotation():
    texts = [f"{opens}{SPOKEN}.{closes}" for opens, closes in ('""', "‘’", "»«", "‚‘", "「」")]
    for one, other in combinations(texts, 2):
        assert (one, other, verdict(one, other).kind) == (one, other, "quotation")
    assert verdict(f'"{SPOKEN}."', f"‘{SPOKEN}’").overlap_a == 1.0


def test_equal_words_are_copy_where_they_stand_in_marks_on_one_side_alone():
    assert verdict(f'"{SPOKEN}."', f"{SPOKEN}.").kind == "verbatim"
    around = "Half of the town, the fire brigade and both of its old engines stood at the barrier when she shouted:"
    assert verdict(f'{around} "Not again!"', f"{around} ‘Not again!’").kind == "verbatim"


def test_a_quotation_of_everyday_words_is_no_copied_reporting():
    pair = verdict(
        'Race director Margrethe Sandvik said: "We will do all that we can to make sure that they all get home."',
        '"We will do all that we can to make sure that they all get home," race director Margrethe Sandvik promised.',
    )
    assert pair.kind == "quotation"
    assert pair.confidence > 0.5, "as copy it would be sure"


@pytest.mark.parametrize(("opens", "closes"), [('"', '"'), ("“", "”"), ("‘", "’"), ("»", "«"), ("„", "“")])
def test_both_parts_of_a_quotation_that_is_longer_than_a_unit_are_quotation(opens, closes):
    speech = " ".join(f"We asked for pump number {number} and got a leaflet about newts." for number in range(1, 25))
    text = f"{opens}{speech}{closes}"
    parts = [text[start:end] for start, end in unit_ranges(text, 0, len(text))]
    assert len(parts) == 2
    assert all(unit(part).is_quotation for part in parts)


def test_reporting_that_is_copied_around_a_statement_is_copy():
    around = (
        "Mara Ellwood, who had driven through the night to see the flooded workshops with her own eyes, told the crowd outside"
    )
    pair = verdict(f'{around} the town hall: "We were not told."', f'{around} City Hall: "We were not told."')
    assert pair is not None
    assert pair.kind == "edited"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("He said: ‘It’s ours,’ and left.", ["it's", "ours"]),
        ("The players' union's men don't want 'em.", []),
        ("They asked: 'Don't we count?'", ["don't", "we", "count"]),
        ("In the ’90s and ’00s they played.", []),
        ("‘The workers’ union will strike,’ she said.", ["the", "workers", "union", "will", "strike"]),
        ("'The workers' union will strike,' she said.", ["the", "workers", "union", "will", "strike"]),
        ("The goats' milk, sold in 'em markets, was the farmers.' Next.", []),
    ],
)
def test_apostrophes_are_not_taken_for_quotation_marks(text, quoted):
    found = unit(text)
    assert [found.tokens.words[i] for i in sorted(found.quoted)] == quoted


def test_a_unit_of_many_quotes_is_made_ready_in_time_that_grows_with_it(monkeypatch):
    asked = []
    monkeypatch.setattr("service.domain.units.bisect_left", lambda starts, end: asked.append(end) or bisect_left(starts, end))
    found = unit("‘Aa b,’ said Cc. " * 2_000)
    assert len(found.quoted) == 4_000
    assert len(asked) == 8_000, "two walks over the quotes, both ends of each looked up and not searched for"


def test_one_name_for_another_counts_at_the_ends_of_a_sentence_too():
    told = "who runs a bakery nearby, recalled that everyone in the street had talked of nothing else"
    one, other = unit(f"Corin Hoxwell, {told}."), unit(f"Nadim Lisloard, {told}.")
    same = unit(f"Corin Hoxwell, {told} for days.")
    assert weigh(one, other, 1.0, WEIGHTS).features["names_differ"] == 1.0
    assert weigh(one, same, 1.0, WEIGHTS).features["names_differ"] == 0.0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "Die Feuerwehr räumte am Dienstagabend zwei Straßen unterhalb der Talsperre, nachdem der Pegel um 40 Zentimeter gestiegen war.",
            "Die Feuerwehr räumte am Dienstag zwei Straßen unterhalb der Talsperre, nachdem der Pegel um 40 Zentimeter gestiegen war, hieß es.",
        ),
        (
            "Los bomberos desalojaron el martes dos calles situadas bajo la presa después de que el nivel subiera 40 centímetros.",
            "Los bomberos desalojaron dos calles situadas bajo la presa después de que el nivel subiera 40 centímetros, según la alcaldía.",
        ),
        (
            "Пожарные вечером во вторник эвакуировали жителей двух улиц ниже плотины, когда уровень воды поднялся на 40 сантиметров.",
            "Пожарные во вторник эвакуировали жителей двух улиц ниже плотины, когда уровень воды поднялся на 40 сантиметров, сообщили власти.",
        ),
        (
            "أخلت فرق الإطفاء مساء الثلاثاء شارعين أسفل السد بعد أن ارتفع منسوب المياه أربعين سنتيمترا خلال ساعات قليلة",
            "أخلت فرق الإطفاء الثلاثاء شارعين أسفل السد بعد أن ارتفع منسوب المياه أربعين سنتيمترا خلال ساعات قليلة كما قالت البلدية",
        ),
        (
            "消防部门周二晚间疏散了大坝下游两条街道的居民，此前水位在数小时内上涨了40厘米，当局称情况已经得到控制。",
            "消防部门周二疏散了大坝下游两条街道的居民，此前水位在数小时内上涨了40厘米，当局表示情况已经得到控制。",
        ),
    ],
    ids=["de", "es", "ru", "ar", "zh"],
)
def test_edited_copy_is_found_in_other_languages(a, b):
    assert verdict(a, b).kind == "edited"


def hopeless(a, b):
    a, b = sorted((a, b), key=lambda one: one.key)
    return is_hopeless(a, b, float(a.vector @ b.vector), WEIGHTS)


def weighed(a, b):
    a, b = sorted((a, b), key=lambda one: one.key)
    return weigh(a, b, float(a.vector @ b.vector), WEIGHTS)


PIECES = (
    "the harbor", "the harbour", "was closed", "was shut", "on Monday", "on Tuesday", "Velden", "Orrin", "Mayor Hanne Brook",
    "eighteen", "17", "2.3 percent", "4.1 per cent", "rose", "fell", '"nobody was hurt"', "“we are tired”", "she said,", "according to",
    "wheat futures", "grain terminal", "firefighters", "firemen pumped", "pumping", ".", "At noon",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=3, max_size=14), st.data(), st.integers(0, 1))
def test_what_is_turned_down_unseen_is_what_an_alignment_turns_down(pieces, data, direction):
    other = list(pieces)
    for _ in range(data.draw(st.integers(0, 6))):
        other[data.draw(st.integers(0, len(other) - 1))] = data.draw(st.sampled_from(PIECES))
    one, two = unit(" ".join(pieces)), unit(" ".join(other), direction)
    if hopeless(one, two):
        assert weighed(one, two) is None


def test_rows_of_a_table_are_told_apart_without_an_alignment(monkeypatch):
    rows = [unit(f"Brewery number {n} rose {n % 7}.{n % 9} percent to {n + 40}") for n in range(60)]
    aligned = []
    monkeypatch.setattr("service.domain.matching.align", lambda *given: aligned.append(given) or [])
    assert not any(judge(a, b, WEIGHTS) for a in rows for b in rows if a.key < b.key)
    assert not aligned
