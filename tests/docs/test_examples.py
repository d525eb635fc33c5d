"""The programs of the how-to pages and of the client's page, run as a reader runs them, against a service over TCP."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from service.client import NotFound, Wiretrace
from service.domain.webhooks import signed_headers
from service.ops import logging
from tests.api.whole import served
from tests.docs import client_page
from tests.docs.reading import ROOT, blocks
from tests.samples import SAMPLES

CRAWLER, CHANGES, WEBHOOK, CLUSTER = (
    ROOT / f"docs/how-to/{name}.md"
    for name in ("run-behind-a-crawler", "follow-changes", "verify-a-webhook", "correct-a-cluster")
)
KEY = "fedcba9876543210"
PORT = "9000"
"""The receiver's port on the page; here a free one takes its place."""

needs_curl = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl")
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="needs node")
each_program = pytest.mark.parametrize("language", ["python", pytest.param("javascript", marks=needs_node)])
each_language = pytest.mark.parametrize(
    "language", ["python", pytest.param("javascript", marks=needs_node), pytest.param("bash", marks=needs_curl)]
)


@pytest.fixture(scope="module")
def port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module", autouse=True)
def _logs() -> None:
    """What a program prints is its own."""
    logging.configure("json", "error")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, port: str) -> Iterator[str]:
    settings = {"webhook_ports": port, "webhook_allowed_networks": "127.0.0.0/8", "stream_heartbeat_s": 0.2}
    with served(tmp_path_factory.mktemp("data"), extraction_workers=1, **settings) as client:
        yield str(client.base_url)


@pytest.fixture
def client(address: str) -> Iterator[Wiretrace]:
    """An empty service: what is there is deleted at the end."""
    with Wiretrace(address) as made:
        yield made
        for article in list(made.articles()):
            made.delete_article(article.id)
        for hook in list(made.webhooks()):
            made.delete_webhook(hook.id)


def shown(page: Path, language: str) -> list[str]:
    """The blocks of a page in a language; those that need no more than what stands before them, joined, are a program."""
    return [block.text for block in blocks(page) if block.language == language]


class Program:
    """A block of a page as a file of its own, in a folder of its own."""

    def __init__(self, language: str, text: str, folder: Path, **variables: str) -> None:
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("WIRETRACE")}
        self.environment |= {"PYTHONPATH": str(ROOT), "WIRETRACE_API_KEY": KEY, **variables}
        self.folder = folder
        # Node needs the ending of a module; a refused call ends the shell's block.
        prelude = 'set -e\ncurl() { command curl --fail --show-error --noproxy "*" "$@"; echo; }\n' if language == "bash" else ""
        file = folder / {"python": "program.py", "javascript": "program.mjs", "bash": "program.sh"}[language]
        file.write_text(prelude + text)
        self.command = [{"python": sys.executable, "javascript": "node", "bash": "bash"}[language], str(file)]
        self.code = compile(text, str(file), "exec") if language == "python" else None

    def output(self) -> str:
        """What it prints. It must end well, within the time that a reader waits."""
        if self.code is not None:  # an interpreter of its own would cost more time than what it is asked to do
            printed = io.StringIO()
            with patch.dict(os.environ, self.environment, clear=True), chdir(self.folder), redirect_stdout(printed):
                exec(self.code, {"__name__": "__main__"})
            return printed.getvalue()
        done = subprocess.run(
            self.command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """It runs until the block is left; then it is killed, as by a power failure."""
        process = subprocess.Popen(self.command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()


def until(what: Callable[[], Any]) -> Any:
    """Polls for what another process brings about."""
    deadline = time.monotonic() + 30
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def send(client: Wiretrace, *names: str) -> list[Any]:
    return [client.ingest_article(SAMPLES[name]).article for name in names]


def objects(output: str) -> list[Any]:
    """The answers that curl printed, one a line."""
    return [json.loads(line) for line in output.splitlines() if line.startswith(("{", "["))]


# ---- run behind a crawler ----------------------------------------------------------------------------------------------


@each_language
def test_a_crawlers_program(language: str, address: str, client: Wiretrace, tmp_path: Path) -> None:
    bodies = [SAMPLES["wire"], SAMPLES["orchid"], {"url": "https://a.example/", "txt": "x"}]
    (tmp_path / "pages.ndjson").write_text("\n".join(map(json.dumps, bodies)))
    [text] = shown(CRAWLER, language)
    output = Program(language, text, tmp_path, WIRETRACE=address).output()
    titles = {article.title for article in client.articles()}
    if language == "bash":
        article, job, jobs = objects(output)
        assert article["id"] in {one.id for one in client.articles()}
        assert jobs["items"][0]["id"] == job["id"]
        done = client.wait_for_job(job["id"])
        assert (done.done, [error.line for error in done.errors]) == (2, [3])
        assert "Two ships adrift after quay collapse" in {one.title for one in client.articles()}
    elif language == "python":
        assert "https://coast-herald.example/news/ferry new " in output
        assert "https://coast-herald.example/news/empty refused: 422 Page cannot be read" in output
        assert "2 taken in, 1 refused\nline 3 #/txt is not a field of this request" in output
        assert "Ferry late" in titles
    else:
        assert titles == {"What the night shift saw"}
        assert output.startswith("new ")
        assert "Request is not valid: #/txt is not a field of this request" in output
        assert Program(language, text, tmp_path, WIRETRACE=address).output().startswith("revision 1 ")


@needs_node
def test_the_crawlers_javascript_repeats_what_may_pass(address: str, tmp_path: Path, client: Wiretrace) -> None:
    """A service that is overloaded once: the second attempt, with the same key, is taken."""
    keys: list[str] = []

    class Overloaded(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            keys.append(self.headers["idempotency-key"])
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(503 if len(keys) < 2 else 201)
            body = b'{"title": "Overloaded", "errors": [], "revision": 1, "story_id": "s"}'
            for name, value in (("Retry-After", "0"), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Overloaded)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    [text] = shown(CRAWLER, "javascript")
    output = Program("javascript", text, tmp_path, WIRETRACE=f"http://127.0.0.1:{server.server_address[1]}").output()
    server.shutdown()
    server.server_close()
    assert output.startswith("new s")
    assert keys[0] == keys[1] != keys[2]
    assert re.fullmatch(r'"[0-9a-f-]{36}"', keys[0])


# ---- follow changes ----------------------------------------------------------------------------------------------------


@needs_curl
def test_a_desk_reads_page_by_page(address: str, client: Wiretrace, tmp_path: Path) -> None:
    send(client, "wire", "orchid")
    newest = max(change.sequence for change in client.changes())
    page, stream = shown(CHANGES, "bash")
    program = Program("bash", page + stream, tmp_path, WIRETRACE=address)
    while True:
        output = program.output()
        said = next(found for found in objects(output) if "consumer" in found)
        assert said["consumer"] == "desk"
        if said["sequence"] == newest:
            break
    assert re.search(r'\d+ "type":"article.ingested"', output)
    assert "id: 2\n" in output
    assert client.list_changes(consumer="desk").items == []


def held(folder: Path, language: str) -> dict[str, int]:
    """Stories and their reports, as the program keeps them."""
    if language == "javascript":
        file = folder / "stories.json"
        found = json.loads(file.read_text())["stories"] if file.exists() else {}
        return {ident: story["reports"] for ident, story in found.items()}
    if not (folder / "stories.db").exists():
        return {}
    with sqlite3.connect(folder / "stories.db") as table:
        try:
            return dict(table.execute("SELECT id, reports FROM stories"))
        except sqlite3.OperationalError:  # not made yet
            return {}
        finally:
            table.commit()


@each_program
def test_a_follower_that_is_killed_goes_on(language: str, address: str, client: Wiretrace, tmp_path: Path) -> None:
    """Its table equals the service's stories whenever it has caught up, whatever happened and however often it was killed."""

    def wanted() -> dict[str, int]:
        return {story.id: story.counts.reports for story in client.stories()}

    [text] = shown(CHANGES, language)
    program = Program(language, text, tmp_path, WIRETRACE=address)
    wire, _, orchid = send(client, "wire", "reprint", "orchid")
    with program.running():
        until(lambda: held(tmp_path, language) == wanted())
        send(client, "local", "strike")
        until(lambda: held(tmp_path, language) == wanted())
        assert wanted()[wire.story_id] == 2
        client.delete_article(orchid.id)
    [cut] = send(client, "cut")
    strike = next(story.id for story in client.stories(q="trams"))
    client.merge_stories(strike, cut.story_id)
    with program.running():
        until(lambda: held(tmp_path, language) == wanted())
        assert cut.story_id not in wanted()
        for constraint in list(client.constraints()):
            client.delete_constraint(constraint.id)
        until(lambda: held(tmp_path, language) == wanted())
    assert len(wanted()) == 2


# ---- verify a webhook --------------------------------------------------------------------------------------------------


@each_program
@needs_curl
def test_a_receiver_takes_what_is_genuine(language: str, address: str, port: str, client: Wiretrace, tmp_path: Path) -> None:
    create, look, exchange, sign = (text.replace(PORT, port) for text in shown(WEBHOOK, "bash"))
    [hook] = objects(Program("bash", create, tmp_path, WIRETRACE=address).output())
    [text] = (text.replace(PORT, port) for text in shown(WEBHOOK, language))
    secrets = f"whsec_{'A' * 40} {hook['secret']}"
    with Program(language, text, tmp_path, SECRETS=secrets).running() as process:
        until(lambda: _answers(port))
        assert process.stdout is not None
        [wire] = send(client, "wire")
        assert process.stdout.readline().split() == ["story.created", wire.story_id]
        [delivery] = until(lambda: [one for one in client.list_deliveries(hook["id"]).items if one.state == "delivered"])
        variables = {"WIRETRACE": address, "WEBHOOK": hook["id"], "DELIVERY": delivery.id}
        listed, again = objects(Program("bash", look, tmp_path, **variables).output())
        assert listed["items"][0]["id"] == again["id"] == delivery.id
        until(lambda: client.list_deliveries(hook["id"]).items[0].last_at > delivery.last_at)
        [exchanged] = objects(Program("bash", exchange, tmp_path, **variables).output())
        assert exchanged["secret"] != hook["secret"]
        # Had before, so it is taken and not acted on; what comes next is the next line.
        [orchid] = send(client, "orchid")
        assert process.stdout.readline().split() == ["story.created", orchid.story_id]
        body = b'{"type": "story.created", "timestamp": "2026-05-04T12:00:00Z", "data": {"story_id": "forged"}}'
        for headers in (
            signed_headers([f"whsec_{'B' * 40}"], "msg_x_1", datetime.now(UTC), body),
            signed_headers([hook["secret"]], "msg_x_1", LONG_AGO, body),
            {},
        ):
            assert _posted(port, headers, body) == 400
    if shutil.which("openssl"):
        headers = signed_headers([hook["secret"]], "msg_x_1", LONG_AGO, body)
        (tmp_path / "body.json").write_bytes(body)
        variables = {"SECRET": hook["secret"], "ID": "msg_x_1", "TIMESTAMP": headers["webhook-timestamp"]}
        assert f"v1,{Program('bash', sign, tmp_path, **variables).output().strip()}" == headers["webhook-signature"]


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _answers(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def _posted(port: str, headers: dict[str, str], body: bytes) -> int:
    return httpx.post(f"http://127.0.0.1:{port}/wiretrace", content=body, headers=headers, trust_env=False).status_code


# ---- correct a cluster -------------------------------------------------------------------------------------------------


@each_language
def test_an_editors_program(language: str, address: str, client: Wiretrace, tmp_path: Path) -> None:
    wire, local, orchid = send(client, "wire", "local", "orchid")
    variables = {"WIRETRACE": address, "STORY": wire.story_id, "OTHER": orchid.story_id, "ARTICLE": local.id}
    if language == "bash":
        say, look = shown(CLUSTER, language)
        merged, split = objects(Program(language, say, tmp_path, **variables).output())
        assert (merged["kind"], split["kind"]) == ("must_link", "cannot_link")
        for said in (split, merged):
            program = Program(language, look, tmp_path, **variables, CONSTRAINT=said["id"])
            constraints, history = objects(program.output())
            assert said["id"] in {one["id"] for one in constraints["items"]}
            assert "corrected" in {one["change"] for one in history["items"]}
    else:
        [text] = shown(CLUSTER, language)
        lines = Program(language, text, tmp_path, **variables).output().splitlines()
        assert lines[0] == f"merged into {wire.story_id}"
        assert lines[1].startswith("split into")
        assert wire.story_id in lines[1]
        assert sum("corrected" in line for line in lines) == 2
    assert list(client.constraints()) == []
    # All is as clustering has it; the one that was merged away leads to its survivor for ever.
    assert client.get_article(local.id).story_id == wire.story_id
    assert client.get_article(orchid.id).story_id not in (wire.story_id, orchid.story_id)
    assert client.get_story(orchid.story_id).id == wire.story_id


# ---- the client's page and the README ----------------------------------------------------------------------------------


def test_the_clients_page_is_what_the_code_says() -> None:
    assert client_page.PAGE.read_text(encoding="utf8") == client_page.page(), "run: python -m tests.docs.client_page"


def test_every_public_call_is_on_the_clients_page() -> None:
    page = client_page.PAGE.read_text(encoding="utf8")
    for name in (name for name in dir(Wiretrace) if not name.startswith("_") and name != "close"):
        assert f"\n### {name}\n" in page, name


@pytest.mark.parametrize("page", [client_page.PAGE, ROOT / "README.md"], ids=["client", "readme"])
def test_first_lines_of_python(page: Path, address: str, client: Wiretrace, tmp_path: Path) -> None:
    [text] = shown(page, "python")
    output = Program("python", text.replace("http://127.0.0.1:8000", address), tmp_path, WIRETRACE=address).output()
    [article] = client.articles()
    assert article.id in output
    assert "reuters" in output


def test_there_is_nobody_without_an_article(client: Wiretrace) -> None:
    with pytest.raises(NotFound):
        client.get_article("nobody")
