"""A time of publication that cannot be true is stored and shown as it was claimed, and parts nothing."""

import pytest

from service.flows.query import Query
from tests import samples
from tests.flows.parts import WEIGHTS, Shelf, partitions

WIRE = samples.body("wire", samples.WIRE, "Reuters", "reuters.com", 5)
REPRINT = samples.body("reprint", ("By Reuters", *samples.plain(samples.WIRE)), "Gazette", "gazette.example", 6)
IMPOSSIBLE = ("1970-01-01T00:00:00Z", "2031-05-04T10:00:00Z")


def together(at):
    bodies = {"wire": WIRE, "reprint": REPRINT | {"published_at": at}}
    return partitions(Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies))


@pytest.mark.parametrize("at", [*IMPOSSIBLE, None])
def test_a_reprint_under_an_impossible_time_is_of_the_report(at):
    assert together(at) == ({frozenset({"wire", "reprint"})},) * 2


def test_one_of_another_year_that_can_be_is_not():
    assert together("2019-05-04T10:00:00Z")[0] == {frozenset({"wire"}), frozenset({"reprint"})}


@pytest.mark.parametrize("at", IMPOSSIBLE)
def test_it_is_shown_as_it_was_claimed_and_the_story_is_not_dated_by_it(bench, at):
    bench.ingest(WIRE)
    found = bench.ingest(REPRINT | {"published_at": at})
    shown = Query(bench.store, WEIGHTS.version, lambda _: None).article(found.id)
    assert shown.published_at.isoformat() == at.replace("Z", "+00:00")
    story = bench.look(lambda session: session.stories([found.findings.story_id]))[found.findings.story_id]
    assert {story.first_published_at.year, story.last_published_at.year} == {2026}


def test_a_page_that_is_dated_anew_later_is_judged_by_when_that_was_said(bench):
    """The clock of the first time would call it a time to come."""
    bench.clock.at = bench.clock.at.replace(year=2030)
    first = bench.ingest(WIRE | {"published_at": "2030-05-04T05:00:00Z"})
    bench.clock.at = bench.clock.at.replace(year=2031)
    dated = bench.ingest(WIRE | {"published_at": "2031-05-04T05:00:00Z"})
    assert dated.believed_at == dated.content.published_at
    assert dated.observed_at == first.observed_at
    bench.clock.at = bench.clock.at.replace(year=2032)
    same = bench.ingest(WIRE | {"published_at": "2031-05-04T05:00:00Z"})
    assert same == dated
    bench.restart()
    assert bench.articles()[dated.id].believed_at == dated.content.published_at
