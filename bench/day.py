"""A day in the life: a crawl with all that happens to articles and stories, and two who are told of it. In the end all agree.

    python -m bench.day [--articles 5000] [--data FOLDER] [--encoder local|hashing] [--kills 2] [--crashes 5] [--seed 1]

Crawlers send articles (those of a labelled folder, then invented ones) one by one, in batches, to be answered later, twice, under
another address, with an Idempotency-Key that is sent again; they revise and delete some. An editor merges stories, splits them
and takes it back. A consumer of the change feed in its own process is killed and goes on where it was; a receiver of webhooks
fails half the time; the service is killed and started again. Then the service, the consumer and the receiver must hold the same
stories with the same articles, and every article must be what was sent last. Prints what was done and a verdict; exits 1 on any
difference.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.following import Held, Receiver
from bench.serving import Server, all_articles, read_bodies
from bench.spread.simulation import Simulation

CRAWLERS = 4
ROUND = 50
"""Articles that are new in one round; what was sent before is sent again, revised and deleted beside them."""
PATIENCE_S = 600


@dataclass
class Sent:
    """An article as the crawler knows it. `last` is the body that counts; None while it is deleted."""

    body: dict[str, Any]
    last: dict[str, Any] | None = None
    id: str = ""
    revisions: int = 0


@dataclass
class Day:
    """What was done, and what went wrong."""

    address: str
    chance: random.Random
    articles: dict[str, Sent] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        with self.lock:
            self.done[what] += 1

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)


def name_of(body: dict[str, Any]) -> str:
    return str(body.get("external_id") or body["url"])


def invented(count: int, seed: int) -> list[dict[str, Any]]:
    """So many made-up articles in order of arrival: about ten of each event."""
    events = count // 8 + 3
    while len(found := Simulation(events, seed).arrivals()) < count:
        events += events // 4 + 1
    return [article.request() for article in found[:count]]


# ---- the crawl -----------------------------------------------------------------------------------------------------------


def again(request: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer, after as many trials as a service takes that is killed and started again."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = request()
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code not in (429, 503):
            return answer
        if time.monotonic() > deadline:
            raise SystemExit("the service does not come back")
        time.sleep(0.05)


class Crawler:
    """One of several; each has its own articles, so that what it sent last is what counts."""

    def __init__(self, day: Day, client: httpx.Client, seed: int) -> None:
        self.day = day
        self.client = client
        self.chance = random.Random(seed)

    def work(self, names: Sequence[str]) -> None:
        waiting: list[Sent] = []
        batch: list[Sent] = []
        for name in names:
            sent = self.day.articles[name]
            way = self.chance.random()
            if way < 0.25:
                batch.append(self._next(sent))
            elif way < 0.4:
                waiting.append(self._later(self._next(sent)))
            elif sent.last is not None and way < 0.5:
                self._delete(sent)
            elif sent.last is not None and way < 0.65:
                self._twice(sent)
            else:
                self._send(self._next(sent))
        if batch:
            self._batch(batch)
        for sent in waiting:
            self._await(sent)

    def _next(self, sent: Sent) -> Sent:
        """With the text that comes next: the first one, or a revision of the last."""
        if sent.last is None:
            sent.last, sent.revisions = sent.body, 1
            return sent
        paragraphs = list(sent.last["paragraphs"])
        if len(paragraphs) > 3 and self.chance.random() < 0.4:
            paragraphs.pop(self.chance.randrange(len(paragraphs)))
        else:
            paragraphs.append(f"Update {sent.revisions} to {name_of(sent.body)}: {self.chance.getrandbits(32):08x} was added.")
        sent.last = {**sent.last, "paragraphs": paragraphs}
        sent.revisions += 1
        self.day.count("revisions")
        return sent

    def _send(self, sent: Sent) -> None:
        # A key is for one request: an article that comes again after it was deleted is another one.
        headers = {"Idempotency-Key": f'"{self.chance.getrandbits(80):020x}"'} if self.chance.random() < 0.5 else {}
        answer = again(lambda: self.client.post("/v1/articles", json=sent.last, headers=headers))
        self._check(sent, answer)
        if headers:
            repeated = again(lambda: self.client.post("/v1/articles", json=sent.last, headers=headers))
            if (repeated.status_code, repeated.content) != (answer.status_code, answer.content):
                self.day.fault(f"{name_of(sent.body)}: the repeated request was answered otherwise")
            self.day.count("repeated requests")

    def _twice(self, sent: Sent) -> None:
        """Once more, by another way to the same page."""
        assert sent.last is not None
        url = sent.last.get("url")
        body = sent.last | ({"url": f"{url}?utm_source=day&fbclid={self.chance.getrandbits(24):x}"} if url else {})
        answer = again(lambda: self.client.post("/v1/articles", json=body))
        if answer.status_code != 200 or answer.json()["id"] != sent.id:
            self.day.fault(f"{name_of(sent.body)} sent twice: {answer.status_code} {answer.text[:200]}")
        self.day.count("duplicates")

    def _delete(self, sent: Sent) -> None:
        answer = again(lambda: self.client.delete(f"/v1/articles/{sent.id}"))
        # After a kill the first request may have been done though nobody was told.
        if answer.status_code not in (204, 404):
            self.day.fault(f"{name_of(sent.body)} could not be deleted: {answer.status_code} {answer.text[:200]}")
        sent.last, sent.id = None, ""
        self.day.count("deletes")

    def _later(self, sent: Sent) -> Sent:
        answer = again(lambda: self.client.post("/v1/articles", json=sent.last, headers={"Prefer": "respond-async"}))
        self.day.count("answered later")
        if answer.status_code != 202:
            self.day.fault(f"{name_of(sent.body)} was not accepted: {answer.status_code} {answer.text[:200]}")
            return sent
        sent.id = answer.json()["id"]
        if self.chance.random() < 0.1:
            self._delete(sent)
            self.day.count("deleted while they waited")
        return sent

    def _await(self, sent: Sent) -> None:
        if not sent.id:
            return
        for _ in until("an article that waits"):
            answer = again(lambda: self.client.get(f"/v1/articles/{sent.id}"))
            if answer.status_code == 200 and answer.json()["status"] != "queued":
                self._check(sent, answer)
                return

    def _batch(self, batch: Sequence[Sent]) -> None:
        lines = "".join(json.dumps(sent.last) + "\n" for sent in batch) + "{broken\n"
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f'"batch-{self.chance.getrandbits(60)}"'}
        where = again(lambda: self.client.post("/v1/batches", content=lines, headers=headers)).headers["location"]
        for _ in until("a batch"):
            job = again(lambda: self.client.get(where)).json()
            if job["state"] == "done":
                break
        if (job["done"], job["failed"]) != (len(batch), 1):
            self.day.fault(f"a batch of {len(batch)} and a broken line: {job['done']} done, {job['errors'][:3]}")
        for sent in batch:
            assert sent.last is not None
            key = {"external_id": sent.last["external_id"]} if sent.last.get("external_id") else {"url": sent.last["url"]}
            [found] = again(lambda: self.client.get("/v1/articles", params=key)).json()["items"] or [None]  # noqa: B023
            if found is None:
                self.day.fault(f"{name_of(sent.body)} of a batch is missing")
            else:
                sent.id = found["id"]
        self.day.count("batches")

    def _check(self, sent: Sent, answer: httpx.Response) -> None:
        assert sent.last is not None
        if answer.status_code not in (200, 201):
            self.day.fault(f"{name_of(sent.body)}: {answer.status_code} {answer.text[:200]}")
            return
        shown = answer.json()
        if sent.id and shown["id"] != sent.id:
            self.day.fault(f"{name_of(sent.body)} was {sent.id} and is {shown['id']}")
        if [one["text"] for one in shown["paragraphs"]] != sent.last["paragraphs"]:
            self.day.fault(f"{name_of(sent.body)} is answered with another text")
        sent.id = shown["id"]
        self.day.count("sent one by one")


def until(what: str) -> Iterator[None]:
    """Again and again, until the caller leaves."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)
    raise SystemExit(f"waited too long for {what}")


# ---- the editor ----------------------------------------------------------------------------------------------------------


def correct(day: Day, client: httpx.Client, chance: random.Random) -> None:
    """One word of an editor. What came between looking and saying may make it pointless; then it is rightly refused."""
    stories = again(lambda: client.get("/v1/stories", params={"limit": 100})).json()["items"]
    standing = again(lambda: client.get("/v1/constraints")).json()["items"]
    way = chance.random()
    if standing and way < 0.3:
        said = chance.choice(standing)
        answer = said_twice(day, client, chance, "DELETE", f"/v1/constraints/{said['id']}")
        what = "corrections taken back"
    elif len(stories) > 1 and way < 0.65:
        one, other = chance.sample(stories, 2)
        answer = said_twice(day, client, chance, "POST", f"/v1/stories/{one['id']}/merge", {"other_id": other["id"]})
        what = "merges"
    else:
        large = [story for story in stories if story["counts"]["reports"] > 1]
        if not large:
            return
        story = chance.choice(large)
        found = again(lambda: client.get(f"/v1/stories/{story['id']}", follow_redirects=True)).json()
        if "reports" not in found:
            return
        apart = [article["article_id"] for article in chance.choice(found["reports"])["articles"]][:5]
        answer = said_twice(day, client, chance, "POST", f"/v1/stories/{found['id']}/split", {"article_ids": apart})
        what = "splits"
    if answer.status_code in (404, 410, 422):
        day.count("corrections refused")
    elif answer.is_success:
        day.count(what)
    else:
        day.fault(f"a correction was answered {answer.status_code} {answer.text[:200]}")


def said_twice(
    day: Day, client: httpx.Client, chance: random.Random, method: str, path: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    """The answer to a correction. It is sent again under its key as often as the service dies, and once more: it is one word."""
    headers = {"Idempotency-Key": f'"word-{chance.getrandbits(80):020x}"'}
    first = again(lambda: client.request(method, path, json=body, headers=headers))
    if first.is_success:
        second = again(lambda: client.request(method, path, json=body, headers=headers))
        if (second.status_code, second.content) != (first.status_code, first.content):
            day.fault(f"{method} {path} was answered {first.status_code}, and under the same key {second.status_code}")
        if "idempotency-replayed" not in second.headers:
            day.fault(f"{method} {path} was done twice under one key")
        day.count("corrections repeated")
    return first


# ---- those who are told --------------------------------------------------------------------------------------------------


class Consumer:
    """`bench.following` in a process of its own."""

    def __init__(self, address: str, file: Path) -> None:
        self._command = [sys.executable, "-m", "bench.following", address, str(file)]
        self._process: subprocess.Popen[bytes] | None = None
        self.crashes = 0

    def start(self) -> None:
        """Pages and the stream by turns."""
        self._process = subprocess.Popen([*self._command, *(["--stream"] if self.crashes % 2 else [])])

    def crash(self) -> None:
        self.stop()
        self.crashes += 1
        self.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Prodder:
    """Sends again what the receiver failed on, instead of waiting minutes and hours as the schedule has it."""

    def __init__(self, day: Day, client: httpx.Client, webhook_id: str, failed: queue.SimpleQueue[str]) -> None:
        self._day, self._client, self._failed = day, client, failed
        self._path = f"/v1/webhooks/{webhook_id}/deliveries"
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._ends.is_set():
            try:
                message: str | None = self._failed.get(timeout=1)
            except queue.Empty:
                message = None  # a kill may have come between a failure and its record
            while not self._is_sent_again(message):
                time.sleep(0.01)

    def _is_sent_again(self, message: str | None) -> bool:
        """False while the failure of the message is not recorded yet."""
        newest = again(lambda: self._client.get(self._path, params={"limit": 50})).json()["items"]
        wanted = int(message.rpartition("_")[2]) if message is not None else 0
        if not newest or newest[0]["sequence"] < wanted:
            return message is None or self._ends.is_set()
        for waiting in [one for one in newest if one["state"] == "waiting"]:
            again(lambda: self._client.post(f"{self._path}/{waiting['id']}/redeliver"))  # noqa: B023 - called at once
            self._day.count("messages sent again")
        return True

    def stop(self) -> None:
        self._ends.set()
        self._thread.join()


# ---- the verdict ---------------------------------------------------------------------------------------------------------


def compare(day: Day, client: httpx.Client, followers: dict[str, Held]) -> None:
    """Adds a fault for every difference between what was sent, the service, and those who were told."""
    listed = {article["id"]: article for article in all_articles(client)}
    stories = {story["id"]: story for story in pages(client, "/v1/stories")}
    members: dict[str, set[str]] = {}
    for article in listed.values():
        members.setdefault(article["story_id"], set()).add(article["id"])
    held = {story: (stories[story]["version"] if story in stories else 0, frozenset(of)) for story, of in members.items()}
    for story in stories.keys() - members.keys():
        day.fault(f"the service lists {story}, which holds no article")
    wanted = {sent.id: sent for sent in day.articles.values() if sent.last is not None}
    for article in wanted.keys() ^ listed.keys():
        day.fault(f"{article} is {'missing' if article in wanted else 'there though it was deleted or never sent'}")
    for article in wanted.keys() & listed.keys():
        shown = client.get(f"/v1/articles/{article}").raise_for_status().json()
        if [one["text"] for one in shown["paragraphs"]] != wanted[article].last["paragraphs"]:  # type: ignore[index]
            day.fault(f"{article} holds another text than was sent last")
    for follower, state in followers.items():
        for fault in state.faults():
            day.fault(f"{follower}: {fault}")
        told = state.stories()
        for story in sorted(held.keys() | told.keys()):
            if held.get(story) != told.get(story):
                day.fault(f"{follower}: story {story} is {_short(told.get(story))}, with the service {_short(held.get(story))}")
        if state.articles() != {article["id"]: article["revision"] for article in listed.values()}:
            day.fault(f"{follower} holds other articles or revisions than the service")
    for story, survivor in followers["consumer"].ended().items():
        answer = client.get(f"/v1/stories/{story}")
        if (answer.status_code == 308) != (survivor is not None) or answer.status_code not in (308, 410):
            day.fault(f"{story} ended and is answered {answer.status_code}")
        elif answer.status_code == 308 and client.get(f"/v1/stories/{story}", follow_redirects=True).status_code not in (
            200,
            410,
        ):
            day.fault(f"{story} leads nowhere")


def pages(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = client.get(path, params={"limit": 200} | ({"cursor": cursor} if cursor else {})).raise_for_status().json()
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _short(story: tuple[int, frozenset[str]] | None) -> str:
    return "none" if story is None else f"version {story[0]} with {len(story[1])} articles"


# ---- the day -------------------------------------------------------------------------------------------------------------


def live(bodies: list[dict[str, Any]], folder: Path, *, encoder: str, kills: int, crashes: int, seed: int) -> Day:
    """The whole day in `folder`."""
    chance = random.Random(seed)
    received = Held(folder / "received.db")
    (folder / "data").mkdir()
    with httpx.Client(timeout=120, trust_env=False) as plain:
        receiver = Receiver(received, plain, seed)
        settings = {
            "WIRETRACE_ENCODER": encoder,
            "WIRETRACE_WEBHOOK_PORTS": str(receiver.port),
            "WIRETRACE_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        }
        server = Server(folder / "data", settings)
        day = Day(server.address, chance)
        plain.base_url = httpx.URL(server.address)
        consumer = Consumer(server.address, folder / "consumed.db")
        server.start()
        try:
            server.wait_until_ready()
            hook = plain.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{receiver.port}/day"}).raise_for_status().json()
            receiver.secret = hook["secret"]
            consumer.start()
            prodder = Prodder(day, plain, hook["id"], receiver.failed)
            _crawl(day, bodies, server, consumer, kills, crashes)
            _settle(plain, hook["id"], folder / "consumed.db")
            prodder.stop()
            consumer.stop()
            compare(day, plain, {"consumer": Held(folder / "consumed.db"), "receiver": received})
            day.done |= {
                "messages": receiver.requests,
                "messages failed": receiver.failures,
                "consumer crashes": consumer.crashes,
            }
            day.done["changes"] = received.sequence
            day.done["stories"] = len(received.stories())
        finally:
            consumer.stop()
            server.stop()
            receiver.close()
    return day


def _crawl(day: Day, bodies: list[dict[str, Any]], server: Server, consumer: Consumer, kills: int, crashes: int) -> None:
    rounds = [bodies[start : start + ROUND] for start in range(0, len(bodies), ROUND)]
    killed = Counter(day.chance.choices(range(len(rounds)), k=kills))
    crashed = Counter(day.chance.choices(range(len(rounds)), k=crashes))
    with ThreadPoolExecutor(CRAWLERS + 2) as pool:
        clients = [httpx.Client(base_url=server.address, timeout=120, trust_env=False) for _ in range(CRAWLERS + 1)]
        crawlers = [Crawler(day, client, day.chance.getrandbits(32)) for client in clients[1:]]
        editor = random.Random(day.chance.getrandbits(32))
        for number, new in enumerate(rounds):
            old = day.chance.sample(sorted(day.articles), min(len(day.articles), ROUND // 3))
            day.articles |= {name_of(body): Sent(body) for body in new}
            names = [*(name_of(body) for body in new), *old]
            work = [pool.submit(crawler.work, names[place::CRAWLERS]) for place, crawler in enumerate(crawlers)]
            work += [pool.submit(correct, day, clients[0], editor)]
            for _ in range(crashed[number]):
                time.sleep(day.chance.random() * 0.3)
                consumer.crash()
            for _ in range(killed[number]):
                time.sleep(day.chance.random())
                server.kill()
                day.count("kills of the service")
                server.start()
                server.wait_until_ready()
            for one in work:
                one.result()
            print(f"round {number + 1} of {len(rounds)}: {dict(day.done)}", file=sys.stderr, flush=True)
        for client in clients:
            client.close()


def _settle(client: httpx.Client, webhook_id: str, consumed: Path) -> None:
    """Until everybody has been told everything, as long as there is progress."""
    progress, deadline = 0, time.monotonic() + PATIENCE_S
    while True:
        if time.monotonic() > deadline:
            raise SystemExit(f"nobody is told anything any more, behind {progress}")
        [hook] = [one for one in client.get("/v1/webhooks").json()["items"] if one["id"] == webhook_id]
        newest = client.get(f"/v1/webhooks/{webhook_id}/deliveries", params={"limit": 1}).json()["items"]
        is_told = not newest or newest[0]["state"] == "delivered"
        held = Held(consumed)
        is_behind = bool(client.get("/v1/changes", params={"after": held.sequence, "limit": 1}).json()["items"])
        is_behind = is_behind or bool(client.get("/v1/changes", params={"after": hook["sequence"], "limit": 1}).json()["items"])
        held.close()
        if is_told and not is_behind:
            return
        if hook["sequence"] > progress:
            progress, deadline = hook["sequence"], time.monotonic() + PATIENCE_S
        time.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--data", type=Path, help="folder with articles.jsonl, which come before invented articles")
    parser.add_argument("--encoder", choices=("local", "hashing"), default="local")
    parser.add_argument("--kills", type=int, default=2, help="of the service")
    parser.add_argument("--crashes", type=int, default=5, help="of the consumer")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    bodies = read_bodies(options.data, options.articles) if options.data else []
    bodies += invented(options.articles - len(bodies), options.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wiretrace-day-") as folder:
        day = live(bodies, Path(folder), encoder=options.encoder, kills=options.kills, crashes=options.crashes, seed=options.seed)
    print(f"{len(bodies)} articles (seed {options.seed}) in {time.monotonic() - began:.0f} s:")
    for what, count in sorted(day.done.items()):
        print(f"  {count:7,} {what}")
    for fault in day.faults[:20]:
        print(f"  FAULT {fault}")
    print(f"{len(day.faults)} faults" if day.faults else "consumer, receiver and service agree on every story")
    return 1 if day.faults else 0


if __name__ == "__main__":
    sys.exit(main())
