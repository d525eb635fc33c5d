"""One resource, four representations: what the Accept header chooses, and the command that writes them to a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from prov.model import ProvDocument
from typer.testing import CliRunner

from service.api.negotiation import negotiated
from service.app import create_app
from service.cli import commands
from service.errors import NotAcceptable
from service.parts.pieces import encoder_factory
from service.parts.writer import reindex
from tests.api.conftest import Running, article
from tests.api.test_bad_input import problem

TYPES = ("application/json", "application/prov+json", "text/vnd.graphviz", "image/svg+xml")


@pytest.fixture(scope="module")
def path(running: Running) -> str:
    bodies = [article(number, title='A "quay" <wall> & more') for number in (1, 2, 3)]
    ids = [running.client.post("/v1/articles", json=body).raise_for_status().json()["id"] for body in bodies]
    return f"/v1/stories/{running.client.get(f'/v1/articles/{ids[0]}').json()['story_id']}/provenance"


def get(client: httpx.Client, path: str, accept: str, **headers: str) -> httpx.Response:
    return client.get(path, headers={"Accept": accept, **headers})


def test_each_type_is_what_it_says(client: httpx.Client, path: str) -> None:
    plain = get(client, path, "application/json").json()
    assert len(plain["links"]) == 3
    assert {node.get("outlet_class") for node in plain["nodes"]} == {"outlet", None}
    document = ProvDocument.deserialize(content=get(client, path, "application/prov+json").text, format="json")
    assert len([record for record in document.get_records() if record.get_type().localpart == "Derivation"]) == 3
    assert get(client, path, "text/vnd.graphviz").text.startswith("digraph story {")
    picture = ET.fromstring(get(client, path, "image/svg+xml").content)
    assert (picture[0].text or "").startswith('A "quay" <wall> & more')


def test_answers_vary_by_accept_and_each_has_its_own_tag(client: httpx.Client, path: str) -> None:
    tags = {}
    for kind in TYPES:
        answer = get(client, path, kind)
        assert answer.headers["content-type"].split(";")[0] == kind
        assert answer.headers["vary"] == "Accept"
        tags[kind] = answer.headers["etag"]
        unchanged = get(client, path, kind, **{"If-None-Match": tags[kind]})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["vary"]) == (304, b"", "Accept")
    assert len(set(tags.values())) == len(TYPES)
    assert get(client, path, "image/svg+xml", **{"If-None-Match": tags["application/json"]}).status_code == 200


def test_nothing_that_fits_is_a_problem(client: httpx.Client, path: str) -> None:
    answer = get(client, path, "text/html, application/json;q=0")
    assert "image/svg+xml" in problem(answer, 406, "not-acceptable")["detail"]
    assert answer.headers["vary"] == "Accept"
    problem(get(client, "/v1/stories/none/provenance", "image/svg+xml"), 404, "story-not-found")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("image/svg+xml", "image/svg+xml"),
        ("IMAGE/SVG+XML; charset=utf-8", "image/svg+xml"),
        ("image/*", "image/svg+xml"),
        ("application/*", "application/json"),
        ("application/json;q=0.5, text/vnd.graphviz;q=0.9", "text/vnd.graphviz"),
        ("application/json;q=0.5, application/prov+json;q=0.5", "application/json"),
        ("*/*;q=0.1, application/prov+json", "application/prov+json"),
        ("*/*, application/json;q=0, application/prov+json;q=0.2, text/*;q=0.3, image/*;q=0.001", "text/vnd.graphviz"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "application/json"),
        ("nonsense, image/svg+xml;q=high, text/vnd.graphviz", "text/vnd.graphviz"),
        ("text/html", NotAcceptable),
        ("*/*;q=0", NotAcceptable),
        ("nonsense", NotAcceptable),
    ],
)
def test_the_best_type_is_chosen(accept: str | None, chosen: Any) -> None:
    if chosen is NotAcceptable:
        with pytest.raises(NotAcceptable):
            negotiated(accept, TYPES)
    else:
        assert negotiated(accept, TYPES) == chosen


def test_export_writes_what_the_service_answers(running: Running, path: str, tmp_path: Path) -> None:
    def call(*arguments: object) -> Any:
        return CliRunner().invoke(
            commands.build(create_app, encoder_factory, reindex), ["export", *map(str, arguments), "--server", running.url]
        )

    story_id = path.split("/")[3]
    assert "prefix" in json.loads(call(story_id).stdout)
    for form, kind in (("prov", TYPES[1]), ("dot", TYPES[2]), ("svg", TYPES[3])):
        target = tmp_path / form
        result = call(story_id, "--format", form, "--output", target)
        assert (result.exit_code, result.stdout) == (0, "")
        assert target.read_bytes() == get(running.client, path, kind).content
        assert call(story_id, "--format", form).stdout_bytes == target.read_bytes()
    assert call(story_id, "--format", "pdf").exit_code == 2
    missing = call("none", "--format", "svg")
    assert missing.exit_code == 1
    assert "No such story" in missing.stderr
    nowhere = call(story_id, "--output", tmp_path / "no" / "folder")
    assert nowhere.exit_code == 1
    assert "cannot be written" in nowhere.stderr
