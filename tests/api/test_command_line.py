"""The commands against a real service: what they print, and how they end."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import httpx
import pytest
import typer
from rich.progress import Task, TaskID
from typer.testing import CliRunner, Result

from service import __version__
from service.app import create_app
from service.cli import commands
from service.errors import ConfigurationError, Overloaded
from service.parts.pieces import encoder_factory
from service.parts.writer import reindex
from tests.api.conftest import Running, article
from tests.api.whole import send, served
from tests.samples import SAMPLES


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(commands.build(create_app, encoder_factory, reindex), [str(argument) for argument in arguments])

    return run


def test_version_and_help(call: Any) -> None:
    assert call("--version").stdout.strip() == __version__
    shown = call("--help").stdout
    for command in ("serve", "migrate", "reindex", "ingest", "story", "trace", "export", "doctor"):
        assert command in shown
        assert call(command, "--help").exit_code == 0


WHOLE: typer.core.TyperGroup = typer.main.get_command(commands.build(create_app, encoder_factory, reindex))  # type: ignore[assignment]
OPTIONS = [
    (name, option.name)
    for name, command in WHOLE.commands.items()
    for option in command.params
    if isinstance(option, typer.core.TyperOption)
]


def given(option: Any) -> str:
    """A value for it that is none's default; of a choice, the last."""
    kind = option.type_descriptor.annotation
    return str(get_args(kind)[-1]) if get_origin(kind) is Literal else {str: "given", Path: "given", int: "7", bool: "true"}[kind]


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_every_option_is_an_environment_variable(monkeypatch: pytest.MonkeyPatch, command: str, option: str) -> None:
    """The one that the help names, and it takes effect as the option does."""
    for variable in [name for name in os.environ if name.startswith("WIRETRACE_")]:
        monkeypatch.delenv(variable)
    asked = WHOLE.commands[command]
    [parameter] = [one for one in asked.params if one.name == option]
    above = WHOLE.make_context("wiretrace", [command])
    arguments = [str(Path(__file__)) for one in asked.params if isinstance(one, typer.core.TyperArgument)]
    parsed = asked.make_context(command, list(arguments), parent=above)
    shown = re.search(r"env var:\s+(WIRETRACE_\w+)", " ".join(parameter.get_help_record(parsed) or ()))
    assert shown, f"wiretrace {command} {parameter.opts[0]} is no environment variable"
    value = given(parameter)
    said = asked.make_context(
        command, [*arguments, parameter.opts[0], *([] if parameter.is_flag else [value])], parent=above
    ).params[option]
    assert said != parsed.params[option]
    monkeypatch.setenv(shown[1], value)
    assert asked.make_context(command, list(arguments), parent=above).params[option] == said


def test_options_of_one_command_are_set_by_its_own_variables(
    call: Any, running: Running, tmp_path: Path, monkeypatch: Any
) -> None:
    story_id = running.client.post("/v1/articles", json=article(60)).json()["story_id"]
    monkeypatch.setenv("WIRETRACE_SERVER", running.url)
    monkeypatch.setenv("WIRETRACE_EXPORT_FORMAT", "dot")
    monkeypatch.setenv("WIRETRACE_EXPORT_OUTPUT", str(tmp_path / "story.dot"))
    result = call("export", story_id)
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert (tmp_path / "story.dot").read_text().startswith("digraph")
    monkeypatch.setenv("WIRETRACE_EXPORT_FORMAT", "word")
    assert call("export", story_id).exit_code == 2
    monkeypatch.setenv("WIRETRACE_VERSION", "0.1")
    assert "Usage" in call("--help").stdout, "the variable of an image, no option"


def test_ingest_sends_all_and_names_the_lines_that_were_refused(call: Any, running: Running, tmp_path: Path) -> None:
    lines = [json.dumps(article(number)) for number in range(1, 13)]
    lines[3] = "{broken"
    lines[5] = json.dumps(article(6, published_at="yesterday"))
    lines.insert(7, "")
    (tmp_path / "articles.ndjson").write_text("\n".join(lines))
    (tmp_path / "more.json").write_text(json.dumps([article(1), article(20), {"title": "\ud800"}]))
    result = call("ingest", tmp_path / "articles.ndjson", tmp_path / "more.json", "--server", running.url)
    assert result.exit_code == 1
    assert result.stdout.strip() == "11 new, 1 known, 3 refused"
    failures = [line for line in result.stderr.splitlines() if line.startswith(str(tmp_path))]
    assert [line.removeprefix(str(tmp_path)).split(": ")[0] for line in failures] == [
        "/articles.ndjson:4",
        "/articles.ndjson:6",
        "/more.json[2]",
    ]
    assert "is not JSON" in failures[0]
    assert "#/published_at is not an RFC 3339 time" in failures[1]
    assert call("ingest", tmp_path / "articles.ndjson", "--server", running.url).stdout.startswith("0 new, 10 known, 2 refused")


BODY = "".join(f"<p>{text}</p>" for text in SAMPLES["wire"]["paragraphs"])


def test_ingest_sends_pages_under_the_address_where_they_stood(call: Any, running: Running, tmp_path: Path) -> None:
    heads = {
        "saved.html": "<!-- saved from url=(0031)https://saved.example/quay?id=1 --><html><head>",
        "graph.htm": '<html><head><meta property="og:url" content="https://graph.example/quay"><link rel="canonical" href="https://a.example/">',
        "canonical.HTML": '<html><head><link rel="canonical" href="https://canonical.example/quay">',
        "nowhere.html": '<html><head><link rel="canonical" href="/quay">',
        "told.html": "<html><head>",
        "empty.html": "",
    }
    for file, head in heads.items():
        page = f"{head}<title>Küste</title></head><body><article><h1>Küste</h1>{BODY}</article></body></html>" if head else ""
        (tmp_path / file).write_bytes(page.encode("latin-1").replace(b"<head>", b'<head><meta charset="iso-8859-1">'))
    files = [tmp_path / name for name in heads if name != "told.html"]
    result = call("ingest", *files, "--server", running.url)
    assert (result.exit_code, result.stdout.strip()) == (1, "3 new, 0 known, 2 refused")
    failures = [line for line in result.stderr.splitlines() if line.startswith(str(tmp_path))]
    assert "empty.html: the page is not HTML" in failures[0]
    assert "nowhere.html: does not say where it stood; name its address with --url" in failures[1]
    told = call("ingest", tmp_path / "told.html", "--url", "https://told.example/quay", "--server", running.url)
    assert told.stdout.strip() == "1 new, 0 known, 0 refused"
    for site in ("saved", "graph", "canonical", "told"):
        [item] = running.client.get("/v1/articles", params={"outlet": f"{site}.example"}).json()["items"]
        assert item["title"] == "Küste"
    for wrong in (files[:2], [tmp_path / "articles.ndjson"]):
        (tmp_path / "articles.ndjson").touch()
        refused = call("ingest", *wrong, "--url", "https://told.example/quay", "--server", running.url)
        assert (refused.exit_code, "goes with one HTML page" in refused.stderr) == (2, True)


def test_the_progress_shows_how_many_are_left_and_the_rate() -> None:
    task = Task(TaskID(1), "articles", 10, 0, _get_time=lambda: 0.0)
    assert commands._Rate().render(task).plain == ""
    task.finished_speed = 12.34
    assert commands._Rate().render(task).plain == "12.3/s"


def test_ingest_waits_and_repeats_while_the_service_is_overloaded(call: Any, running: Running, tmp_path: Path) -> None:
    refusals = [Overloaded(), Overloaded()]

    async def sometimes() -> None:
        if refusals:
            raise refusals.pop()

    running.ingest.before = sometimes
    (tmp_path / "one.json").write_text(json.dumps(article(30)))
    try:
        result = call("ingest", tmp_path / "one.json", "--server", running.url)
    finally:
        running.ingest.before = None
    assert (result.exit_code, result.stdout.strip(), refusals) == (0, "1 new, 0 known, 0 refused", [])


def test_story_and_trace_are_readable(call: Any, running: Running) -> None:
    ids = [running.client.post("/v1/articles", json=article(40 + n, title="A [bold] quay")).json()["id"] for n in (1, 2)]
    story_id = running.client.get(f"/v1/articles/{ids[0]}").json()["story_id"]
    shown = call("story", story_id, "--server", running.url).stdout
    for words in ("A [bold] quay", "Report 1", "outlet-41.example", "100%", ids[1]):
        assert words in shown
    traced = call("trace", ids[1], "--server", running.url).stdout
    assert "Reuters" in traced
    assert "outlet-42.example" in traced
    assert "carried full, 100%" in traced
    assert "same words" in traced
    missing = call("trace", "none", "--server", running.url)
    assert missing.exit_code == 1
    assert "No such article" in missing.stderr


def test_a_refusal_ends_a_command_in_one_line(
    call: Any, running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRETRACE_API_KEY", "")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # none stands before this machine
    article_id = running.client.post("/v1/articles", json=article(50)).json()["id"]
    assert call("trace", article_id, "--server", running.url).exit_code == 0
    for command in ("story", "trace", "export"):
        for ident in ("..", "a/b", "?"):
            refused = call(command, ident, "--server", running.url)
            assert (refused.exit_code, refused.stderr.count("\n"), "404 No such" in refused.stderr) == (1, 1, True), refused
        assert "an id is empty" in call(command, "", "--server", running.url).stderr
    (tmp_path / "one.json").write_text(json.dumps(article(51)))
    assert call("ingest", tmp_path / "one.json", "--server", running.url).stdout.startswith("1 new")


def test_migrate_then_doctor(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRETRACE_ENCODER", "hashing")
    data = tmp_path / "data"
    before = call("doctor", "--data", data)
    assert before.exit_code == 1
    assert "fix: run: wiretrace migrate" in before.stdout
    assert "migrated to" in call("migrate", "--data", data).stdout
    assert "already at" in call("migrate", "--data", data).stdout
    after = call("doctor", "--data", data)
    assert (after.exit_code, "wrong" in after.stdout) == (0, False), after.stdout
    for name in ("access", "data folder", "disk space", "schema", "pragmas", "model", "encoder", "index"):
        assert name in after.stdout


def test_doctor_names_what_is_wrong_and_the_fix(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRETRACE_MODEL_SHA256", "0" * 64)
    monkeypatch.setenv("WIRETRACE_HOST", "0.0.0.0")
    monkeypatch.setenv("WIRETRACE_MIN_FREE_DISK_BYTES", str(10**18))
    shown = call("doctor", "--data", tmp_path).stdout
    assert "set WIRETRACE_API_KEYS" in shown
    assert "GB on the disk of" in shown
    assert "wanted is 0000" in shown


def test_what_a_user_can_repair_ends_in_one_line(
    running: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def main(*arguments: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["wiretrace", *arguments])
        with pytest.raises(SystemExit) as ended:
            commands.run(commands.build(create_app, encoder_factory, reindex))
        return ended.value.code, capsys.readouterr().err

    code, message = main("serve", "--host", "0.0.0.0")
    assert code == 1
    assert "WIRETRACE_API_KEYS" in message
    code, message = main("story", "x", "--server", "http://127.0.0.1:9")
    assert code == 1
    assert "Is it running?" in message
    monkeypatch.setenv("WIRETRACE_MAX_PARAGRAPHS", "none")
    code, message = main("migrate")
    assert code == 2
    assert message.startswith("WIRETRACE_MAX_PARAGRAPHS: ")


def test_serving_refuses_an_open_door() -> None:
    from service.settings import Settings

    with pytest.raises(ConfigurationError):
        create_app(Settings(host="::"))


def test_reindex_concludes_the_same_anew(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRETRACE_ENCODER", "hashing")

    def answers(client: httpx.Client) -> Any:
        listed = client.get("/v1/articles").json()["items"]
        return listed, [client.get(f"/v1/stories/{one['story_id']}").json() for one in listed]

    with served(tmp_path) as client:
        for name in ("wire", "reprint", "orchid"):
            send(client, SAMPLES[name])
        before = answers(client)
        refused = call("reindex", "--data", tmp_path)
        assert isinstance(refused.exception, ConfigurationError)
        assert "another Wiretrace process" in str(refused.exception)
    # The pairs are lost: what stands of them afterwards was concluded anew.
    with closing(sqlite3.connect(tmp_path / "wiretrace.db")) as database:
        assert database.execute("DELETE FROM unit_pair").rowcount > 0
        database.commit()
    result = call("reindex", "--data", tmp_path)
    assert result.exit_code == 0, result.exception
    assert "3 articles concluded anew, 2 stories" in result.stdout
    with served(tmp_path) as client:
        assert answers(client) == before
        wire = next(one for one in before[0] if one["outlet"]["name"] == "Reuters")
        assert client.get(f"/v1/articles/{wire['id']}/matches").json()["items"][0]["share"] > 0.9
