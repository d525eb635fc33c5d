"""Two that hold the stories by being told of changes only: a consumer of the feed in a process of its own, which may be killed at
any moment, and a receiver of webhooks, which fails half the time. For `bench/day.py`.

    python -m bench.following ADDRESS FILE [--stream]
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import queue
import random
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

NAME = "day"
_UNACKNOWLEDGED = 50
_SCHEMA = """
CREATE TABLE IF NOT EXISTS place (sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS story (id TEXT PRIMARY KEY, version INTEGER NOT NULL, articles INTEGER NOT NULL, survivor TEXT);
CREATE TABLE IF NOT EXISTS member (story_id TEXT, article_id TEXT, PRIMARY KEY (story_id, article_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS article (id TEXT PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fault (text TEXT NOT NULL);
"""


class Held:
    """Stories and articles as told so far, in a SQLite file: a change and the place behind it are one transaction."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")  # a killed process is tried here, not a power failure
        self._db.executescript(_SCHEMA)
        if not self._db.execute("SELECT count(*) FROM place").fetchone()[0]:
            self._db.execute("INSERT INTO place VALUES (0)")

    @property
    def sequence(self) -> int:
        return int(self._db.execute("SELECT sequence FROM place").fetchone()[0])

    def take(self, changes: list[dict[str, Any]], client: httpx.Client) -> None:
        self._db.execute("BEGIN")
        try:
            for change in changes:
                if change["sequence"] != self.sequence + 1:
                    self._fault(f"{change['sequence']} was told behind {self.sequence}")
                self._apply(change, client)
                self._db.execute("UPDATE place SET sequence = ?", [change["sequence"]])
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _apply(self, change: dict[str, Any], client: httpx.Client) -> None:
        kind, data = change["type"], change["data"]
        if kind == "article.deleted":
            self._db.execute("DELETE FROM article WHERE id = ?", [change["article_id"]])
        elif kind.startswith("article."):
            self._db.execute("INSERT OR REPLACE INTO article VALUES (?, ?)", [change["article_id"], data["revision"]])
        else:
            self._apply_to_story(change["story_id"], kind, data if data["is_complete"] else _whole(client, change))

    def _apply_to_story(self, story: str, kind: str, data: dict[str, Any]) -> None:
        before = self._db.execute("SELECT version FROM story WHERE id = ?", [story]).fetchone()
        if before and before[0] + 1 != data["version"]:
            self._fault(f"{story} went from version {before[0]} to {data['version']}")
        if (kind == "story.created") != (before is None):
            self._fault(f"{story}: {kind} where it was {'known' if before else 'not known'}")
        for article in data["articles_removed"]:
            if not self._db.execute("DELETE FROM member WHERE story_id = ? AND article_id = ?", [story, article]).rowcount:
                self._fault(f"{story} lost {article}, which it did not hold")
        for article in data["articles_added"]:
            if not self._db.execute("INSERT OR IGNORE INTO member VALUES (?, ?)", [story, article]).rowcount:
                self._fault(f"{story} was given {article}, which it held")
        survivor = data["into"][0] if kind == "story.merged" and data["into"] else None
        articles = data["counts"]["articles"] if "counts" in data else 0
        self._db.execute("INSERT OR REPLACE INTO story VALUES (?, ?, ?, ?)", [story, data["version"], articles, survivor])

    def _fault(self, text: str) -> None:
        self._db.execute("INSERT INTO fault VALUES (?)", [text])

    def faults(self) -> list[str]:
        return [row[0] for row in self._db.execute("SELECT text FROM fault")]

    def stories(self) -> dict[str, tuple[int, frozenset[str]]]:
        """Living stories: version and articles."""
        members: dict[str, set[str]] = {}
        for story, article in self._db.execute("SELECT story_id, article_id FROM member"):
            members.setdefault(story, set()).add(article)
        rows = self._db.execute("SELECT id, version FROM story WHERE articles > 0 AND survivor IS NULL")
        return {story: (version, frozenset(members.pop(story, ()))) for story, version in rows} | {
            story: (0, frozenset(left)) for story, left in members.items()
        }

    def articles(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT id, revision FROM article"))

    def ended(self) -> dict[str, str | None]:
        """Stories that live no more, with the one that each was merged into."""
        return dict(self._db.execute("SELECT id, survivor FROM story WHERE articles = 0 OR survivor IS NOT NULL"))

    def close(self) -> None:
        self._db.close()


def _whole(client: httpx.Client, change: dict[str, Any]) -> dict[str, Any]:
    """A change whose lists were cut, from the story's history."""
    params = {"limit": 200}
    while True:
        answer = client.get(f"/v1/stories/{change['story_id']}/history", params=params, follow_redirects=True)
        page = answer.raise_for_status().json()
        for version in page["items"]:
            if version["version"] == change["data"]["version"]:
                return {**change["data"], **version}
        params = {"limit": 200, "cursor": page["next_cursor"]}


def follow(address: str, held: Held, *, is_stream: bool) -> None:
    """For ever. Acknowledges what is safely held."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        while True:
            try:
                _acknowledge(client, held)
                if is_stream:
                    _follow_stream(client, held)
                else:
                    page = client.get("/v1/changes", params={"consumer": NAME, "limit": 100}).raise_for_status().json()
                    # What was taken but not acknowledged before a crash comes again.
                    held.take([one for one in page["items"] if one["sequence"] > held.sequence], client)
                    if not page["items"]:
                        time.sleep(0.02)
            except (httpx.TransportError, httpx.HTTPStatusError):
                time.sleep(0.1)


def _follow_stream(client: httpx.Client, held: Held) -> None:
    """Acknowledges now and then, and when the stream is silent."""
    acknowledged = held.sequence
    with client.stream("GET", "/v1/changes/stream", headers={"Last-Event-ID": str(held.sequence)}) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line.startswith("data: "):
                held.take([json.loads(line.removeprefix("data: "))], client)
            if not line or line.startswith(":"):
                taken = held.sequence
                if taken - acknowledged >= _UNACKNOWLEDGED or (line and taken > acknowledged):
                    acknowledged = _acknowledge(client, held)


def _acknowledge(client: httpx.Client, held: Held) -> int:
    client.post("/v1/changes/acknowledge", json={"consumer": NAME, "sequence": held.sequence})
    return held.sequence


class Receiver:
    """Takes messages and fails half the time: before it took one, after it took one, or without an answer."""

    def __init__(self, held: Held, client: httpx.Client, seed: int) -> None:
        self.held = held
        self.secret = ""
        self.requests = self.failures = 0
        self.failed: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._client = client
        self._chance = random.Random(seed)
        self._taken: set[str] = set()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def receive(self, headers: dict[str, str], body: bytes) -> int | None:
        """The status to answer with; None for none."""
        with self._lock:
            self.requests += 1
            fails = self._chance.random() < 0.5
            if fails:
                self.failures += 1
                self.failed.put(headers["webhook-id"])
            how = self._chance.choice(("before", "after", "silent")) if fails else ""
            if not _is_genuine(self.secret, headers, body):
                return 401
            if how != "before" and headers["webhook-id"] not in self._taken:
                self.held.take([json.loads(body)["data"]], self._client)
                self._taken.add(headers["webhook-id"])
            return None if how == "silent" else 503 if fails else 204

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """A service that is killed breaks its connections off: no matter."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.receiver.receive({name.lower(): value for name, value in self.headers.items()}, body)
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def _is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split(" "))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("file", type=Path)
    parser.add_argument("--stream", action="store_true", help="follow the stream instead of asking for pages")
    options = parser.parse_args()
    follow(options.address, Held(options.file), is_stream=options.stream)


if __name__ == "__main__":
    main()
