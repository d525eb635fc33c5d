"""A passage retold in other words is shown between the two articles and decides nothing about either."""

from service.domain.retelling import CONFIDENCE
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
