"""One passage retold in other words is shown and decides nothing; an article retold passage by passage is a carrier of it."""

import pytest

from service.domain.retelling import CONFIDENCE
from service.flows.conclusions import trace_reports
from service.flows.corpus import Corpus
from tests import samples
from tests.flows.parts import Shelf, partitions

FILED = (
    (
        "A video that a fisherman uploaded showed flames leaping from the roof of the ferry terminal in Marwick, with explosions "
        "audible behind it. Other clips from the harbour showed the customs warehouse next door smouldering as well."
    ),
    "The port authority closed the southern basin to all traffic and asked masters at sea to make for other harbours.",
    "Two tugs that had been moored there were towed out by their own crews before the quay gave way.",
)
RETOLD = (
    "People who live above the old town were kept awake by sirens for most of the night, and many went down to look.",
    (
        "A local fisherman filmed the terminal in flames, and explosions are to be heard; the customs warehouse next door, too, was "
        "smouldering when he stopped."
    ),
    "Schools stay shut until the smoke has cleared, the council decided, and buses to the ships leave from the market.",
)
BODIES = {
    name: samples.body(name, paragraphs, name, f"{name}.example", title=title, published_at=f"2026-05-04T{hour:02}:00:00Z")
    for name, title, hour, paragraphs in (
        ("filed", "Ferry terminal burns in Marwick", 7, FILED),
        ("retold", "A night without sleep above the harbour", 9, RETOLD),
    )
}
SHELF = Shelf.of({name: samples.prepared(one) for name, one in BODIES.items()})


def test_it_is_shown_from_both_sides():
    corpus = SHELF.filled(BODIES)
    for name, places in (("filed", (0, 1)), ("retold", (1, 0))):
        (match,) = corpus.matches_of(corpus.key_of[name])
        (pair,) = match.pairs
        assert (pair.kind, pair.confidence) == ("paraphrase", CONFIDENCE)
        assert (pair.paragraph, pair.other_paragraph) == places
        assert (match.share, match.share_of_other) == (0.0, 0.0)


def test_it_joins_no_report_and_is_no_copy_to_whoever_decides():
    corpus = SHELF.filled(BODIES)
    keys = [corpus.key_of[name] for name in BODIES]
    assert partitions(corpus)[0] == {frozenset({name}) for name in BODIES}
    assert corpus.match(*keys) is None
    assert not corpus.shared[keys[0]]
    assert corpus.unexplained(keys[1], frozenset({keys[0]})) == 1.0


def test_it_goes_with_the_article():
    corpus = SHELF.filled(BODIES)
    corpus.remove("filed")
    assert corpus.matches_of(corpus.key_of["retold"]) == ()
    assert not corpus.verdicts.pairs


MORE_FILED = (
    (
        "Investigators suspect that a forklift battery overheated while it was charging unattended overnight, and they have asked the "
        "manufacturer for the maintenance logs of every truck that was delivered to the terminal since spring."
    ),
    (
        "Passengers who had slept aboard the evening ferry were woken by stewards banging saucepans and were led barefoot across a "
        "gangway to the opposite quay, where volunteers handed out blankets and lukewarm soup."
    ),
)
MORE_RETOLD = (
    (
        "Suspicion falls on a forklift whose battery may have overheated, charging unattended overnight; its manufacturer has to hand "
        "over maintenance logs of every truck it had brought."
    ),
    (
        "Some had slept aboard. Stewards banging saucepans saw to it that everybody left, in shoes or not, by the gangway, and on the "
        "quay some volunteers had blankets for them and lukewarm soup."
    ),
)


def _both(filed: tuple[str, ...], told: tuple[str, ...]) -> Corpus:
    bodies = {
        "filed": BODIES["filed"] | {"paragraphs": list(filed)},
        "retold": BODIES["retold"] | {"paragraphs": list(told)},
    }
    return Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies)


def test_an_article_retold_passage_by_passage_was_carried():
    corpus = _both((FILED[0], *MORE_FILED), (RETOLD[1], *MORE_RETOLD))
    filed, told = (corpus.key_of[name] for name in BODIES)
    assert partitions(corpus)[0] == {frozenset(BODIES)}
    assert corpus.shared[told][filed].mine > 0.6
    assert corpus.unexplained(told, frozenset({filed})) == 0.0
    match = corpus.match(told, filed)
    assert match is not None
    assert [(pair.paragraph, pair.other_paragraph) for pair in match.pairs] == [(0, 0), (1, 1), (2, 2)]
    found = trace_reports(corpus, samples.REGISTRY, corpus.partitions.reports.values())
    assert found["retold"].derivation.label != "independent"
    assert corpus.matches_of(told) == (match,)


def test_in_another_order_the_retold_passage_counts_for_nothing():
    corpus = _both((FILED[0], *MORE_FILED), (*MORE_RETOLD, RETOLD[1]))
    filed, told = (corpus.key_of[name] for name in BODIES)
    match = corpus.match(told, filed)
    assert match is not None
    assert [(pair.paragraph, pair.other_paragraph) for pair in match.pairs] == [(0, 1), (1, 2)]
    assert corpus.unexplained(told, frozenset({filed})) > 0.25


def test_what_is_said_twice_counts_as_it_is_shown():
    """The lead once in other words and once as it was: the copy counts, and what retells it beside is not told again."""
    corpus = _both((FILED[0], *MORE_FILED), (RETOLD[1], *MORE_RETOLD, FILED[0]))
    filed, told = (corpus.key_of[name] for name in BODIES)
    match = corpus.match(told, filed)
    assert match is not None
    assert [(pair.paragraph, pair.other_paragraph) for pair in match.pairs] == [(1, 1), (2, 2), (3, 0)]
    assert match.share == pytest.approx(corpus.shared[told][filed].mine, abs=0.01)
    assert corpus.unexplained(told, frozenset({filed})) == pytest.approx(1 - match.share, abs=0.1)
