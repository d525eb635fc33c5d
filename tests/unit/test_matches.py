"""What two articles share: spans stand where they say, shares are bounded, and both sides tell the same."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.matches import article_matches, body_characters, match_articles, union_length, unit_text
from service.domain.matching import judge
from service.domain.models import COPY_KINDS, Article, UnitPair
from service.domain.retelling import CONFIDENCE
from service.domain.tokens import surface, tokenize
from service.domain.units import prepare
from service.embed.hashing import HashingEncoder
from service.resources import load_weights
from tests import samples

ENCODER = HashingEncoder()
WEIGHTS = load_weights()
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def article(name, paragraphs):
    ready = samples.prepared(samples.body(name, tuple(paragraphs), "An Outlet", f"{name}.example"))
    return Article(name, 1, ready.content, ready.reading, ready.units, ready.content_hash, NOON, 1)


def verdicts(*articles):
    texts = {unit.key: unit_text(one, unit) for one in articles for unit in one.units}
    vectors = ENCODER.encode([surface(text) for text in texts.values()])
    units = [prepare(key, text, vector) for (key, text), vector in zip(texts.items(), vectors, strict=True)]
    pairs = (judge(a, b, WEIGHTS) for a, b in itertools.combinations(units, 2))
    return [pair for pair in pairs if pair is not None]


def both(one, two):
    pairs = verdicts(one, two)
    mine = article_matches(one, {two.id: two}, pairs)
    theirs = article_matches(two, {one.id: one}, pairs)
    return (mine[0] if mine else None), (theirs[0] if theirs else None)


SENTENCES = [s + "." for p in (*samples.WIRE, *samples.LOCAL) for s in p.rstrip(".").split(". ")]
paragraphs = st.lists(
    st.lists(st.sampled_from([*SENTENCES, *samples.RESPELT]), min_size=1, max_size=3).map(" ".join), min_size=1, max_size=4
)


@settings(max_examples=50, deadline=None)
@given(paragraphs, paragraphs)
def test_spans_lie_in_the_paragraphs_shares_are_bounded_and_both_sides_agree(left, right):
    one, two = article("one", left), article("two", right)
    mine, theirs = both(one, two)
    if mine is None or theirs is None:
        assert mine is theirs
        return
    assert (mine.share, mine.share_of_other) == (theirs.share_of_other, theirs.share)
    assert 0 <= mine.share <= 1
    assert 0 <= mine.share_of_other <= 1
    for pair in mine.pairs:
        text, other = one.reading.paragraphs[pair.paragraph].text, two.reading.paragraphs[pair.other_paragraph].text
        for start, end, other_start, other_end in pair.spans:
            assert 0 <= start < end <= len(text)
            assert 0 <= other_start < other_end <= len(other)
            if pair.kind == "verbatim":
                assert surface(text[start:end]).casefold() == surface(other[other_start:other_end]).casefold()
            elif pair.confidence != CONFIDENCE:
                # A stretch begins and ends with the same word on both sides.
                a, b = tokenize(text[start:end]).words, tokenize(other[other_start:other_end]).words
                assert (a[0], a[-1]) == (b[0], b[-1])
    reverse = {(p.other_paragraph, p.paragraph): (p.kind, {(c, d, a, b) for a, b, c, d in p.spans}) for p in theirs.pairs}
    assert {(p.paragraph, p.other_paragraph): (p.kind, set(p.spans)) for p in mine.pairs} == reverse


def test_a_verbatim_copy_among_other_text_is_found_at_its_place():
    one = article("one", [samples.ORCHID[0], samples.WIRE[1], samples.ORCHID[1]])
    two = article("two", [samples.LOCAL[0], samples.LOCAL[1], samples.WIRE[1].upper()])
    mine, _ = both(one, two)
    [pair] = mine.pairs
    assert (pair.paragraph, pair.other_paragraph, pair.kind) == (1, 2, "verbatim")
    [(start, end, other_start, other_end)] = pair.spans
    assert (start, other_start) == (0, 0)
    assert min(end, other_end) >= len(samples.WIRE[1]) - 1
    assert mine.share == pytest.approx(len(samples.WIRE[1]) / body_characters(one), abs=0.01)


def test_a_paragraph_that_stands_twice_counts_once_for_each_place():
    one = article("one", [samples.WIRE[1]])
    two = article("two", [samples.WIRE[1], samples.WIRE[1], samples.ORCHID[0]])
    mine, theirs = both(one, two)
    assert mine.share == 1
    assert {p.other_paragraph for p in mine.pairs} == {0, 1}
    assert theirs.share == pytest.approx(2 * len(samples.WIRE[1]) / body_characters(two), abs=0.001)


def test_a_dateline_takes_no_part():
    one, two = article("one", samples.WIRE), article("two", samples.plain(samples.WIRE))
    mine, theirs = both(one, two)
    assert mine.share == theirs.share == 1
    first = next(p for p in mine.pairs if p.paragraph == p.other_paragraph == 0)
    assert min(span[0] for span in first.spans) == samples.WIRE[0].index("A fire")


def test_quoted_words_of_a_third_party_are_shown_but_are_no_share():
    quote = (
        "\"The sprinklers never opened, the doors were wedged with pallets and the alarm rang in an empty porter's lodge for forty "
        'minutes before anybody came"'
    )
    one = article("one", [f"{quote}, said Ilse Kordan."])
    two = article("two", [f"Harbor master Kordan told the council: {quote}."])
    mine, theirs = both(one, two)
    assert [p.kind for p in mine.pairs] == ["quotation"]
    assert mine.share == theirs.share == 0


def test_nothing_shared_is_no_match_and_an_article_is_no_match_of_itself():
    one, two = article("one", samples.WIRE), article("two", samples.ORCHID)
    assert both(one, two) == (None, None)
    assert article_matches(one, {"one": one, "two": two}, verdicts(one, two)) == ()


def test_matches_come_with_the_largest_share_first():
    one = article("one", samples.WIRE)
    others = {a.id: a for a in (article("cut", samples.WIRE[:2]), article("whole", samples.WIRE), article("far", samples.ORCHID))}
    found = article_matches(one, others, verdicts(one, *others.values()))
    assert [m.article_id for m in found] == ["whole", "cut"]
    assert found[0].share == 1
    assert found[1].share_of_other == 1
    assert all(p.kind in COPY_KINDS for m in found for p in m.pairs)


def test_an_article_whose_body_is_empty_shares_nothing():
    one = article("one", samples.WIRE)
    assert match_articles(replace(one, id="two", units=()), one, {}, {}) is None


ranges = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple), max_size=8)


@given(ranges)
def test_union_length_counts_each_character_once(some):
    assert union_length(some) == len({c for start, end in some for c in range(start, end)})


def test_a_line_that_stands_again_and_again_in_both_is_told_once_for_each_place():
    line = "The ferry stayed in the port on Monday because of the storm."
    mine, theirs = both(article("one", [line] * 200), article("two", [line] * 300))
    assert mine.share == mine.share_of_other == 1.0
    assert len(mine.pairs) == len(theirs.pairs) == 300
    assert {pair.paragraph for pair in mine.pairs} == set(range(200))
    assert {pair.other_paragraph for pair in mine.pairs} == set(range(300))
    assert {(pair.other_paragraph, pair.paragraph) for pair in theirs.pairs} == {
        (pair.paragraph, pair.other_paragraph) for pair in mine.pairs
    }


def retelling(one, two, places, kind="retelling"):
    """The verdict that the first units of these paragraphs of the two are one retold."""
    mine, theirs = (next(u for u in a.units if u.paragraph == p) for a, p in zip((one, two), places, strict=True))
    (a, x), (b, y) = sorted((unit.key, len(tokenize(unit_text(held, unit)))) for held, unit in ((one, mine), (two, theirs)))
    return UnitPair(a, b, kind, 0.7, 0.3, 0.2, CONFIDENCE, ((0, x, 0, y),), {"retold": 1.5}, WEIGHTS.version)


def test_a_retelling_is_shown_whole_as_a_paraphrase_and_counts_for_no_share():
    one, two = article("one", samples.WIRE), article("two", samples.LOCAL)
    (found,) = article_matches(one, {two.id: two}, [retelling(one, two, (1, 0))])
    assert (found.share, found.share_of_other) == (0.0, 0.0)
    (pair,) = found.pairs
    assert (pair.paragraph, pair.other_paragraph, pair.kind, pair.confidence) == (1, 0, "paraphrase", CONFIDENCE)
    ((start, end, other_start, other_end),) = pair.spans
    assert one.reading.paragraphs[1].text[start:end] == samples.WIRE[1].removesuffix(".")
    assert two.reading.paragraphs[0].text[other_start:other_end] == samples.LOCAL[0].removesuffix(".")


def test_a_likeness_alone_is_not_shown_and_half_of_two_articles_in_one_order_are_a_retelling():
    one, two = article("one", samples.WIRE), article("two", samples.LOCAL)
    alike = [retelling(one, two, (place, place), "likeness") for place in range(3)]
    assert article_matches(one, {two.id: two}, alike[:2]) == ()
    (found,) = article_matches(one, {two.id: two}, alike)
    assert [(pair.paragraph, pair.other_paragraph, pair.kind) for pair in found.pairs] == [(i, i, "paraphrase") for i in range(3)]
    assert min(found.share, found.share_of_other) > 0.3


@pytest.mark.parametrize("places", [(1, 0), (0, 1)], ids=["its own side", "the other side"])
def test_a_passage_that_is_matched_retells_no_other(places):
    """A piece says a thing in its lead and again further down; a carrier of both has retold neither."""
    one, two = article("one", samples.WIRE), article("two", (*samples.WIRE[:1], *samples.LOCAL))
    (found,) = article_matches(one, {two.id: two}, [*verdicts(one, two), retelling(one, two, places)])
    shown = {(pair.paragraph, pair.other_paragraph) for pair in found.pairs}
    assert (0, 0) in shown
    assert places not in shown


def test_what_is_retold_beside_a_copy_in_one_paragraph_says_nothing_of_the_copy():
    """A page given as a single block is one paragraph of several units."""
    long = " ".join(samples.WIRE[1:] * 2)
    one, two = article("one", [f"{long} {samples.ORCHID[0]}"]), article("two", [f"{long} {samples.LOCAL[0]}"])
    copied, mine = one.units[-2:]
    held, theirs = two.units[-2:]
    assert copied.key == held.key
    assert mine.key != theirs.key
    told = replace(retelling(one, two, (0, 0)), a=min(mine.key, theirs.key), b=max(mine.key, theirs.key))
    (found,) = article_matches(one, {two.id: two}, [told])
    (pair,) = found.pairs
    assert (pair.kind, pair.confidence) == ("verbatim", 1.0)
    assert max(span[1] for span in pair.spans) <= copied.end


def test_a_quotation_is_no_surer_copy_than_the_copy_is():
    one, two = article("one", samples.WIRE[:2]), article("two", samples.RESPELT[2:4])
    keys = [[unit.key for unit in held.units if unit.paragraph >= 0] for held in (one, two)]

    def verdict(mine, theirs, kind, confidence):
        a, b = sorted((keys[0][mine], keys[1][theirs]))
        return UnitPair(a, b, kind, 0.9, 0.4, 0.4, confidence, ((0, 6, 0, 6),), {}, WEIGHTS.version)

    quoted = [verdict(0, 1, "quotation", 0.97), verdict(1, 0, "quotation", 0.98)]
    (found,) = article_matches(one, {two.id: two}, [verdict(0, 0, "edited", 0.9), *quoted])
    assert ("edited", 0.9) in {(pair.kind, pair.confidence) for pair in found.pairs}
    assert found.share > 0
