"""SIGKILL at random moments while articles come in: nothing acknowledged may be missing, and the conclusions must be the same.

    python bench/kill.py DATA [--kills 20] [--seed 1]

A first run without kills gives the stories and reports to compare with. In the second run four clients send the same articles
and repeat what was not acknowledged; the service is killed at random points of the work (every fifth kill hits it while it
starts) and started again at once on the same folder, and once more at the end. Exits 1 when anything is missing or differs.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpx
from serving import Server, all_articles, read_bodies, send

CLIENTS = 4
START_KILL_S = 8.0
"""A kill during the start falls within this time."""


class Ingest:
    """Clients that send every article until it is acknowledged and remember each acknowledgement."""

    def __init__(self, bodies: list[dict[str, Any]], address: str) -> None:
        self._waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
        for body in bodies:
            self._waiting.put(body)
        self._address = address
        self.acknowledged: dict[str, str] = {}
        self._failure: Exception | None = None
        self._progress = threading.Condition()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        with httpx.Client(base_url=self._address, timeout=120) as client:
            while True:
                try:
                    body = self._waiting.get_nowait()
                except Empty:
                    return
                try:
                    while (answer := send(client, body)) is None:
                        time.sleep(0.05)
                except RuntimeError as error:
                    with self._progress:
                        self._failure = error
                        self._progress.notify_all()
                    return
                with self._progress:
                    self.acknowledged[name(body)] = answer["id"]
                    self._progress.notify_all()

    def wait_for(self, count: int) -> None:
        with self._progress:
            self._progress.wait_for(lambda: self._failure or len(self.acknowledged) >= count, timeout=600)
            if self._failure or len(self.acknowledged) < count:
                raise SystemExit(f"{len(self.acknowledged)} acknowledged, waited for {count}: {self._failure or 'no progress'}")


def name(article: dict[str, Any]) -> str:
    return str(article.get("external_id") or article["url"])


def partition(articles: list[dict[str, Any]], field: str) -> frozenset[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for article in articles:
        groups.setdefault(article[field], set()).add(name(article))
    return frozenset(map(frozenset, groups.values()))


def run_without_kills(bodies: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    server = Server(folder)
    server.start()
    try:
        server.wait_until_ready()
        Ingest(bodies, server.address).wait_for(len(bodies))
        with httpx.Client(base_url=server.address, timeout=120) as client:
            return all_articles(client)
    finally:
        server.stop()


def run_with_kills(
    bodies: list[dict[str, Any]], folder: Path, kills: int, chance: random.Random
) -> tuple[list[str], list[dict[str, Any]]]:
    """What is wrong after the kills, and the articles listed then."""
    starting = kills // 5
    moments = sorted(chance.randrange(len(bodies)) for _ in range(kills - starting))
    server = Server(folder)
    server.start()
    try:
        ingest = Ingest(bodies, server.address)
        for number, count in enumerate(moments):
            ingest.wait_for(count)
            time.sleep(chance.uniform(0, 0.3))  # not only right behind a commit
            server.kill()
            print(f"kill {number + 1} of {len(moments)}: {len(ingest.acknowledged)} acknowledged", file=sys.stderr, flush=True)
            server.start()
            if number < starting:
                time.sleep(chance.uniform(0, START_KILL_S))
                server.kill()
                server.start()
        ingest.wait_for(len(bodies))
        server.kill()
        server.start()
        server.wait_until_ready()
        with httpx.Client(base_url=server.address, timeout=120) as client:
            return lost(client, bodies, ingest.acknowledged), all_articles(client)
    finally:
        server.stop()


def lost(client: httpx.Client, bodies: list[dict[str, Any]], acknowledged: dict[str, str]) -> list[str]:
    wrong: list[str] = []
    for body in bodies:
        answer = client.get(f"/v1/articles/{acknowledged[name(body)]}")
        if answer.is_error:
            wrong.append(f"{name(body)} is missing ({answer.status_code})")
            continue
        found = answer.json()
        if [p["text"] for p in found["paragraphs"]] != body.get("paragraphs", [p["text"] for p in found["paragraphs"]]):
            wrong.append(f"{name(body)} has other text")
        if found["revision"] != 1:
            wrong.append(f"{name(body)} became revision {found['revision']}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--limit", type=int, help="take only the first articles")
    options = parser.parse_args()
    bodies = read_bodies(options.data, options.limit)
    with (
        tempfile.TemporaryDirectory(prefix="wiretrace-kill-") as quiet,
        tempfile.TemporaryDirectory(prefix="wiretrace-kill-") as folder,
    ):
        wanted = run_without_kills(bodies, Path(quiet))
        wrong, found = run_with_kills(bodies, Path(folder), options.kills, random.Random(options.seed))
    if len(found) != len(bodies):
        wrong.append(f"{len(found)} articles are listed, {len(bodies)} were sent")
    for field in ("story_id", "report_id"):
        if partition(found, field) != partition(wanted, field):
            wrong.append(f"{field}: the partition differs from the run without kills")
    stories, reports = len(partition(found, "story_id")), len(partition(found, "report_id"))
    verdict = f"{len(wrong)} faults: {'; '.join(wrong[:5])}" if wrong else "nothing lost, same partitions as without kills"
    print(f"{options.kills} kills (seed {options.seed}), {len(bodies)} articles, {stories} stories, {reports} reports: {verdict}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
