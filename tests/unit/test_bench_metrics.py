"""The measures of the quality bench against examples worked by hand and against properties that must hold."""

from __future__ import annotations

import math
import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quality.metrics import (
    Pairs,
    bcubed,
    bcubed_items,
    calibration_error,
    calibration_noise,
    cluster_noise,
    pairs,
    rates,
    reliability,
    resampled,
    share_noise,
)

LABELS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), min_size=1, max_size=12)


def test_bcubed_by_hand() -> None:
    # Gold {1,2,3} {4,5}; predicted {1,2} {3,4,5}.
    gold, pred = list("aaabb"), list("xxyyy")
    precision, recall = bcubed_items(gold, pred)
    assert precision.tolist() == pytest.approx([1, 1, 1 / 3, 2 / 3, 2 / 3])
    assert recall.tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1, 1])
    found = bcubed(gold, pred)
    assert (found.precision, found.recall) == pytest.approx((11 / 15, 11 / 15))
    assert found.f1 == pytest.approx(11 / 15)


def test_pairs_by_hand() -> None:
    # Together in gold: 12 13 23 45; predicted: 12 34 35 45; both: 12 45; of ten pairs four are apart in both.
    found = pairs(list("aaabb"), list("xxyyy"))
    assert found == Pairs(2, 2, 2, 4)
    assert (found.rates.precision, found.rates.recall, found.rates.f1) == (0.5, 0.5, 0.5)
    # Expected agreement 4 * 4 / 10 = 1.6: (2 - 1.6) / (4 - 1.6).
    assert found.ari == pytest.approx(1 / 6)


def test_a_focus_counts_what_is_wrongly_merged_from_outside() -> None:
    gold, pred = list("aabb"), list("xxxy")
    assert bcubed(gold, pred, focus={0, 1}).precision == pytest.approx(2 / 3)
    # Pairs that touch 1 or 2: 12 right, 13 and 23 wrong; 14 and 24 apart in both; 34 is outside.
    assert pairs(gold, pred, focus={0, 1}) == Pairs(1, 2, 0, 2)


@given(LABELS)
def test_pair_counts_are_those_of_a_plain_count(labels: list[tuple[str, str]]) -> None:
    gold, pred = [g for g, _ in labels], [p for _, p in labels]
    plain = [(gold[i] == gold[j], pred[i] == pred[j]) for i, j in combinations(range(len(labels)), 2)]
    assert pairs(gold, pred) == Pairs(
        plain.count((True, True)), plain.count((False, True)), plain.count((True, False)), plain.count((False, False))
    )


@given(LABELS)
def test_a_partition_agrees_with_itself_and_names_do_not_matter(labels: list[tuple[str, str]]) -> None:
    gold, pred = [g for g, _ in labels], [p for _, p in labels]
    assert bcubed(gold, gold).f1 == 1
    assert pairs(gold, gold).ari == 1
    assert pairs(gold, gold).rates.f1 == 1
    assert bcubed(gold, [f"renamed {p}" for p in pred]) == bcubed(gold, pred)
    assert bcubed(gold, pred).precision == pytest.approx(bcubed(pred, gold).recall)


def test_rates_over_nothing() -> None:
    assert rates(0, 0, 0).f1 == 1
    assert rates(0, 3, 3).f1 == 0


def test_calibration_by_hand() -> None:
    # Ten claims of 0.9, seven right; ten of 0.5, five right.
    claims = [(0.9, i < 7) for i in range(10)] + [(0.5, i % 2 == 0) for i in range(10)]
    bins = reliability(claims, bins=2)
    assert [(round(b.claimed, 6), round(b.right, 6), b.count) for b in bins] == [(0.5, 0.5, 10), (0.9, 0.7, 10)]
    assert calibration_error(bins) == pytest.approx(0.1)
    shuffled = random.Random(3).sample(claims, len(claims))
    assert reliability(shuffled, bins=7) == reliability(claims, bins=7)


def test_calibration_without_claims() -> None:
    assert reliability([]) == []
    assert calibration_error([]) == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_bins_hold_every_claim_once_and_are_of_equal_size(claims: list[tuple[float, bool]]) -> None:
    bins = reliability(claims)
    assert sum(b.count for b in bins) == len(claims)
    assert max(b.count for b in bins) - min(b.count for b in bins) <= 1
    assert sum(b.right * b.count for b in bins) == pytest.approx(sum(right for _, right in claims))
    assert 0 <= calibration_error(bins) <= 1


def test_noise_is_nothing_where_every_cluster_is_alike() -> None:
    gold = [i // 3 for i in range(30)]
    assert cluster_noise(gold, gold) == (0, 0, 0)


def test_noise_is_that_of_the_mean_where_clusters_stand_alone() -> None:
    # 50 clusters of two, every other one torn: B3 recall of a cluster is 1 or 0.5, so its mean has error 0.25 / sqrt(50).
    gold = [i // 2 for i in range(100)]
    pred = [f"{g}-{i % 2}" if g % 2 else g for i, g in enumerate(gold)]
    b3, pair, _ = cluster_noise(gold, pred, draws=2_000)
    slope = 2 / (1 + 0.75) ** 2  # of F1 in recall, precision being 1
    assert b3 == pytest.approx(slope * 0.25 / math.sqrt(50), rel=0.1)
    assert pair > b3


def test_noise_of_shares() -> None:
    assert share_noise(0.5, 100) == pytest.approx(0.05)
    assert share_noise(1.0, 50) == pytest.approx(0.02)
    assert share_noise(0.0, 0) == 0
    assert resampled([1, 0] * 50, lambda drawn: sum(drawn) / len(drawn)) == pytest.approx(0.05, rel=0.2)


def test_noise_of_the_calibration_error_is_that_of_a_resampled_one() -> None:
    claims = [(0.1 * (i % 9 + 1), i % 3 == 0) for i in range(180)]
    slow = resampled(claims, lambda drawn: calibration_error(reliability(drawn)))
    assert calibration_noise(claims) == pytest.approx(slow, rel=1e-6)
    assert calibration_noise(claims[:1]) == 0
