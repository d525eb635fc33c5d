"""Roundups belong to no story but their own, whatever comes first, and say what they touch."""

import random

import pytest

from service.flows.conclusions import trace_reports
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


def traced(corpus, reports):
    return trace_reports(corpus, samples.REGISTRY, reports)


def evening(hour):
    """The briefing of this hour and what it touches; by the wire, and by papers at 10 and 11 o'clock."""
    bodies = EVENTS | {
        "briefing": BODIES["briefing"] | {"published_at": f"2026-05-04T{hour:02}:00:00Z"},
    }
    corpus = Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies)
    return traced(corpus, corpus.partitions.reports.values())["briefing"]


def test_a_roundup_is_derived_from_all_whose_items_it_carries():
    found = evening(20)
    assert {link.source for link in found.links} == {"wire", "orchid", "strike"}, "nor the copy that came after the orchid"
    assert {link.relation for link in found.links} == {"carried"}
    assert found.derivation.label == "partially_derived"
    assert found.derivation.share == pytest.approx(sum(link.share for link in found.links), abs=0.001)
    assert found.derivation.share > 0.75


def test_what_says_that_it_is_later_is_no_source_of_a_roundup_unless_an_agencys():
    assert {link.source for link in evening(4).links} == {"wire"}


@pytest.mark.parametrize("seed", range(4))
def test_what_it_is_derived_from_follows_whatever_comes_and_goes(seed):
    chance = random.Random(seed)
    corpus, found = new_corpus(), {}
    for name in chance.sample(NAMES, len(NAMES)):
        found |= traced(corpus, corpus.recompute({add(corpus, name)}).fresh)
    assert found == traced(corpus, corpus.partitions.reports.values())
    for name in chance.sample(NAMES, 4):
        del found[name]
        dirty = corpus.remove(name)
        found |= traced(corpus, corpus.recompute(dirty & corpus.entries.keys()).fresh)
    assert found == traced(corpus, corpus.partitions.reports.values())


def test_a_briefing_of_what_its_own_paper_wrote_is_its_own():
    own = {
        name: one | {"url": f"https://morning.example/{name}", "outlet": "Morning"}
        for name, one in BODIES.items()
        if name in ("local", "orchid", "chess", "strike")
    }
    pieces = [one["paragraphs"][0] for one in own.values()]
    own["briefing"] = samples.body("briefing", ("Good morning.", *pieces), "Morning", "morning.example", 7, title=TITLE)
    corpus = Shelf.of({name: samples.prepared(one) for name, one in own.items()}).filled(own)
    assert touches(corpus).keys() == {"briefing"}
    found = traced(corpus, corpus.partitions.reports.values())["briefing"]
    assert (found.links, found.derivation.label) == ((), "independent")


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
