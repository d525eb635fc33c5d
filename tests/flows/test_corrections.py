"""An editor's word through the writer: kept by all that comes later, told, and gone without a trace when it is taken back."""

from __future__ import annotations

import random

import pytest

from service.errors import ConstraintNotFound, InvalidInput, StoryNotFound
from service.flows.histories import MovedTo
from service.flows.query import Query
from service.flows.tasks import Delete, Merge, Split, Withdraw
from tests.flows.bench import opened, replayed
from tests.flows.parts import WEIGHTS, partitions
from tests.flows.test_deleting import BODY


def fill(bench, *names):
    return {name: bench.ingest(BODY[name]).id for name in names}


def story(bench, article_id):
    return bench.articles()[article_id].findings.story_id


def history(bench, story_id):
    return bench.look(lambda session: session.story_history(story_id))


def stories(bench):
    found = {}
    for one in bench.articles().values():
        found.setdefault(one.findings.story_id, set()).add(one.id)
    return found


def test_merged_stories_are_one_under_the_asked_id_through_restarts_and_newcomers(bench):
    ids = fill(bench, "wire", "reprint", "local", "orchid")
    small, large = story(bench, ids["orchid"]), story(bench, ids["wire"])
    done = bench.ask(Merge(small, large))
    assert done.story_ids == (small,)
    assert set(stories(bench)) == {small}
    bench.restart()
    more = fill(bench, "cut", "orchid_copy", "strike")
    assert {story(bench, more[name]) for name in ("cut", "orchid_copy")} == {small}
    assert story(bench, more["strike"]) != small
    query = Query(bench.store, WEIGHTS.version, lambda _: None)
    assert query.story(large) == MovedTo(small)
    [entry] = [one for one in history(bench, small) if one.change == "corrected"]
    assert (entry.from_ids, set(entry.articles_added)) == ((large,), {ids[n] for n in ("wire", "reprint", "local")})
    merged = [(c.story_id, c.data["from"], c.data["into"]) for c in bench.changes() if c.type == "story.merged"]
    assert sorted(merged) == sorted([(small, [large], []), (large, [], [small])])
    assert replayed(bench.changes()) == stories(bench)
    bench.ask(Withdraw(done.constraint.id))
    assert story(bench, ids["orchid"]) == story(bench, more["orchid_copy"]) != story(bench, ids["wire"])
    assert isinstance(query.histories.history(large, None, 1), MovedTo)
    assert replayed(bench.changes()) == stories(bench)
    assert bench.look(lambda session: session.constraints()) == []


def test_split_reports_stay_apart_and_newcomers_join_the_side_they_fit(bench):
    ids = fill(bench, "wire", "reprint", "cut", "local")
    old = story(bench, ids["wire"])
    assert story(bench, ids["local"]) == old
    done = bench.ask(Split(old, (ids["local"],)))
    new = story(bench, ids["local"])
    assert done.story_ids == (old, new)
    assert [story(bench, ids[name]) for name in ("wire", "reprint", "cut")] == [old] * 3
    assert [entry.change for entry in (history(bench, old)[0], history(bench, new)[0])] == ["corrected", "corrected"]
    types = [(c.type, c.story_id) for c in bench.changes()][-2:]
    assert sorted(types) == sorted([("story.split", old), ("story.created", new)])
    bench.restart()
    assert story(bench, bench.ingest(BODY["respelt"]).id) == old
    assert story(bench, ids["local"]) == new
    bench.ask(Withdraw(done.constraint.id))
    assert len({story(bench, one) for one in ids.values()}) == 1
    assert replayed(bench.changes()) == stories(bench)


def test_naming_one_article_of_a_report_takes_the_report(bench):
    ids = fill(bench, "wire", "reprint", "local")
    done = bench.ask(Split(story(bench, ids["wire"]), (ids["reprint"],)))
    assert set(done.constraint.articles) == {ids["wire"], ids["reprint"]}
    assert story(bench, ids["wire"]) == story(bench, ids["reprint"]) != story(bench, ids["local"])


def test_what_cannot_be_done_is_refused_and_stores_nothing(bench):
    ids = fill(bench, "wire", "reprint", "local", "orchid")
    fire, other = story(bench, ids["wire"]), story(bench, ids["orchid"])
    before = bench.changes()
    for work, error in (
        (Merge(fire, fire), InvalidInput),
        (Merge(fire, "nobody"), StoryNotFound),
        (Merge("nobody", fire), StoryNotFound),
        (Split(fire, (ids["orchid"],)), InvalidInput),
        (Split(fire, tuple(ids[name] for name in ("wire", "local"))), InvalidInput),
        (Split(other, (ids["orchid"],)), InvalidInput),
        (Withdraw("nothing"), ConstraintNotFound),
    ):
        with pytest.raises(error):
            bench.ask(work)
    assert bench.changes() == before
    assert bench.look(lambda session: session.constraints()) == []
    bench.ask(Merge(fire, other))
    with pytest.raises(InvalidInput):
        bench.ask(Merge(fire, other))


@pytest.mark.parametrize("seed", range(5))
def test_any_history_of_words_and_articles_ends_in_one_partition(bench, template, tmp_path, seed):
    """What stands at the end is a function of the articles held and the words kept, so a restart changes nothing, and without the
    words it is what a store has that never heard them.
    """
    chance = random.Random(seed)
    ids: dict[str, str] = {}
    for _ in range(24):
        held = stories(bench)
        absent = [name for name in BODY if name not in ids.values()]
        said = bench.look(lambda session: session.constraints())
        move = chance.choice(["add", "add", "add", "delete", "merge", "split", "withdraw"])
        try:
            if move == "add" and absent:
                name = chance.choice(absent)
                ids[bench.ingest(BODY[name]).id] = name
            elif move == "delete" and ids:
                gone = chance.choice(sorted(ids))
                bench.ask(Delete(gone))
                del ids[gone]
            elif move == "merge" and len(held) > 1:
                bench.ask(Merge(*chance.sample(sorted(held), 2)))
            elif move == "split" and held:
                target = chance.choice(sorted(held))
                bench.ask(Split(target, tuple(chance.sample(sorted(held[target]), 1))))
            elif move == "withdraw" and said:
                bench.ask(Withdraw(chance.choice(said).id))
        except InvalidInput:
            continue
        assert replayed(bench.changes()) == stories(bench)
    held = partitions(bench.writer.corpus)
    assert set(map(frozenset, stories(bench).values())) == held[1]
    bench.restart()
    assert partitions(bench.writer.corpus) == held
    for word in bench.look(lambda session: session.constraints()):
        bench.ask(Withdraw(word.id))
    (tmp_path / "other").mkdir()
    with opened(tmp_path / "other", template) as other:
        others = {other.ingest(BODY[name]).id: name for name in ids.values()}
        mine, theirs = partitions(bench.writer.corpus), partitions(other.writer.corpus)
        for a, b in zip(mine, theirs, strict=True):
            assert {frozenset(ids[i] for i in group) for group in a} == {frozenset(others[i] for i in group) for group in b}


def test_a_survivor_that_gives_articles_away_in_the_same_change_is_not_told_as_gone():
    from dataclasses import replace

    from service.domain.models import StoryVersion
    from service.flows.story_changes import story_change
    from tests.contract.test_store import NOON
    from tests.contract.test_store import story as some_story

    version = StoryVersion("s1", 3, NOON, "merged", ("a3",), ("a1",), ("s2",), ("s4",))
    survivor = story_change("merged", version, some_story("s1")).data
    assert (survivor["from"], survivor["into"], survivor["articles_removed"]) == (["s2"], [], ["a1"])
    gone = story_change("merged", replace(version, from_ids=(), into_ids=("s2",)), None).data
    assert (gone["into"], "counts" in gone) == (["s2"], False)
    assert story_change("split", version, some_story("s1")).data["into"] == ["s4"]
