"""Whether two articles are about one event: symmetric, bounded, by names and rare words rather than by shared background."""

import math
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.story_similarity import (
    STORY_FEATURES,
    have_two_subjects,
    profile,
    story_features,
    story_probability,
)
from service.embed.hashing import HashingEncoder
from service.resources import load_weights
from tests.samples import SAMPLES

WEIGHTS = load_weights()
ENCODER = HashingEncoder()
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def about(title, *body, at=NOON):
    vectors = ENCODER.encode([title, *body])
    return profile(title, body, vectors[0] if title else None, list(vectors[1:]), ENCODER.dimension, at)


def sample(name, at=NOON):
    return about(SAMPLES[name]["title"], *SAMPLES[name]["paragraphs"], at=at)


def own(name, other, at=NOON):
    """The article without the paragraphs that it shares with the other, as reports are compared."""
    shared = set(SAMPLES[other]["paragraphs"])
    return about(SAMPLES[name]["title"], *(p for p in SAMPLES[name]["paragraphs"] if p not in shared), at=at)


def chance(a, b):
    return story_probability(a, b, WEIGHTS.story_intercept, WEIGHTS.story)


texts = st.text(st.sampled_from('Velden port fire 48,000 Reuters tug the of. \n"ß東é'), max_size=60)
profiles = st.builds(about, texts, texts, texts, at=st.sampled_from([None, NOON, NOON + timedelta(days=9)]))


@settings(max_examples=80, deadline=None)
@given(profiles, profiles)
def test_features_are_symmetric_and_bounded_and_the_chance_is_one(a, b):
    features = story_features(a, b)
    assert features.keys() == set(STORY_FEATURES)
    other = story_features(b, a)
    for name, value in features.items():
        assert -1.0001 <= value <= 1.0001
        assert math.isclose(value, other[name], abs_tol=1e-5)
    assert 0 <= chance(a, b) <= 1
    assert chance(a, b) == pytest.approx(chance(b, a), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(texts, texts)
def test_sparse_maps_are_empty_or_normalised(title, body):
    found = about(title, body)
    assert not found.lead or math.isclose(sum(w * w for w in found.lead.values()), 1, rel_tol=1e-9)
    for weights in (found.title, found.names, found.lead_names):
        assert not weights or math.isclose(sum(weights.values()), 1, rel_tol=1e-9)
    assert np.linalg.norm(found.mean_vector) == pytest.approx(1, abs=1e-5)


def test_an_article_without_text_is_like_nothing():
    empty = profile("", [], None, [], ENCODER.dimension, None)
    assert not empty.mean_vector.any()
    assert chance(empty, empty) < WEIGHTS.story_threshold
    assert chance(empty, sample("wire")) < WEIGHTS.story_threshold


def test_one_event_in_other_words_is_likelier_than_another_event_with_the_same_background():
    wire = sample("wire")
    assert chance(wire, sample("reworded")) > 0.9
    assert chance(wire, sample("local")) > chance(own("wire", "strike"), own("strike", "wire"))
    assert chance(own("wire", "strike"), own("strike", "wire")) < WEIGHTS.story_threshold
    assert chance(wire, sample("orchid")) < 0.05


def test_days_between_two_articles_count_against_one_event_up_to_a_cap():
    days = [chance(sample("wire"), sample("local", NOON + timedelta(days=d))) for d in (0, 2, 5, 7, 30)]
    assert days[0] > days[1] > days[2] > days[3] == days[4]


def test_what_has_no_date_may_be_of_another_year():
    dated, undated = story_features(sample("wire"), sample("local")), story_features(sample("wire"), sample("local", None))
    assert undated["rarest_shared"] < dated["rarest_shared"]
    assert chance(sample("wire"), sample("local", None)) < chance(sample("wire"), sample("local"))


def test_a_missing_date_makes_no_two_articles_likelier():
    strangers = [(sample("wire", at), sample("orchid")) for at in (NOON, None)]
    dated, undated = (story_features(*pair)["rarest_shared"] for pair in strangers)
    assert undated <= dated
    assert chance(*strangers[1]) <= chance(*strangers[0])


def test_the_rarest_names_in_common_say_which_event_it_is_however_much_else_there_is():
    one = about("Fire in Velden", "A barge from Orrin burned in Velden on Monday.", "The mayor of Velden came.")
    two = about(
        "Barge burns", "In Velden a barge of the Orrin line burned.", "London and Paris sent help, and so did Berlin and Rome."
    )
    other = about("Fire in London", "A barge burned in London on Monday.", "The mayor of London came.")
    assert story_features(one, two)["rarest_shared"] > story_features(two, other)["rarest_shared"]
    assert story_features(one, other)["rarest_shared"] == 0.0


def test_the_order_in_which_words_were_counted_does_not_matter():
    one = about("Fire in Velden", "A tug from Orrin came. The port stayed shut.", "Farmers met.")
    two = about("Fire in Velden", "The port stayed shut. A tug from Orrin came.", "Farmers met.")
    assert set(one.rare.items()) == set(two.rare.items())
    assert one.vocabulary == two.vocabulary


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Tultex sets quarterly dividend", "Cincinnati Bell raises quarterly dividend", True),
        ("Tultex sets quarterly dividend", "Tultex raises payout", False),
        ("A mill burns", "Tultex burns a mill", False),
        ("", "Tultex raises payout", False),
    ],
)
def test_two_titles_have_two_subjects_where_each_says_above_all_what_the_other_article_does_not(one, other, wanted):
    a, b = (
        about(one, "Qtly div eight cts vs eight cts", "Pay April one"),
        about(other, "Qtly div 25 cts", "Lys", "Record April 16"),
    )
    assert have_two_subjects(a, b) is have_two_subjects(b, a) is wanted


def test_numbers_written_out_are_filled_in_like_figures():
    written, digits = (
        about("A", "Qtly div eight cts vs seven cts", "Pay April one"),
        about("A", "Qtly div 8 cts vs 7 cts", "Pay April 1"),
    )
    prose = about(
        "A", "The mill burned for eight hours on one night in April while seven engines pumped water from the river Lys."
    )
    assert written.is_form
    assert digits.is_form
    assert not prose.is_form


HAN = {
    "fire": (
        "贵阳一老旧小区深夜起火",
        "贵阳市消防救援支队通报，二十三日凌晨一点左右，云岩区一处老旧小区四楼住户家中起火，浓烟很快封住了楼道。",
        "消防员救出十一名居民，其中两位老人被送往医院。起火原因初步判断为电动车在室内充电。",
    ),
    "fire again": (
        "云岩区小区火灾救出十一人",
        "云岩区一处老旧小区凌晨起火，贵阳消防员从四楼和五楼救出十一名居民，两位老人吸入浓烟后送医。",
        "消防部门初步判断，起火与电动车在室内充电有关。",
    ),
    "bank": (
        "央行下调存款准备金率",
        "中国人民银行周五宣布，自下月五日起下调金融机构存款准备金率零点五个百分点，预计释放长期资金约一万亿元。",
        "央行有关负责人表示，此举是为了保持流动性合理充裕，支持实体经济发展。",
    ),
    "space": (
        "航天员完成第二次出舱活动",
        "记者从有关部门获悉，空间站航天员乘组经过约七小时的出舱活动，完成了太阳翼电缆安装等任务，已安全返回舱内。",
        "这是该乘组第二次出舱，后续还将开展多项科学实验。",
    ),
}


def test_articles_in_characters_are_of_one_event_by_what_few_texts_have_and_not_by_their_script():
    found = {name: about(*texts) for name, texts in HAN.items()}
    same = chance(found["fire"], found["fire again"])
    for one, other in combinations(HAN, 2):
        if {one, other} != {"fire", "fire again"}:
            assert chance(found[one], found[other]) < 0.05 < WEIGHTS.story_threshold
            assert chance(found[one], found[other]) < same / 10


def test_where_no_name_can_be_told_none_is_had_in_common():
    cased, other = about("Ein Brand in Velden", "Das Dach fiel ein."), about("a mill burns", "the roof fell in")
    assert cased.is_cased
    assert other.is_cased
    han = {name: about(*texts) for name, texts in HAN.items()}
    assert not any(one.is_cased for one in han.values())
    assert not about("حريق في ميناء فيلدن", "اندلع حريق في صومعة للحبوب.").is_cased
    assert about(HAN["bank"][0], "PMI GDP CPI", "the rate was cut by the bank in a statement").is_cased
    assert about(
        "Tultex 4th qtr net", "Shr 31 cts vs 24", "Net 5,102 vs 4,007", "Revs 86.4 vs 71.9", "Shr 90 vs 80", "1987 1986"
    ).is_cased
    nobody = [about("", text) for text in ("a mill burns", "the roof fell in")]
    assert story_features(han["fire"], han["bank"])["lead_names_least"] < story_features(*nobody)["lead_names_least"]
