"""The how-to pages that are about files and keys, done as they say. Those about programs are run by `test_examples.py`."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from service.keys import parse_keys
from tests.api.whole import send, served
from tests.docs.command_line_page import application
from tests.docs.reading import PAGES, ROOT, blocks, name
from tests.samples import SAMPLES

HOW_TO = ROOT / "docs/how-to"
# Pages with programs or commands, and who runs them.
RUN_BY = {
    "README.md": "test_commands.py",
    "docs/tutorial.md": "test_commands.py",
    "docs/reference/http.md": "../unit/test_webhooks.py",
    "docs/reference/python-client.md": "test_examples.py",
    "docs/how-to/run-behind-a-crawler.md": "test_examples.py",
    "docs/how-to/follow-changes.md": "test_examples.py",
    "docs/how-to/verify-a-webhook.md": "test_examples.py",
    "docs/how-to/correct-a-cluster.md": "test_examples.py",
    "docs/how-to/exchange-keys.md": "test_howtos.py",
}


def test_every_page_with_programs_is_run_by_a_test() -> None:
    with_programs = {
        name(page) for page in PAGES if {block.language for block in blocks(page)} & {"bash", "python", "javascript", "sh", "js"}
    }
    assert with_programs == RUN_BY.keys()
    assert all((Path(__file__).parent / test).is_file() for test in RUN_BY.values())


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("sha256sum")), reason="needs bash and sha256sum")
def test_keys_are_made_and_exchanged_as_the_page_says(tmp_path: Path) -> None:
    make, limits = (block for block in blocks(HOW_TO / "exchange-keys.md") if "sha256" in block.text)

    def new_key() -> str:
        command = make.text + 'printf %s "$KEY"'
        return subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    old, file = new_key(), tmp_path / "keys.txt"
    with served_with_keys(tmp_path, old) as client:

        def status(key: str) -> int:
            return client.get("/v1/stories", headers={"Authorization": f"Bearer {key}"}).status_code

        new = new_key()
        assert (status(old), status(new)) == (200, 200)
        file.write_text(file.read_text().splitlines()[1] + "\n")
        assert (status(old), status(new)) == (401, 200)
    shown = re.sub(r"sha256:([0-9A-F]{4})…", lambda found: "sha256:" + found[1].lower() * 16, limits.text)
    rules = parse_keys(shown, "the page")
    assert sorted(rule.permit for rule in rules.values()) == ["read", "write", "write"]


def served_with_keys(folder: Path, key: str) -> Any:
    """As `served`, whose own look at the service needs no key."""
    assert key
    return served(folder / "data", api_keys_file=folder / "keys.txt")


def test_a_backup_made_while_it_runs_is_restored_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRETRACE_ENCODER", "hashing")
    page = HOW_TO / "back-up-and-restore.md"
    [command] = [block.text for block in blocks(page) if "backup(" in block.text]
    data, backup, restored = (tmp_path / folder for folder in ("data", "backup", "restored"))
    backup.mkdir()
    command = command.replace("/srv/wiretrace", str(data)).replace("/backup", str(backup))
    with served(data) as client:
        send(client, SAMPLES["wire"])
        before = read(client)
        assert (data / "wiretrace.db-wal").exists()
        subprocess.run([sys.executable, *shlex.split(command)[1:]], check=True, stdin=subprocess.DEVNULL)
        send(client, SAMPLES["orchid"])
    restored.mkdir()
    shutil.copy(backup / "wiretrace.db", restored)
    looked = CliRunner().invoke(application(), ["doctor", "--data", str(restored)], env={"COLUMNS": "200", **os.environ})
    assert looked.exit_code == 0, looked.stdout
    assert "0 without a vector" in looked.stdout
    with served(restored) as client:
        assert read(client) == before


def read(client: httpx.Client) -> Any:
    stories = client.get("/v1/stories").json()["items"]
    return [client.get(f"/v1/stories/{one['id']}").json() for one in stories], client.get("/v1/changes").json()


def test_the_registry_of_the_page_is_one(tmp_path: Path) -> None:
    [shown] = [block.text for block in blocks(HOW_TO / "extend-the-registry.md") if block.language == "json"]
    file = tmp_path / "own.json"
    file.write_text(shown)
    [own] = json.loads(shown)["organisations"]
    with served(tmp_path / "data", registry=file) as client:
        body = {
            "url": "https://a.example/x",
            "title": "A title",
            "paragraphs": ["By VW", "The river rose again on Monday night."],
        }
        [credit] = send(client, body)["credits"]
        assert credit["organisation"]["id"] == own["id"]
