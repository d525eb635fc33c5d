"""How the quality bench reads labels and splits them, on made-up data; one whole run on the real pipeline without a model."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bench.quality.claims import Lineage, contained, trigrams
from bench.quality.learning import Learner, classify_in_folds, folds, forest, kernel_machine, regression
from bench.quality.sets import labelled_articles, words
from bench.quality.tools import Tools
from service.embed.hashing import HashingEncoder
from service.registry_files import load_registry
from service.resources import load_weights


def test_a_group_is_never_split_and_every_item_is_measured_once() -> None:
    groups = list("aaaabbbccdefgh")
    seen: list[int] = []
    for learned_on, measured_on in folds(groups, 5):
        assert {groups[i] for i in learned_on}.isdisjoint(groups[i] for i in measured_on)
        assert sorted(learned_on + measured_on) == list(range(len(groups)))
        seen += measured_on
    assert sorted(seen) == list(range(len(groups)))


@pytest.mark.parametrize("learner", [regression, kernel_machine, partial(forest, 1)], ids=["regression", "kernel", "forest"])
def test_a_class_is_given_from_the_other_groups_alone(learner: Learner) -> None:
    pytest.importorskip("sklearn")
    table = np.array([[float(i % 2)] for i in range(20)])
    outcomes = ["odd" if i % 2 else "even" for i in range(20)]
    groups = [str(i // 4) for i in range(20)]
    assert classify_in_folds(table, outcomes, groups, learner) == outcomes
    # What holds in one group alone cannot be learned for it.
    alone = ["new" if group == "0" else "old" if i % 2 else "older" for i, group in enumerate(groups)]
    assert "new" not in classify_in_folds(table, alone, groups, learner)[:4]


def test_the_seed_decides_what_a_forest_says() -> None:
    pytest.importorskip("sklearn")
    noise, outcomes, groups = (
        np.random.default_rng(0).normal(size=(60, 3)),
        ["a", "b", "c"] * 20,
        [str(i // 12) for i in range(60)],
    )
    one, again, other = (classify_in_folds(noise, outcomes, groups, partial(forest, seed)) for seed in (2, 2, 3))
    assert one == again != other


def test_copies_of_copies_descend_from_one_wire_paragraph() -> None:
    truth = {
        "wire": {"story": "s", "parent": None, "copied": []},
        "reprint": {"story": "s", "parent": "wire", "copied": [[0, "wire", 2, "verbatim"]]},
        "again": {"story": "s", "parent": "reprint", "copied": [[1, "reprint", 0, "light"]]},
        "unseen": {"story": "s", "parent": "org:AFP", "copied": [[0, None, 2, "light"]]},
        "own": {"story": "t", "parent": None, "copied": []},
    }
    lineage = Lineage(truth)
    assert lineage.of("again", 1) == lineage.of("reprint", 0) == lineage.of("wire", 2) == lineage.of("unseen", 0)
    assert lineage.of("again", 0) != lineage.of("wire", 0)
    assert lineage.of("own", 2) != lineage.of("wire", 2)


def test_overlap_is_counted_by_the_shorter_text() -> None:
    short, long = trigrams("One two three four."), trigrams("zero one two three four five six")
    assert contained(short, long) == 1
    assert contained(trigrams(""), long) == 0
    assert words("Don't stop, 3.5 km!") == ["don", "t", "stop", "3", "5", "km"]


def test_a_set_without_zone_is_read_as_utc(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    rows = [
        {"id": 1, "text": "a", "date": "2021-06-24 10:00:00", "story": 3},
        {"url": "https://a.example/b", "paragraphs": ["b"], "date": "2021-06-24", "story": 4},
        {"text": "c", "date": "soon", "story": 4},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf8")
    data = labelled_articles(file, "story")
    assert [body.get("published_at") for body in data.bodies] == ["2021-06-24T10:00:00Z", "2021-06-24T00:00:00Z", None]
    assert [body["external_id"] for body in data.bodies] == ["1", "https://a.example/b", "2"]
    assert data.labels == ["3", "4", "4"]


@pytest.mark.slow
def test_a_whole_run_on_made_up_stories(tmp_path: Path) -> None:
    for package in ("datasketch", "sklearn", "sentence_transformers"):
        pytest.importorskip(package)
    from bench.quality.stories import gedikli

    fire = "A warehouse in the port of Lindhaven burned down on Monday night and {} firefighters fought the blaze until morning."
    vote = "The council of Ostbury voted {} to rebuild the old stone bridge over the river Wenn before the coming winter."
    rows = [
        {"url": "https://a.example/1", "title": "Warehouse burns in Lindhaven", "text": fire.format("forty"), "story": 1},
        {"url": "https://b.example/1", "title": "Lindhaven warehouse burns", "text": fire.format("about forty"), "story": 1},
        {"url": "https://a.example/2", "title": "Ostbury to rebuild bridge", "text": vote.format("nine to two"), "story": 2},
        {"url": "https://b.example/2", "title": "Bridge will be rebuilt", "text": vote.format("on Monday"), "story": 2},
    ]
    (tmp_path / "articles.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf8")
    result = gedikli(tmp_path, Tools(HashingEncoder(), load_registry(), load_weights(), lambda _: None))
    figures = {figure.key: figure.value for figure in result.figures}
    assert figures == {"stories_b3": 1.0, "stories_pair": 1.0, "stories_ari": 1.0}
    tuned = [rival for rival in result.rivals if rival.is_tuned]
    assert {rival.method for rival in tuned} >= {"datasketch MinHash LSH", "TF-IDF, agglomerative", "word bigram overlap"}
    for rival in tuned:
        plain = next(r for r in result.rivals if r.method == rival.method and not r.is_tuned)
        assert sum(rival.values.values()) >= sum(plain.values.values()) - 1e-3
