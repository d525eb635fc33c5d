"""The story detail says per article why it is in, and how sure that is."""

import pytest

from service.flows.query import Query
from service.flows.tasks import Merge
from tests.flows.bench import opened
from tests.flows.parts import WEIGHTS
from tests.samples import SAMPLES


def memberships(bench, article_id):
    asked = Query(bench.store, WEIGHTS.version, lambda _: None)
    story = asked.story(bench.articles()[article_id].findings.story_id)
    return {article.article_id: article.membership for report in story.reports for article in report.articles}


def test_every_article_says_why_it_is_in(bench):
    ids = {name: bench.ingest(SAMPLES[name]).id for name in ("wire", "reprint", "local", "orchid")}
    found = memberships(bench, ids["wire"])
    assert found.keys() == {ids["wire"], ids["reprint"], ids["local"]}
    copy, event = found[ids["reprint"]].reasons
    assert (copy.kind, copy.article_id) == ("shared_copy", ids["wire"])
    assert copy.share > 0.9
    assert copy.share_of_other > 0.9
    assert (event.kind, event.article_id) == ("same_event", ids["local"])
    (only,) = found[ids["local"]].reasons
    assert only.kind == "same_event"
    assert only.article_id in {ids["wire"], ids["reprint"]}
    assert only.probability == event.probability >= WEIGHTS.story_threshold
    assert only.features == event.features
    assert len(only.features) > 3
    assert [abs(f.weight) for f in only.features] == sorted((abs(f.weight) for f in only.features), reverse=True)
    for feature in only.features:
        assert feature.weight == pytest.approx(WEIGHTS.story[feature.name] * feature.value, abs=1e-3)
    assert 0.5 < found[ids["local"]].confidence < found[ids["reprint"]].confidence <= 1
    (alone,) = memberships(bench, ids["orchid"]).values()
    assert (alone.confidence, [reason.kind for reason in alone.reasons]) == (1.0, ["alone"])


def test_it_follows_what_comes_and_goes_and_survives_a_restart(bench):
    ids = {name: bench.ingest(SAMPLES[name]).id for name in ("wire", "reprint", "local")}
    before = memberships(bench, ids["wire"])
    bench.restart()
    assert memberships(bench, ids["wire"]) == before
    bench.delete(ids["reprint"])
    assert [reason.kind for reason in memberships(bench, ids["wire"])[ids["wire"]].reasons] == ["same_event"]
    again = bench.ingest(SAMPLES["reprint"]).id
    now = memberships(bench, ids["wire"])
    assert now[again] == before[ids["reprint"]]
    bench.delete(ids["local"])
    bench.delete(again)
    assert [reason.kind for reason in memberships(bench, ids["wire"])[ids["wire"]].reasons] == ["alone"]


def test_an_editors_word_is_a_reason(bench):
    wire, orchid = (bench.ingest(SAMPLES[name]) for name in ("wire", "orchid"))
    bench.ask(Merge(wire.findings.story_id, orchid.findings.story_id))
    found = memberships(bench, wire.id)
    assert found.keys() == {wire.id, orchid.id}
    for membership in found.values():
        assert membership.reasons[-1].kind == "editor"
        assert membership.confidence < 0.5, "the texts alone do not say so"


def test_a_corrected_time_is_another_distance(bench, template, tmp_path):
    """What two articles are to each other is remembered; it must not outlive the day that it was computed for."""
    late = {**SAMPLES["local"], "published_at": "2026-05-05T06:00:00Z"}
    wire, local = (bench.ingest(SAMPLES[name]).id for name in ("wire", "local"))
    before = memberships(bench, wire)[local].reasons[0].probability
    assert bench.ingest(late).id == local
    (tmp_path / "other").mkdir()
    with opened(tmp_path / "other", template) as other:
        ids = [other.ingest(body).id for body in (SAMPLES["wire"], late)]
        wanted = memberships(other, ids[0])[ids[1]].reasons[0].probability
    assert memberships(bench, wire)[local].reasons[0].probability == wanted < before
