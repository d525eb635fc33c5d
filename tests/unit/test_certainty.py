"""Confidence of links and origins, learned: what a claim rests on, that order is kept, and that the shipped figures are there."""

from __future__ import annotations

import random

import pytest

from bench.spread.score import Claims
from bench.train_certainty import learned
from service.domain.certainty import GROUNDS, Certainty, Ground, ground_of
from service.domain.models import Evidence, Link, Origin
from service.resources import load_weights

SHIPPED = Certainty(load_weights().certainty)


def link(*kinds: str, confidence: float = 0.8) -> Link:
    evidence = tuple(Evidence(kind, "…", 0.9) for kind in kinds)
    return Link("id", "a", "b", "carried", "full", 1.0, ("credit",), evidence, confidence)


@pytest.mark.parametrize(
    ("kinds", "ground"),
    [
        (("credit:source_line", "shared_text"), "named_source"),
        (("credit:dateline", "credit:republication"), "named_source"),
        (("credit:dateline", "shared_text"), "credit"),
        (("shared_text", "time"), "wording"),
        (("sibling_credit",), "wording"),
        ((), "wording"),
    ],
)
def test_what_a_link_rests_on(kinds: tuple[str, ...], ground: Ground) -> None:
    assert ground_of(link(*kinds)) == ground


def test_the_release_holds_figures_for_every_ground_and_keeps_the_order_of_claims() -> None:
    assert set(SHIPPED.figures) == set(GROUNDS)
    for kinds in ((), ("credit:dateline",), ("credit:source_line",)):
        claims = [SHIPPED.of_link(link(*kinds, confidence=sure / 100)).confidence for sure in range(0, 101, 5)]
        assert claims == sorted(claims)
        assert claims[0] < claims[-1] <= 0.99
    origins = [SHIPPED.of_origin(Origin("article", sure / 100, article_id="a")).confidence for sure in range(0, 101, 5)]
    assert origins == sorted(origins)
    assert origins[-1] <= 0.98


def test_without_figures_a_claim_stays_and_what_claims_nothing_always_does() -> None:
    assert Certainty().of_link(link()).confidence == 0.8
    undetermined = Origin("undetermined", 0.0, reason="no_credit_and_no_earlier_copy")
    assert SHIPPED.of_origin(undetermined) == undetermined


def test_the_figures_learned_from_claims_make_them_true() -> None:
    chance = random.Random(5)
    claimed = [chance.uniform(0.5, 0.95) for _ in range(20_000)]
    odds = [sure / (1 - sure) for sure in claimed]
    # What is claimed of credits is right at a third of the odds, of origins at three times.
    rows = Claims(
        links=[("credit", sure, chance.random() < o / (o + 3)) for sure, o in zip(claimed, odds, strict=True)],
        origins=[(sure, chance.random() < 3 * o / (3 * o + 1)) for sure, o in zip(claimed, odds, strict=True)],
    )
    figures = learned(rows)
    assert figures.keys() == {"credit", "origin"}  # nothing was claimed on the other grounds
    certainty = Certainty({ground: (row["intercept"], row["slope"]) for ground, row in figures.items()})
    assert certainty.of_link(link("credit:dateline", confidence=0.8)).confidence == pytest.approx(4 / 7, abs=0.03)
    assert certainty.of_origin(Origin("article", 0.8, article_id="a")).confidence == pytest.approx(12 / 13, abs=0.03)
