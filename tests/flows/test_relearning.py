"""What is learned of other articles, and what other rules had stored: found again after restarts, undone with the articles, told in
history and feed.
"""

import random
from dataclasses import replace

import pytest

from service.flows.query import Query
from service.flows.rebuilding import forget_pipeline, stored_weights
from service.store_values import Period
from tests.flows.bench import conclusions, opened, replayed
from tests.flows.parts import WEIGHTS
from tests.flows.test_deleting import BODY as COPIES
from tests.flows.test_recurring import BODIES, POST


def roles(bench, article_id):
    view = Query(bench.store, WEIGHTS.version, lambda _: None).article(article_id)
    return [paragraph.role for paragraph in view.paragraphs]


def test_what_was_learned_is_known_after_a_restart(bench):
    ids = [bench.ingest(BODIES[name]).id for name in POST]
    found = bench.articles()
    assert [found[one].findings.boilerplate for one in ids] == [(2, 3)] * 3
    assert [p.role for p in found[ids[0]].reading.paragraphs] == ["body"] * 4, "what the page says alone is kept"
    bench.restart()
    assert bench.articles() == found
    bench.delete(ids[2])
    assert roles(bench, ids[0]) == ["body"] * 4
    bench.ingest(BODIES[POST[2]])
    assert roles(bench, ids[0]) == ["body", "body", "boilerplate", "boilerplate"]


def test_a_story_of_which_only_a_paragraph_is_read_anew_gets_a_version(bench):
    """Its passages are kept by version, and would show the paragraph for ever."""
    bodies = []
    for name in POST:
        paragraphs = BODIES[name]["paragraphs"]
        words = " ".join(paragraphs[:2]).split()
        own = [" ".join(random.Random(n).sample(words, len(words))) for n in range(4)]
        bodies.append({**BODIES[name], "paragraphs": [*own, paragraphs[2]]})
    first, *others = [bench.ingest(body) for body in bodies]
    story = first.findings.story_id
    page, _ = Query(bench.store, WEIGHTS.version, lambda _: None).histories.history(story, None, 5)
    assert [(entry.version, entry.articles_added) for entry in page] == [(2, []), (1, [first.id])]
    assert roles(bench, first.id)[-1] == "boilerplate"
    bench.delete(others[0].id)
    assert roles(bench, first.id)[-1] == "body"


def test_another_process_shows_the_pairs_that_the_writer_concluded_by_its_weights(bench, monkeypatch):
    edited = [f"Yesterday {paragraph}" for paragraph in COPIES["reprint"]["paragraphs"]]
    first, *others = [bench.ingest(body).id for body in (COPIES["wire"], {**COPIES["reprint"], "paragraphs": edited})]
    beside = Query(bench.store, lambda session: stored_weights(session) or "of its own", lambda _: None)
    shown = beside.matches(first), beside.article(first), beside.passages(bench.articles()[first].findings.story_id)
    assert [match.article_id for match in shown[0].items] == others
    assert not Query(bench.store, "of its own", lambda _: None).matches(first).items
    older = replace(WEIGHTS, version="older weights")
    monkeypatch.setattr("tests.flows.parts.WEIGHTS", older)
    bench.restart()
    assert bench.look(stored_weights) == "older weights"
    story = bench.articles()[first].findings.story_id
    assert (beside.matches(first), beside.article(first), beside.passages(story)) == shown
    forget_pipeline(bench.store)
    assert bench.look(stored_weights) is None


def test_what_was_stored_when_more_sites_were_told_apart_is_of_one_outlet_after_the_rules_changed(bench):
    page = COPIES["wire"] | {"url": "https://www.gazette.example/news/fire", "outlet": None}
    ids = [bench.ingest(page).id, bench.ingest(page | {"url": "https://m.gazette.example/news/fire"}).id]
    assert {one.content.outlet_site for one in bench.articles().values()} == {"gazette.example"}
    old = bench.articles()[ids[1]]
    as_then = replace(old, content=replace(old.content, outlet_site="m.gazette.example", outlet_name="m.gazette.example"))
    with bench.store.write() as session:
        session.put_article(as_then)
    forget_pipeline(bench.store)
    bench.restart()
    found = bench.articles()
    assert {(one.content.outlet_site, one.content.outlet_name) for one in found.values()} == {("gazette.example",) * 2}
    assert {one.content.canonical_url for one in found.values()} == {
        "https://www.gazette.example/news/fire",
        "https://m.gazette.example/news/fire",
    }
    story = bench.look(lambda session: session.stories([found[ids[0]].findings.story_id]))
    assert [one.counts.outlets for one in story.values()] == [1]
    assert [one.site for one in bench.look(lambda session: session.list_outlets(Period(), None, 9))] == ["gazette.example"]


def test_a_corrected_time_counts(bench):
    """The text stays the same; how far apart two articles are does not."""
    ids = [bench.ingest(BODIES[name]).id for name in POST]
    for name in POST:
        bench.ingest({**BODIES[name], "published_at": "2026-05-05T06:00:00Z"})
    assert [bench.articles()[one].findings.boilerplate for one in ids] == [(2, 3)] * 3


@pytest.mark.parametrize("seed", range(3))
def test_any_history_ends_as_if_only_the_rest_had_come(bench, template, tmp_path, seed):
    chance = random.Random(seed)
    ids = {}
    for _ in range(18):
        name = chance.choice(list(BODIES))
        known = next((i for i, n in ids.items() if n == name), None)
        if known is None:
            ids[bench.ingest(BODIES[name]).id] = name
        elif chance.random() < 0.5:
            bench.delete(known)
            del ids[known]
        else:
            bench.ingest(BODIES[name] | {"paragraphs": BODIES[name]["paragraphs"][:1]})
            bench.ingest(BODIES[name])
        if chance.random() < 0.15:
            bench.restart()
    (tmp_path / "other").mkdir()
    with opened(tmp_path / "other", template) as other:
        order = sorted(bench.articles().values(), key=lambda one: one.sequence)
        others = {other.ingest(BODIES[ids[one.id]]).id: ids[one.id] for one in order}
        assert conclusions(bench, ids) == conclusions(other, others)
    stories = {}
    for one in bench.articles().values():
        stories.setdefault(one.findings.story_id, set()).add(one.id)
    assert replayed(bench.changes()) == stories
