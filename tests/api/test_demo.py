"""The demo: its corpus, its folder, and (slow) the whole of it as a user runs it."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from service import demo
from service.api.requests import article_input
from service.settings import Settings


def console():
    return Console(file=io.StringIO(), width=100)


def test_every_article_of_the_corpus_is_accepted():
    lines = demo._CORPUS.read_text(encoding="utf-8").splitlines()
    contents = [article_input(json.loads(line), Settings()) for line in lines]
    assert len({content.canonical_url for content in contents}) == len(lines) >= 14
    assert all(content.outlet_site.endswith(".example") for content in contents)  # no real outlet is said to have published it


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    out = console()
    assert demo.run_demo(out, tmp_path, 0, keep_serving=False) == 1
    assert "thesis.txt" in out.file.getvalue()
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_what_a_demo_left_is_emptied(tmp_path):
    demo._empty(tmp_path)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "vectors").write_text("old")
    demo._empty(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [demo._MARK]


def test_a_wrong_partition_is_named():
    def article(outlet, story, event):
        metadata = {"event": event, "reporting": event}
        return {"outlet": {"name": outlet}, "title": "T", "story_id": story, "report_id": story, "metadata": metadata}

    assert demo._differences([article("A", "s1", "flood"), article("B", "s1", "flood"), article("C", "s2", "strike")]) == []
    [split, _] = demo._differences([article("A", "s1", "flood"), article("B", "s2", "flood")])
    assert split == "A and B are not one story (T)"
    [merged, _] = demo._differences([article("A", "s1", "flood"), article("B", "s1", "strike")])
    assert merged == "A and B are one story (T)"


@pytest.mark.slow
@pytest.mark.model
def test_the_demo_ends_well(tmp_path):
    out = console()
    code = demo.run_demo(out, tmp_path, 0, keep_serving=False)
    shown = out.file.getvalue()
    assert code == 0, shown
    assert "12 articles of 11 outlets are 3 independent reports" in shown
    assert "first appeared on" in shown
