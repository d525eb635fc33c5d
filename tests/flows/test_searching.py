"""Searching stories: by words and by meaning, ranked, page after page, while articles come and go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.domain.tokens import surface, unit_key
from service.errors import EncoderUnavailable
from service.flows import searching
from service.flows.searching import Search, Shown
from service.store_values import StoryFilter
from tests import samples
from tests.flows.parts import NOON, embed
from tests.samples import SAMPLES

ALL = StoryFilter()


class Meaning:
    """Neighbours by script; `asked` keeps the counts."""

    def __init__(self, *near):
        self.near, self.asked = list(near), []

    def __call__(self, text, count):
        self.asked.append(count)
        return self.near[:count]


def unit(paragraph):
    return unit_key(paragraph)


def everything(search, text, limit=50, **how):
    """All pages in one list, checked for repetitions."""
    items, shown = search.page(text, how.pop("where", ALL), Shown(), limit, **how)
    found = list(items)
    while shown is not None:
        items, shown = search.page(text, how.get("where", ALL), Shown.unpacked(shown.packed()), limit, **how)
        assert items
        found += items
    assert len({one.id for one in found}) == len(found)
    return found


def test_words_find_the_story_and_show_the_passage(bench):
    ids = {name: bench.ingest(body) for name, body in SAMPLES.items()}
    search = Search(bench.store, Meaning())
    [found] = everything(search, "ghost orchids? An ORCHID beech-wood postman", by="words")
    assert found.id == ids["orchid"].findings.story_id
    assert (found.match.article_id, found.match.paragraph, found.match.by, found.match.score) == (ids["orchid"].id, 0, "words", 1)
    assert found.match.text == samples.ORCHID[0][found.match.start : found.match.end] == samples.ORCHID[0]
    [title] = everything(search, "trams and night buses stand still", by="words")
    assert (title.match.paragraph, title.match.text) == (None, SAMPLES["strike"]["title"])
    assert everything(search, "volcano", by="words") == []
    assert everything(search, "?!", by="words") == []
    # The words of one story may stand in several paragraphs of it.
    assert [one.id for one in everything(search, "postman canopy collectors", by="words")] == [found.id]


def test_stories_that_hold_more_of_the_query_come_first(bench):
    ids = {name: bench.ingest(SAMPLES[name]).findings.story_id for name in ("wire", "strike", "orchid")}
    search = Search(bench.store, Meaning())
    # "harbour" counts for neither; the port is the fire's, the ferry the strike's.
    found = everything(search, "tug silos conveyor ferry", by="words")
    assert [one.id for one in found] == [ids["wire"]]
    assert {one.id for one in everything(search, "Velden", by="words")} == {ids["wire"], ids["strike"]}


def test_meaning_finds_what_shares_no_word_and_both_together_come_first(bench):
    ids = {name: bench.ingest(SAMPLES[name]).findings.story_id for name in ("wire", "strike", "orchid")}
    meaning = Meaning((unit(samples.ORCHID[2]), 0.8), (unit(samples.WIRE[1]), 0.7), (unit(samples.STRIKE[0]), 0.2), ("gone", 0.9))
    search = Search(bench.store, meaning)
    found = everything(search, "blaze terminal")
    assert [(one.id, one.match.by) for one in found] == [(ids["wire"], "both"), (ids["orchid"], "meaning")]
    assert found[0].match.text == samples.WIRE[1]
    assert found[0].match.score == pytest.approx((1 / 61 + 1 / 62) / (2 / 61))
    assert [one.id for one in everything(search, "blaze terminal", by="meaning")] == [ids["orchid"], ids["wire"]]
    assert meaning.asked == [500, 500]
    assert everything(search, "blaze", by="meaning", where=StoryFilter(outlet_site="nobody.example")) == []
    assert meaning.asked[2:] == [4000], "a filter may leave few of the nearest"
    assert everything(search, "blaze terminal", order="size")[0].id == max(ids["wire"], ids["orchid"])


def test_without_an_encoder_only_words_are_answered(bench):
    bench.ingest(SAMPLES["orchid"])

    def broken(text, count):
        raise EncoderUnavailable

    search = Search(bench.store, broken)
    assert len(everything(search, "orchid", by="words")) == 1
    for by in ("both", "meaning"):
        with pytest.raises(EncoderUnavailable):
            search.page("orchid", ALL, Shown(), 10, by=by)


def test_a_merged_story_is_found_once_and_a_deleted_one_not_at_all(bench):
    orchid, wire = bench.ingest(SAMPLES["orchid"]), bench.ingest(SAMPLES["wire"])
    search = Search(bench.store, Meaning((unit(samples.ORCHID[0]), 0.9), (unit(samples.WIRE[1]), 0.8)))
    assert len(everything(search, "orchid")) == 2
    from service.flows.tasks import Merge

    bench.ask(Merge(orchid.findings.story_id, wire.findings.story_id))
    [one] = everything(search, "orchid")
    assert (one.id, one.match.by, one.match.article_id) == (orchid.findings.story_id, "both", orchid.id)
    bench.delete(orchid.id)
    assert everything(search, "orchid", by="words") == []
    [one] = everything(search, "sprinklers")
    assert one.match.article_id == wire.id


def town(number):
    return f"Quellby{number:03}"


def invented(number, words="harbour lantern"):
    text = f"The {words} festival of {town(number)} was opened by mayor Aster{number} with {number} boats and a brass band."
    # So far apart that each is a story of its own.
    at = NOON - timedelta(days=30 * (number % 1000))
    return samples.body(
        f"f{number}", (text,), f"Paper {number}", f"paper-{number}.example", title=f"{town(number)} opens", published_at=at.isoformat()
    )  # fmt: skip


def test_no_story_is_shown_twice_or_left_out_while_others_come_and_go(bench):
    stays = {bench.ingest(invented(number)).findings.story_id for number in range(20)}
    goes = [bench.ingest(invented(100 + number)) for number in range(6)]
    stays -= {one.findings.story_id for one in goes}
    search, number = Search(bench.store, Meaning()), 200
    for order in (None, "updated"):
        shown, found = Shown(), []
        while shown is not None:
            items, shown = search.page("harbour lantern festival", ALL, shown, 7, by="words", order=order)
            found += [one.id for one in items]
            number += 1
            bench.ingest(invented(number))
            if goes:
                bench.delete(goes.pop().id)
        assert len(found) == len(set(found))
        assert stays <= set(found)


def test_what_is_given_is_bounded_and_so_is_a_cursor(bench, monkeypatch):
    monkeypatch.setattr(searching, "MOST_FOUND", 12)
    for number in range(20):
        bench.ingest(invented(number))
    found = everything(Search(bench.store, Meaning()), "lantern", limit=5, by="words")
    assert len(found) == 12
    # Of equals the newest paragraphs come first.
    assert found[0].match.text == invented(19)["paragraphs"][0]
    shown = Shown().with_these(str(number) for number in range(10))
    items, shown = Search(bench.store, Meaning()).page("lantern", ALL, shown, 5, by="words")
    assert (len(items), shown) == (2, None), "ten of the twelve were given before, whatever came since"
    monkeypatch.undo()
    full = Shown().with_these(str(number) for number in range(199))
    assert len(full.packed()) == 199 * 5
    assert Shown.unpacked(full.packed()) == full


@pytest.mark.parametrize("packed", [b"", b"1234", b"123456", b"1" * 5 * 201])
def test_what_is_no_list_of_names_is_refused(packed):
    with pytest.raises(ValueError, match="names"):
        Shown.unpacked(packed)


def test_an_old_story_is_found_though_one_of_its_words_is_everywhere(bench, monkeypatch):
    monkeypatch.setattr(searching, "_OF_ONE_WORD", 3)
    old = bench.ingest(invented(0, words="harbour zeppelin"))
    for number in range(1, 8):
        bench.ingest(invented(number))
    search = Search(bench.store, Meaning())
    assert [one.id for one in everything(search, "harbour zeppelin", by="words")] == [old.findings.story_id]
    # All words are frequent: those together count.
    assert len(everything(search, "harbour lantern", by="words")) >= 3


def test_after_a_restart_the_same_is_found(bench):
    for name in ("wire", "strike", "orchid"):
        bench.ingest(SAMPLES[name])

    def nearest(text, count):
        return bench.writer.nearest(embed([surface(text)])[0], count)

    def found():
        return [(one.id, one.match.model_dump()) for one in everything(Search(bench.store, nearest), samples.ORCHID[1])]

    before = found()
    assert before[0][1]["by"] == "both"
    assert before[0][1]["text"] == samples.ORCHID[1]
    with bench.store.write() as session:
        session.put_note("search words", "another version")
    bench.restart()
    assert found() == before


def test_while_vectors_are_loaded_meaning_is_not_answered(bench):
    bench.ingest(SAMPLES["orchid"])
    bench.writer._is_rebuilding = True
    with pytest.raises(EncoderUnavailable):
        bench.writer.nearest(embed(["orchid"])[0], 3)
