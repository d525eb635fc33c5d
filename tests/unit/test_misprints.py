"""Misprints: what is read as another word, what is not, and that scanned copy is matched."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.quality.scans import misread
from service.domain.matching import MISPRINTS, judge
from service.domain.misprints import mended
from service.domain.models import UnitPair
from service.domain.tokens import unit_key
from service.domain.units import Unit, prepare
from service.resources import load_weights
from tests.timing import is_linear

_WEIGHTS = load_weights()
_FILED = (
    "Engineers opened two emergency gates at the Harrow dam late on Tuesday after heavy rain lifted the reservoir to within 40 "
    "centimetres of its crest, forcing 1,200 people to leave their homes in the valley below."
)
_SCANNED = (
    "Engincers opened two emer- gency gates at tbe Harrow dam late on Tucsday aftcr heavy raln lifted the reserv oir to witbin 40 "
    "centimetres of lts crest, forcing 1,200 pcople to leavc their homes ln the valley bel0w."
)
_OPENING = "after long negotiations in the palace of the river ministry it was said by engineers and ambassadors that"
_PRINTED = "aftcr long ncgotiations in the palacc of the river ministry it was sald by engineers and ambassadors that"
"""Four misprints: one more is one of a bad print."""
_BAD_PRINT = f"{_PRINTED} the coun- cil of the govern- ment met. "
_TEXTS = st.text(alphabet="abcdefgh 0123456789.,-'\"ÄéßЖش中", max_size=200)


def _unit(text: str, cosine: float = 1.0) -> Unit:
    return prepare(unit_key(text), text, np.array([cosine, np.sqrt(1 - cosine**2)], np.float32))


def _verdict(filed: str, scanned: str, cosine: float = 0.75) -> UnitPair | None:
    return judge(_unit(filed), _unit(scanned, cosine), _WEIGHTS)


def _read(filed: str, scanned: str) -> str:
    found = mended(_unit(filed), _unit(scanned))
    return " ".join((found.b if found else _unit(scanned)).tokens.words)


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("tbe council meets today", "the council meets today"),
        ("the councll meets today", "the council meets today"),
        ("the counicl meets today", "the council meets today"),
        ("the counc1l meets today", "the council meets today"),
        ("the coun- cil meets today", "the council meets today"),
        ("the coun cil meets today", "the council meets today"),
        ("thecouncil meets today", "thecouncil meets today"),
        ("the council meefs today", "the council meets today"),
    ],
)
def test_a_misprint_is_read_as_the_word_that_the_other_has(printed: str, wanted: str) -> None:
    assert _read(f"{_OPENING} the council meets today", f"{_PRINTED} {printed}") == f"{_OPENING} {wanted}"


@pytest.mark.parametrize(
    ("filed", "printed"),
    [
        pytest.param("talks with Iran went on", "talks with Iraq went on", id="two words"),
        pytest.param("the plan was form and clear", "the plan was from and clear", id="two words of everyday"),
        pytest.param("signed in 1986 and 1991 by both", "signed in 1987 and 1992 by both", id="two years"),
        pytest.param("Mr Orlov and others spoke", "Mr Arlov and others spoke", id="two short names"),
        pytest.param("a G7 plan for GM cars", "a plan for GM cars", id="a code and a name"),
        pytest.param("the 747 and the 320 and the 757 landed", "the 737 and the 340 and the 767 landed", id="types"),
        pytest.param("a payment of 11 cents a share", "a payment of 1-1/2 cents a share", id="a fraction"),
        pytest.param("a score of 2 6 in the set", "a score of 6 2 in the set", id="two scores"),
        pytest.param("会议在北京举行", "会议在南京举行", id="characters"),
    ],
)
def test_what_may_be_another_word_is_left_as_it_stands(filed: str, printed: str) -> None:
    assert _read(f"{_OPENING} {filed}", f"{_PRINTED} {printed}") == " ".join(_unit(f"{_OPENING} {printed}").tokens.words)


def test_words_run_together_are_read_as_one_on_both_sides() -> None:
    found = mended(_unit(f"{_OPENING} the council met tonight"), _unit(f"{_PRINTED} thecouncil met toni- ght"))
    assert found is not None
    assert found.a.tokens.words == found.b.tokens.words
    assert found.a.tokens.words[-3:] == ("thecouncil", "met", "tonight")
    assert found.a.text[found.a.tokens.starts[-3] : found.a.tokens.ends[-3]] == "the council"


@pytest.mark.parametrize(
    ("filed", "printed"),
    [
        pytest.param(
            "Der Minister sagte am Montag in Berlin, die Regierung werde das Gesetz noch vor dem Sommer im Bundestag einbringen",
            "Der Minisfer sagte am Monlag in Berlin, die Regicrung werde das Gcsetz noch vor dem Sommcr im Bundestag einbringen",
            id="German",
        ),
        pytest.param(
            "El ministro dijo el lunes en Madrid que el gobierno presentará la ley de pensiones antes del verano en el parlamento",
            "El minislro dijo el luncs en Madrid que el gobicrno presentará la ley de pensioncs antes del verano en el parlamento",
            id="Spanish",
        ),
        pytest.param(
            "Министр обороны заявил в понедельник в Москве, что войска продолжат учения на границе до конца месяца",
            "Минисгр обороны заявил в понсдельник в Москве, что войска продолжат учения на границс до конца мссяца",
            id="Russian",
        ),
    ],
)
def test_a_bad_print_in_other_languages_is_read(filed: str, printed: str) -> None:
    assert _read(filed, printed) == " ".join(_unit(filed).tokens.words)


def test_a_misprint_is_known_by_the_language_of_the_text() -> None:
    french = "Le conseil municipal de la ville a voté hier soir le projet de budget pour la nouvelle école et la bibliothèque"
    assert _read(french, french.replace("hier", "hicr").replace("école", "écolc")) == french.lower()


def test_a_language_without_a_table_has_no_misprints() -> None:
    polish = (
        "Minister zdrowia powiedział w poniedziałek w Warszawie, że rząd zwiększy nakłady na szpitale powiatowe i przychodnie "
        "wiejskie, a podwyżki dla pielęgniarek wejdą w życie jesienią."
    )
    printed = polish.replace("Minister", "Minisler").replace("szpitale", "szpitalc").replace("przychodnie", "przychodnic")
    assert mended(_unit(polish), _unit(printed)) is None


def test_a_single_misprint_makes_no_bad_print() -> None:
    assert mended(_unit(_FILED), _unit(_FILED.replace("Tuesday", "Tucsday"))) is None


@pytest.mark.parametrize(("misprints", "is_read"), [(2, False), (4, True)])
def test_a_figure_is_a_misprint_among_others_only(misprints: int, is_read: bool) -> None:
    filed = "the bridge at the harbour was built in 1931 by engineers of the river ministry and opened by ambassadors"
    printed = filed.replace("1931", "1981").replace("harbour", "harhour").replace("bridge", "hridge")
    if misprints == 4:
        printed = printed.replace("engineers", "enqineers").replace("opened", "opcned")
    found = mended(_unit(filed), _unit(printed))
    assert found is not None
    assert (found.a.tokens.words == found.b.tokens.words) is is_read


def test_scanned_copy_is_a_match_that_says_so_with_spans_in_the_text_as_printed() -> None:
    assert _verdict(_FILED, _FILED.replace("dam", "weir")) is not None
    found = _verdict(_FILED, _SCANNED, cosine=0.6)
    assert found is not None
    assert found.kind == "edited"
    assert found.features[MISPRINTS] >= 8
    sizes = {unit_key(text): len(_unit(text).tokens) for text in (_FILED, _SCANNED)}
    assert found.spans == ((0, sizes[found.a], 0, sizes[found.b]),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "Israeli air strikes killed 12 Palestinians in Nuseirat on Sunday despite the cease-fire, the civil defence agency in Gaza said.",
            "Israeli airstrikes killed 18 Palestinians in Shujaiya on Tuesday despite the ceasefire, the civil defence agency in Gaza said.",
            id="two spellings",
        ),
        pytest.param(
            "Unemployment in Kestrelby stood at 5.2 per cent in March, the Statistikbyran said, up from 5 per cent; in Harrowgate it was 4 per "
            "cent.",
            "Unemployment in Kestrelby stood at 5.9 percent in April, the Statistikamt said, up from 5 percent; in Harrowgate it was 4 percent.",
            id="two styles",
        ),
        pytest.param(
            "Russian shelling killed 4 people in the city of Kupiansk on Monday, the governor of the Kharkiv region, Oleh Syniehubov, said.",
            "Russian shelling killed 7 people in the city of Kupyansk on Friday, the governor of the Kharkiv region, Oleh Synehubov, said.",
            id="two ways to write names",
        ),
        pytest.param(
            "Ein 34-jähriger Motorradfahrer ist am Sonntag bei Egenhofen gestürzt. Nach Polizeiangaben erlitt er Schürfwunden an beiden "
            "Armen.",
            "Eine 37-jährige Motorradfahrerin ist am Sonntag bei Egenhausen gestürzt. Nach Polizeiangabe erlitt sie eine Schürfwunde an beiden "
            "Armen.",
            id="German endings",
        ),
        pytest.param(
            "Hypothekenbank Essen issues 500 million euros of Pfandbriefe with a coupon of three per cent, led by Commerzbank and Landesbank.",
            "Hypothekenbank Essen issues 600 million euros of Pfandbrief with a coupon of three per cent, led by Commerzbanken and Landesbanken.",
            id="foreign endings",
        ),
        pytest.param(
            "Killed were Emeka Adebayor, Chidi Nwachukwu, Tunde Ogunleye, Uche Chukwuma and Femi Babatunde, 34, all of the village of Igbara.",
            "Killed were Emeka Adebayo, Chidi Nwachuku, Tunde Ogunlesi, Uche Chukwuka and Femi Babatunda, 39, all of the village of Igbara.",
            id="names of others",
        ),
        pytest.param(
            "Un bărbat de 34 de ani din Câmpulung a fost condamnat la 12 ani de închisoare pentru tâlhărie, a anunțat Tribunalul din Suceava.",
            "Un bărbat de 37 de ani din Câmpeni a fost condamnat la 12 ani de închisori pentru tâlhării, a anunțat Tribunalul din Suceava.",
            id="a language without a table",
        ),
        pytest.param(
            "The 5am start of the l0m diving final suited the Canadian Brezany, who won it with a last dive of great difficulty.",
            "Sam Wiercinski won the 10m diving final before the Canadian Brezanyi, who missed it with a last dive of great difficulty.",
            id="a time and a name",
        ),
        pytest.param(
            "Engineers found trichloroethylene and dibromomethane in well 12 of the Kestrelby waterworks, the county health office said.",
            "Engineers found trichloroethane and dibromoethane in well 17 of the Kestrelby waterworks, the county health office said.",
            id="two substances",
        ),
    ],
)
@pytest.mark.parametrize("cosine", [0.6, 0.8, 0.97])
def test_what_says_something_else_in_words_nearly_the_same_is_no_bad_print(one: str, other: str, cosine: float) -> None:
    found = _verdict(one, other, cosine)
    assert found is None or MISPRINTS not in found.features


def test_another_place_of_the_same_form_is_no_misprint() -> None:
    other = _FILED.replace("Harrow", "Kestrel").replace("Tuesday", "Friday").replace("40", "15").replace("1,200", "300")
    assert _verdict(_FILED, other.replace("the", "tbe")) is None


@settings(max_examples=60, deadline=None)
@given(_TEXTS, _TEXTS)
def test_a_verdict_does_not_depend_on_the_order_of_the_two_and_its_spans_lie_in_both(one: str, other: str) -> None:
    one, other = f"{_FILED} {one}", f"{_SCANNED} {other}"
    found = _verdict(one, other, cosine=1.0)
    assert found == _verdict(other, one, cosine=1.0)
    if found is not None:
        sizes = {unit_key(text): len(_unit(text).tokens) for text in (one, other)}
        for a0, a1, b0, b1 in found.spans:
            assert 0 <= a0 < a1 <= sizes[found.a]
            assert 0 <= b0 < b1 <= sizes[found.b]


@settings(max_examples=60, deadline=None)
@given(_TEXTS, _TEXTS)
def test_what_is_read_stands_where_it_was_printed(one: str, other: str) -> None:
    found = mended(_unit(f"{one} {_FILED}"), _unit(f"{_SCANNED} {other}"))
    assert found is not None
    for unit in (found.a, found.b):
        places = list(zip(unit.tokens.starts, unit.tokens.ends, strict=True))
        assert all(start < end for start, end in places)
        assert all(before[1] <= after[0] for before, after in pairwise(places))


def test_most_passages_of_bad_prints_are_matched_and_none_with_another_passage() -> None:
    draw = random.Random(11)
    other = "Ministers of nine countries signed a treaty on river traffic in the old town hall after two years of talks on tolls."
    prints = [misread(_FILED, 0.2, draw) for _ in range(40)]
    found = [_verdict(a, b, cosine=0.7) for a, b in zip(prints[::2], prints[1::2], strict=True)]
    assert sum(one is not None for one in found) >= 14
    assert not any(_verdict(one, misread(other, 0.2, draw), cosine=0.3) for one in prints)


def test_long_passages_are_read_in_linear_time() -> None:
    """Of a few misprints many times over; a unit holds too few words for many different ones to matter."""

    def read(size: int) -> None:
        found = mended(_unit(f"{_OPENING} the council of the government met. " * size), _unit(_BAD_PRINT * size))
        assert found is not None
        assert found.count >= size

    assert is_linear(read, 400)
