"""Roundups belong to no story but their own, whatever comes first, and say what they touch."""

import random

import pytest

from service.flows.query import Query
from service.store_values import UnitRow
from tests import samples
from tests.flows.bench import opened, replayed
from tests.flows.parts import WEIGHTS, Shelf, article_of, new_corpus, partitions, vectors_of
from tests.flows.test_recurring import OWN

CHESS = OWN["chess"][1]
PIECES = (samples.plain(samples.WIRE)[0], samples.ORCHID[0], samples.STRIKE[0], CHESS[0])
TITLE = "Fire destroys grain terminal in port of Velden, ghost orchid found, trams stay in: what you need to know"
EVENTS = {name: samples.SAMPLES[name] for name in ("wire", "reprint", "local", "orchid", "orchid_copy", "strike")} | {
    "chess": samples.body("chess", CHESS, "Chess", "chess.example", title=OWN["chess"][0])
}
BODIES = EVENTS | {
    "briefing": samples.body("briefing", ("Good morning from the harbour.", *PIECES), "Morning", "morning.example", 7, title=TITLE),
    "copy": samples.body("copy", PIECES, "Echo", "echo.example", 8, title=TITLE),
    "other": samples.body("other", (*PIECES[:2], OWN["bakery"][1][0], OWN["bakery"][1][1]), "Late", "late.example", 9, title=TITLE),
    "bakery": samples.body("bakery", OWN["bakery"][1], "Bread", "bread.example", title=OWN["bakery"][0]),
}  # fmt: skip
READY = {name: samples.prepared(one) for name, one in BODIES.items()}
ARTICLES = {name: article_of(name, number, ready) for number, (name, ready) in enumerate(READY.items(), 1)}
VECTORS = {name: vectors_of(ready) for name, ready in READY.items()}
NAMES = list(ARTICLES)
ROUNDUPS = ("briefing", "copy", "other")


SHELF = Shelf(ARTICLES, VECTORS)
add, filled = SHELF.add, SHELF.filled


def touches(corpus):
    return {name: corpus.touches_of(key) for name, key in corpus.key_of.items() if corpus.touches_of(key)}


WANTED = filled(NAMES)


def test_roundups_are_stories_of_their_own():
    reports, stories = partitions(WANTED)
    assert touches(WANTED).keys() == set(ROUNDUPS)
    assert frozenset({"briefing", "copy"}) in reports, "a copy of the whole roundup is one report with it"
    assert frozenset({"briefing", "copy"}) in stories
    assert frozenset({"other"}) in reports
    assert frozenset({"other"}) in stories
    assert any({"wire", "reprint", "local"} <= story for story in stories)
    assert frozenset({"orchid", "orchid_copy"}) in stories


def test_a_roundup_names_one_article_for_each_event():
    found = touches(WANTED)["briefing"]
    assert {touch.article_id for touch in found} & {"wire", "reprint", "cut"}
    assert {touch.article_id for touch in found} >= {"orchid", "chess"}
    assert len(found) >= 3
    assert [touch.share for touch in found] == sorted((touch.share for touch in found), reverse=True)


@pytest.mark.parametrize("seed", range(10))
def test_any_order_of_arrival_and_any_batches_give_the_same(seed):
    chance = random.Random(seed)
    corpus = filled(chance.sample(NAMES, len(NAMES)), chance.choice([1, 1, 3, 100]))
    assert partitions(corpus) == partitions(WANTED)
    assert touches(corpus) == touches(WANTED)
    gone = chance.sample(NAMES, 4)
    dirty = set()
    for name in gone:
        dirty |= corpus.remove(name)
    corpus.recompute(dirty & corpus.entries.keys())
    rest = filled([name for name in NAMES if name not in gone])
    assert partitions(corpus) == partitions(rest)
    assert touches(corpus) == touches(rest)


def test_it_is_a_roundup_when_the_third_event_is_known_and_no_longer_without_it():
    corpus = filled(["briefing", "wire", "orchid"])
    assert touches(corpus) == {}
    change = corpus.recompute({add(corpus, "chess")})
    assert touches(corpus).keys() == {"briefing"}
    assert corpus.key_of["briefing"] in change.articles
    assert frozenset({"briefing"}) in partitions(corpus)[1]
    change = corpus.recompute(corpus.remove("orchid"))
    assert touches(corpus) == {}
    assert corpus.key_of["briefing"] in change.articles


def test_loading_what_was_stored_equals_having_taken_it_in():
    loaded = new_corpus()
    rows = [UnitRow(key, text, VECTORS[name][key]) for name in NAMES for key, text in READY[name].texts.items()]
    loaded.load(rows, WANTED.verdicts.pairs.values(), [ARTICLES[name] for name in NAMES])
    assert partitions(loaded) == partitions(WANTED)
    assert touches(loaded) == touches(WANTED)


def test_the_answers_say_so(template, tmp_path):
    with opened(tmp_path, template) as bench:
        asked = Query(bench.store, WEIGHTS.version, lambda _: None)
        ids = {name: bench.ingest(BODIES[name]).id for name in ("briefing", "wire", "local", "orchid")}
        assert not asked.article(ids["briefing"]).composite
        ids["chess"] = bench.ingest(BODIES["chess"]).id
        view = asked.article(ids["briefing"])
        assert view.composite
        assert {touch.article_id for touch in view.touches} == {ids[name] for name in ("wire", "orchid", "chess")}
        for touch in view.touches:
            assert touch.story_id == asked.article(touch.article_id).story_id != view.story_id
        story = asked.story(view.story_id)
        assert (story.composite, story.counts.articles) == (True, 1)
        assert not asked.story(asked.article(ids["wire"]).story_id).composite
        before = bench.articles()
        bench.restart()
        assert bench.articles() == before
        bench.delete(ids["orchid"])
        view = asked.article(ids["briefing"])
        assert (view.composite, view.touches) == (False, [])
        stories = {}
        for one in bench.articles().values():
            stories.setdefault(one.findings.story_id, set()).add(one.id)
        assert replayed(bench.changes()) == stories
