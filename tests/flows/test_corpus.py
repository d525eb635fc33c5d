"""The working memory is a function of the set of articles: not of arrival, batches, what came and went, or restarts."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.flows.conclusions import trace_reports
from service.store_values import UnitRow
from tests import samples
from tests.flows.parts import Shelf, article_of, new_corpus, partitions, vectors_of

# Beside the samples: one that joins two reports by carrying both, one of another year, one without a date, one that is empty.
BODIES = samples.SAMPLES | {
    "mixed": samples.body("mixed", (*samples.WIRE[:2], *samples.LOCAL[:2]), "Mixed News", "mixed.example", 13),
    "roundup": samples.body(
        "roundup",
        (samples.WIRE[3], samples.ORCHID[1], samples.STRIKE[1], samples.LOCAL[3]),
        "Week",
        "week.example",
        14,
        title="The week",
    ),
    "last_year": samples.body("last_year", samples.WIRE, "Old", "old.example", published_at="2025-05-04T06:00:00Z"),
    "undated": samples.body("undated", samples.plain(samples.WIRE)[:4], "Undated", "undated.example") | {"published_at": None},
    "empty": samples.body("empty", ("Sign up for our newsletter.",), "Empty", "empty.example", title=""),
}
READY = {name: samples.prepared({k: v for k, v in one.items() if v is not None}) for name, one in BODIES.items()}
ARTICLES = {name: article_of(name, number, ready) for number, (name, ready) in enumerate(READY.items(), 1)}
VECTORS = {name: vectors_of(ready) for name, ready in READY.items()}
NAMES = list(ARTICLES)


SHELF = Shelf(ARTICLES, VECTORS)
add, filled = SHELF.add, SHELF.filled


def state(corpus):
    """Everything that conclusions are drawn from, by article id."""
    name = {key: entry.article.id for key, entry in corpus.entries.items()}
    shared = {name[a]: {name[b]: shares for b, shares in row.items()} for a, row in corpus.shared.items()}
    representatives = {name[key] for key in corpus.partitions.representatives.values()}
    return (
        partitions(corpus),
        shared,
        representatives,
        set(corpus.verdicts.pairs),
        +corpus.sightings,
        set(corpus.verdicts.units),
        len(corpus),
    )


def conclusions(corpus):
    return trace_reports(corpus, samples.REGISTRY, corpus.partitions.reports.values())


def assert_clean(corpus):
    """No name is left of what has gone."""
    stories = corpus.partitions.story_graph
    keys = corpus.entries.keys()
    assert corpus.is_indexed
    assert set().union(*corpus.partitions.reports.values()) == keys == corpus.partitions.report_of.keys() == corpus.shared.keys()
    assert (
        set().union(*stories.stories.values())
        == corpus.partitions.reports.keys()
        == stories.related.keys()
        == stories.story_of.keys()
    )
    assert len(stories) == len(corpus.partitions.reports)
    assert all(holders <= keys and holders for holders in corpus._holders.values())
    assert corpus._holders.keys() == corpus.verdicts.units.keys()
    candidates = corpus.verdicts._candidates
    for groups in (candidates._postings, candidates._row_postings, candidates._rows_filled, candidates._equal):
        assert all(groups.values())


WANTED = state(filled(NAMES))
TRACED = conclusions(filled(NAMES))


def test_the_partitions_are_the_ones_meant():
    reports, stories = WANTED[0]
    fire = next(s for s in stories if "wire" in s)
    assert {"wire", "reprint", "cut", "respelt", "reworded", "local"} <= fire
    report = next(r for r in reports if "wire" in r)
    assert {"wire", "reprint", "cut", "respelt", "reworded", "undated"} <= report
    assert not {"local", "strike", "last_year", "roundup"} & report
    assert frozenset({"orchid", "orchid_copy"}) in reports
    assert frozenset({"orchid", "orchid_copy"}) in stories
    assert not {"strike", "last_year", "orchid", "empty"} & fire


@pytest.mark.parametrize("seed", range(50))
def test_any_order_of_arrival_and_any_batches_give_the_same(seed):
    chance = random.Random(seed)
    corpus = filled(chance.sample(NAMES, len(NAMES)), chance.choice([1, 1, 2, 5, 100]))
    assert state(corpus) == WANTED
    assert conclusions(corpus) == TRACED
    assert_clean(corpus)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=24))
def test_what_came_and_went_leaves_no_trace(steps):
    corpus = SHELF.came_and_went(steps)
    held = [name for name in NAMES if name in corpus.key_of]
    fresh = filled(held)
    assert state(corpus) == state(fresh)
    assert conclusions(corpus) == conclusions(fresh)
    assert_clean(corpus)


@pytest.mark.parametrize("name", NAMES)
def test_removing_an_article_is_as_if_it_had_never_come_and_adding_it_again_as_if_it_had_never_gone(name):
    corpus = filled(NAMES)
    corpus.recompute(corpus.remove(name))
    assert state(corpus) == state(filled([n for n in NAMES if n != name]))
    corpus.recompute({add(corpus, name)})
    assert state(corpus) == WANTED
    assert_clean(corpus)


def test_two_events_that_one_article_held_together_part_when_it_goes():
    def shuffled(paragraphs):
        """The same words without any of the copy."""
        words = " ".join(paragraphs).split()
        random.Random(3).shuffle(words)
        return " ".join(words)

    title = samples.SAMPLES["local"]["title"] + ", " + samples.SAMPLES["strike"]["title"]
    both = samples.prepared(
        samples.body("both", (shuffled(samples.LOCAL), shuffled(samples.STRIKE)), "Both", "both.example", 9, title=title)
    )
    corpus = filled(["local", "strike"])
    apart = partitions(corpus)
    corpus.add(article_of("both", 99, both), vectors_of(both))
    corpus.recompute({corpus.key_of["both"]})
    assert partitions(corpus)[1] == {frozenset({"local", "strike", "both"})}
    assert partitions(corpus)[0] == {frozenset({"local"}), frozenset({"strike"}), frozenset({"both"})}
    corpus.recompute(corpus.remove("both"))
    assert partitions(corpus) == apart
    assert_clean(corpus)


def test_two_articles_of_one_story_may_go_before_anything_is_recomputed():
    corpus = filled(["wire", "local"])
    dirty = corpus.remove("wire")
    dirty |= corpus.remove("local")
    corpus.recompute(dirty & corpus.entries.keys())
    assert state(corpus) == state(new_corpus())


@pytest.mark.parametrize("count", [0, 1, 4, len(NAMES)])
def test_loading_what_was_stored_equals_having_taken_it_in(count):
    names = NAMES[:count]
    corpus = filled(names)
    rows = [UnitRow(key, text, VECTORS[name][key]) for name in NAMES for key, text in READY[name].texts.items()]
    loaded = new_corpus()
    # The store keeps units, pairs and vectors of articles that have gone; they must not come back.
    loaded.load(rows, filled(NAMES).verdicts.pairs.values(), [ARTICLES[name] for name in names])
    assert state(loaded)[:3] == state(corpus)[:3]
    assert conclusions(loaded) == conclusions(corpus)
    if names:
        assert_clean(loaded)
        for one in (corpus, loaded):
            for name in NAMES[count:]:
                one.recompute({add(one, name)})
        assert state(loaded) == state(corpus) == WANTED


def test_a_change_names_every_article_whose_conclusions_may_have_changed():
    for last in NAMES:
        corpus = filled([name for name in NAMES if name != last])
        before, reports, stories = conclusions(corpus), *partitions(corpus)
        change = corpus.recompute({add(corpus, last)})
        after, new_reports, new_stories = conclusions(corpus), *partitions(corpus)
        touched = {corpus.entries[key].article.id for key in change.articles}
        fresh = {corpus.entries[key].article.id for report in change.fresh for key in report}
        assert {n for n in after if after[n] != before.get(n)} <= fresh <= touched
        assert {n for group in new_reports ^ reports for n in group} <= touched
        assert {n for group in new_stories ^ stories for n in group} <= touched


def test_an_article_is_taken_in_once():
    corpus = filled(["wire"])
    with pytest.raises(ValueError, match="already"):
        add(corpus, "wire")


def test_a_unit_without_a_vector_is_refused():
    with pytest.raises(ValueError, match="vector"):
        new_corpus().load([UnitRow(key, text, None) for key, text in READY["wire"].texts.items()], [], [ARTICLES["wire"]])


def test_an_external_id_may_be_the_address_of_another_article():
    corpus = new_corpus()
    first = samples.prepared(BODIES["mixed"] | {"external_id": "https://mixed.example/a", "url": None})
    second = samples.prepared(BODIES["mixed"] | {"external_id": None, "url": "https://mixed.example/a"})
    for number, ready in enumerate((first, second), 1):
        corpus.add(article_of(f"a{number}", number, ready), vectors_of(ready))
    assert len(corpus) == 2


def test_lines_that_stand_a_thousand_times_in_two_articles_are_compared_once():
    corpus = new_corpus()
    lines = ("The ferry stayed in the port on Monday because of the storm.",) * 1_000
    began = time.process_time()
    for number in (1, 2):
        ready = samples.prepared(samples.body(f"ferry{number}", lines, "Ferry", f"ferry{number}.example"))
        corpus.add(article_of(f"f{number}", number, ready), vectors_of(ready))
    a, b = corpus.key_of.values()
    assert corpus.shared[a][b].mine == corpus.shared[b][a].mine == 1.0
    # One comparison for each pair of places took minutes.
    assert time.process_time() - began < 10
