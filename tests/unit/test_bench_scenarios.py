"""The scenarios of the quality bench: what they have to be, and that what needs the model comes out as their editors would have it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.quality.pipeline import open_pipeline
from bench.scenarios import reading
from bench.scenarios.reading import PARTS, is_right, read
from service.embed.local import SentenceTransformerEncoder
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings


@pytest.mark.parametrize("part", PARTS)
def test_each_is_whole_invented_and_past(part: str) -> None:
    found = read(part)
    assert len(found) >= 36
    for scenario in found:
        assert len(scenario.bodies) == len(scenario.stories) == len({body["url"] for body in scenario.bodies}) >= 3
        for body in scenario.bodies:
            assert body["url"].split("/")[2].endswith(".example"), body["url"]
            assert datetime.fromisoformat(body["published_at"]) < datetime(2026, 1, 1, tzinfo=UTC)
            assert body["title"]
            assert all(body["paragraphs"])
        if scenario.reports:
            # A report is of one event.
            story_of = dict(zip(scenario.reports, scenario.stories, strict=True))
            assert [story_of[report] for report in scenario.reports] == scenario.stories


def test_none_is_learned_from_and_measured() -> None:
    texts = [{tuple(body["paragraphs"]) for one in read(part) for body in one.bodies} for part in PARTS]
    assert texts[-1].isdisjoint(texts[0] | texts[1])


def test_a_partition_that_leaves_an_article_out_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    article = {"id": "a", "outlet": "lys.example", "published_at": "2003-05-04T08:10:00Z", "title": "A", "paragraphs": ["B"]}
    (tmp_path / "develop").mkdir()
    row = {"about": "", "articles": [article, article | {"id": "b"}], "stories": [["a"]]}
    (tmp_path / "develop" / "one.json").write_text(json.dumps(row), encoding="utf8")
    monkeypatch.setattr(reading, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"one\.json: a partition has to hold every article once"):
        read("develop")


def test_the_names_of_clusters_do_not_matter() -> None:
    assert is_right(["a", "a", "b"], ["x", "x", "a"])
    assert not is_right(["a", "a", "b"], ["x", "y", "y"])


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    settings = Settings()
    return SentenceTransformerEncoder(settings.model, sha256=settings.expected_model_sha256(), threads=settings.encoder_threads)


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("sorn-bridge-closed-paraphrased", {"reports"}),
        ("tax-office-breach-paraphrased", {"reports"}),
        ("coach-crash-orrel-pass", {"stories", "reports"}),
        ("business-briefs-may", {"stories", "reports"}),
        ("two-quakes-two-countries", {"stories", "reports"}),
    ],
)
def test_with_the_model_an_editor_would_agree(name: str, kinds: set[str], encoder: SentenceTransformerEncoder) -> None:
    (scenario,) = (one for one in read("develop") if one.name == name)
    with open_pipeline(encoder, load_registry(), load_weights()) as pipeline:
        ids = pipeline.ingest(scenario.bodies)
        found = {"stories": pipeline.stories(ids), "reports": pipeline.reports(ids)}
    gold = {"stories": scenario.stories, "reports": scenario.reports}
    for kind in kinds:
        assert is_right(gold[kind] or [], found[kind]), kind
