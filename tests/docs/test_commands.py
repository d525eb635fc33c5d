"""What README and docs name exists: commands, options, variables, calls, make targets, links, tests; and their calls work."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import typer
import uvicorn
from rich.console import Console

from service import demo, openapi
from service.app import create_app
from service.settings import Settings
from tests.docs import command_line_page
from tests.docs.reading import PAGES, ROOT, anchors, blocks, code, links, name, text

OPENAPI: dict[str, Any] = json.loads(openapi.document())
COMMANDS = typer.main.get_command(command_line_page.application())
OPTIONS = {
    command.name: {option for parameter in command.params for option in parameter.opts if option.startswith("--")} | {"--help"}
    for command in COMMANDS.commands.values()  # type: ignore[attr-defined]
}
VARIABLES = {f"WIRETRACE_{field.upper()}" for field in Settings.model_fields} | set(
    re.findall(r"env var:\s+(WIRETRACE_\w+)", command_line_page.page())
)
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
SERVER = "http://127.0.0.1:8000"

_COMMAND = re.compile(r"(?:^|[\s/;&|(])wiretrace +(?!wiretrace\b)([a-z][a-z-]*)([^;&|`\n]*)")
_OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]*)")
_VARIABLE = re.compile(r"\bWIRETRACE_[A-Z0-9_]+")
_CALL = re.compile(
    r"(?:\b(GET|POST|PUT|PATCH|DELETE) )?(?:[^\s`'\"(]*?)(/(?:v1|health)(?:/[\w{}$-]+)*|/metrics\b)(\?[^\s`'\"]+)?"
)
_TEST = re.compile(r"\b(tests/[\w/]+\.py)(?:::(\w+))?")
_PLACEHOLDER = re.compile(r"\$?\{[^}]*\}|\$\w+|[A-Z][A-Z_]+")

each_page = pytest.mark.parametrize("page", PAGES, ids=name)


def shape(path: str) -> str:
    """A path with its placeholders made equal: `/v1/stories/$STORY` is `/v1/stories/{}`."""
    return "/".join("{}" if _PLACEHOLDER.fullmatch(part) else part for part in path.split("/"))


CALLS = {shape(path): operations for path, operations in OPENAPI["paths"].items()}


def calls(line: str) -> Iterator[tuple[str | None, str, str]]:
    for method, path, query in _CALL.findall(line):
        yield method or None, shape(path), query.removeprefix("?")


def test_the_documentation_is_found() -> None:
    assert {"README.md", "docs/README.md", "docs/settings.md", "docs/tutorial.md"} <= {name(page) for page in PAGES}
    assert {"demo", "run", "test", "check"} <= TARGETS
    assert OPTIONS["ingest"] >= {"--server", "--key", "--concurrency"}
    assert {"WIRETRACE_DATA", "WIRETRACE_SERVER", "WIRETRACE_API_KEY"} <= VARIABLES


@each_page
def test_commands_and_their_options_exist(page: Path) -> None:
    for line in code(page):
        for command, rest in _COMMAND.findall(line):
            assert command in OPTIONS, f"there is no wiretrace {command}: {line}"
            unknown = set(_OPTION.findall(rest)) - OPTIONS[command]
            assert not unknown, f"wiretrace {command} has no {', '.join(unknown)}: {line}"


@each_page
def test_variables_exist(page: Path) -> None:
    for found in _VARIABLE.findall(text(page)):
        # `WIRETRACE_MAX_…` names all that begin so.
        assert found in VARIABLES or (found.endswith("_") and any(known.startswith(found) for known in VARIABLES)), found


@each_page
def test_calls_and_their_parameters_exist(page: Path) -> None:
    for line in code(page):
        for method, path, query in calls(line):
            if path == "/v1":  # the root of all calls
                continue
            assert path in CALLS, f"there is no {path}: {line}"
            if method is not None:
                assert method.lower() in CALLS[path], f"{path} knows no {method}: {line}"
            known = {parameter["name"] for parameter in CALLS[path].get("get", {}).get("parameters", ())}
            assert {key for key, _ in parse_qsl(query)} <= known, line


@each_page
def test_make_targets_exist(page: Path) -> None:
    for line in code(page):
        assert set(re.findall(r"(?:^|[\s;&])make ([a-z][a-z-]*)", line)) <= TARGETS, line


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{name(page)} links to {target}"
        assert aim.is_relative_to(ROOT), target
        if fragment:
            assert fragment in anchors(aim), f"{name(page)} links to {target}"


@each_page
def test_tests_that_are_named_exist(page: Path) -> None:
    for file, test in _TEST.findall(text(page)):
        assert (ROOT / file).is_file(), file
        if test:
            assert re.search(rf"def {test}\(", (ROOT / file).read_text(encoding="utf8")), f"{file} holds no {test}"


@each_page
def test_files_that_are_named_exist(page: Path) -> None:
    for line in code(page):
        for file in re.findall(r"(?<![\w/.])((?:service|bench|tests|docs|openapi|migrations)/[\w./-]*\w\.\w+)", line):
            assert (ROOT / file).is_file(), f"{name(page)} names {file}"


@each_page
def test_blocks_of_json_are_json(page: Path) -> None:
    for block in blocks(page):
        if block.language == "json":
            json.loads(block.text)


def test_every_call_is_on_the_page_of_the_interface() -> None:
    shown = {(method, path) for line in code(ROOT / "docs/reference/http.md") for method, path, _ in calls(line) if method}
    assert {(method.upper(), path) for path, operations in CALLS.items() for method in operations} <= shown


# What the page of limits says is not there, and whether it is.
ABSENT = {
    "**A change feed": "/v1/changes" not in CALLS,
    "**An editor's word**": "/v1/stories/{}/merge" not in CALLS,
}


@pytest.mark.parametrize("words", ABSENT)
def test_limits_say_what_is_absent_and_nothing_else(words: str) -> None:
    assert (words in text(ROOT / "docs/limits.md")) == ABSENT[words]


@pytest.mark.slow
@pytest.mark.model
def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=120)
    exit_code = demo.run_demo(console, tmp_path, 0, keep_serving=False)
    output = console.file.getvalue()  # type: ignore[attr-defined]
    assert exit_code == 0, output
    printed = {_bare(line) for line in output.splitlines()}
    [shown] = [block.text for block in blocks(ROOT / "README.md") if "independent reports" in block.text]
    assert {bare for line in shown.splitlines() if (bare := _bare(line)) not in ("", "…")} <= printed
    [picture] = [block.text for block in blocks(ROOT / "README.md") if "origin of its copy" in block.text]
    chain = re.findall(r"carried full, 100%, by credit, text, (confidence \d+%)", output)
    origins = [f"confidence {sure}" for sure in re.findall(r"100% carried · origin Reuters \((\d+%)\)", output)]
    assert re.findall(r"confidence \d+%", picture) == [*chain, *origins]


def _bare(line: str) -> str:
    """A line of the demo without frames, spacing and how long things took."""
    return " ".join(re.sub(r"[─-╿]|\d+ ms", " ", line).split())


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [ROOT / "docs/README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        aims = [(page.parent / target.partition("#")[0]).resolve() for target in links(page) if "://" not in target]
        waiting += [aim for aim in aims if aim.suffix == ".md"]
        waiting += [file for aim in aims if aim.is_dir() for file in aim.glob("*.md")]
    assert set(PAGES) <= reached | {ROOT / "README.md"}


def test_the_command_line_page_is_what_help_prints() -> None:
    shown = command_line_page.PAGE.read_text(encoding="utf8")
    assert shown == command_line_page.page(), "run: python -m tests.docs.command_line_page"


# ---- the calls of README and tutorial, as a reader types them --------------------------------------------------------


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A whole service with an empty store; only the model is replaced by hashing."""
    listener = socket.create_server(("127.0.0.1", 0))
    application = create_app(Settings(data=tmp_path / "data", encoder="hashing"))
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        # Connections wait in the listener's queue until the service has started.
        httpx.get(f"{url}/health/ready", timeout=60, trust_env=False).raise_for_status()
        yield url
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


class Reader:
    """Types the blocks of a page into one shell after the other; keeps ARTICLE and STORY as the page tells to."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder
        self.ids = {"ARTICLE": "", "STORY": ""}
        # `wiretrace` is this interpreter's, and a refused call ends the block.
        self.prelude = (
            f'set -eo pipefail\nexport WIRETRACE={address}\nwiretrace() {{ {sys.executable} -m service "$@"; }}\n'
            'curl() { command curl --fail --show-error --noproxy "*" "$@"; echo; }\n'
        )

    def types(self, commands: str) -> str:
        # Where a block writes a file it must not write it into the checkout.
        for made in re.findall(r" > (\S+)", commands):
            commands = commands.replace(made, str(self.folder / made))
        environment = {**os.environ, **self.ids, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
        script = self.prelude + commands.replace(SERVER, self.address)
        done = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        for line in done.stdout.splitlines():
            if line.startswith('{"id"') and "observed_at" in (article := json.loads(line)):
                self.ids = {"ARTICLE": article["id"], "STORY": article["story_id"]}
        return done.stdout


needs_curl = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl")


@needs_curl
def test_the_calls_of_the_readme_work(address: str, tmp_path: Path) -> None:
    reader = Reader(address, tmp_path)
    lines = [
        line for block in blocks(ROOT / "README.md") if "curl" in block.text for line in block.text.splitlines() if "curl" in line
    ]
    assert len(lines) == 5
    answers = [json.loads(reader.types(line)) for line in lines]
    taken_in, article, matches, story, provenance = answers
    assert article == taken_in
    assert matches["items"] == []
    assert story["id"] == article["story_id"]
    assert provenance["article_id"] == article["id"]


@needs_curl
def test_the_tutorial_is_true(address: str, tmp_path: Path) -> None:
    reader = Reader(address, tmp_path)
    shown = [reader.types(block.text) for block in blocks(ROOT / "docs/tutorial.md") if block.language == "bash"]
    ready, agency, reprint, sent, story_and_table, matches, chain_and_tree, exported, checked = shown
    assert '"status":"ok"' in ready
    first, copy = json.loads(agency), json.loads(reprint)
    assert first["paragraphs"][-1]["role"] == "credit"
    assert first["credits"] == []
    assert "1 new, 0 known, 0 refused" in sent
    story = json.loads(story_and_table.splitlines()[0])
    assert (story["counts"]["articles"], story["counts"]["outlets"], story["counts"]["reports"]) == (3, 3, 2)
    assert "2 independent reports" in story_and_table
    [match] = json.loads(matches)["items"]
    assert [(pair["paragraph"], pair["kind"]) for pair in match["pairs"]] == [(1, "edited"), (2, "edited"), (3, "verbatim")]
    assert match["pairs"][0]["spans"][0]["other_start"] >= len("PORT ANSEL, May 4 (Reuters) - ")
    provenance = json.loads(chain_and_tree.splitlines()[0])
    [[link]] = provenance["chains"]
    assert (link["source"], link["target"], link["relation"]) == (first["id"], copy["id"], "carried")
    assert link["basis"] == ["credit", "text"]
    assert {evidence["text"] for evidence in link["evidence"]} >= {"By Reuters"}
    assert exported == ""
    assert (tmp_path / "quay.svg").read_text().startswith("<svg")
    check = json.loads(checked)
    assert check["origin"]["organisation"]["name"] == "Reuters"
    assert (check["report"], check["story"]) == (first["report_id"], first["story_id"])
    listed = httpx.get(f"{address}/v1/articles", params={"external_id": "offer-1"}, trust_env=False).json()
    assert listed["items"] == []
    again = reader.types(f"wiretrace ingest {tmp_path / 'quay-bulletin.json'} --server $WIRETRACE")
    assert "0 new, 1 known, 0 refused" in again
