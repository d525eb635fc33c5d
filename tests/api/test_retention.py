"""What is forgotten and how it is told, what waits and how it is counted, over a real connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from service.flows import retention
from service.flows.retention import Retention
from service.store.repository import SqlStore
from tests.api.test_bad_input import problem
from tests.api.test_batches import NDJSON, finished, lines
from tests.api.test_webhooks import Receiver, receiver, settings, until  # noqa: F401 - a fixture
from tests.api.whole import changes, send, served
from tests.samples import SAMPLES


class Later:
    """A clock that runs ahead."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=40)


def forget(store: SqlStore, **days: float) -> int:
    """As the service does every minute, forty days from now."""
    gone: list[int] = []
    Retention(store, Later(), dropped=gone.append, **({"change_days": 30, "delivery_days": 30} | days)).sweep()
    return sum(gone)


def figures(client: httpx.Client) -> dict[str, float]:
    text = client.get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(wiretrace_\S+) (\S+)$", text, re.MULTILINE)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[SqlStore]:
    """A second door to the database of the service that runs on the folder."""
    from service.store.migrate import upgrade

    upgrade(f"sqlite:///{folder / 'wiretrace.db'}")
    opened = SqlStore(f"sqlite:///{folder / 'wiretrace.db'}", writable=False)
    opened._folder = object()  # type: ignore[assignment]
    yield opened
    opened._engines.dispose()


def test_who_comes_too_late_is_told_so_and_nothing_is_left_out(folder: Path, store: SqlStore) -> None:
    with served(folder) as client:
        for name in ("wire", "orchid", "strike"):
            send(client, SAMPLES[name])
        whole = changes(client)
        client.post("/v1/changes/acknowledge", json={"consumer": "slow", "sequence": 2})
        assert forget(store, change_days=0) == 0
        assert forget(store, change_days=50) == 0
        assert changes(client) == whole
        assert forget(store) == len(whole) == 6
        send(client, {**SAMPLES["wire"], "title": "Later"})
        for path in ("/v1/changes", "/v1/changes?after=5", "/v1/changes?consumer=slow", "/v1/changes?consumer=new"):
            detail = problem(client.get(path), 410, "changes-gone")["detail"]
            assert detail == "Changes up to 6 are not kept any more; the last one that was given out is 8."
        assert [one["sequence"] for one in changes(client, 6)] == [7, 8]
        problem(client.get("/v1/changes/stream?after=5"), 410, "changes-gone")
        problem(client.get("/v1/changes/stream", headers={"Last-Event-ID": "5"}), 410, "changes-gone")
        assert client.post("/v1/changes/acknowledge", json={"consumer": "slow", "sequence": 8}).status_code == 200
        assert client.get("/v1/changes?consumer=slow").json() == {"items": [], "next": 8}


def test_a_webhook_is_told_everything_however_old(folder: Path, store: SqlStore, receiver: Receiver) -> None:  # noqa: F811
    receiver.answers = [(200, {}), (410, {})]
    with served(folder, **settings(receiver)) as client:
        hook = client.post("/v1/webhooks", json={"url": receiver.url}).json()
        path = f"/v1/webhooks/{hook['id']}/deliveries"
        send(client, SAMPLES["wire"])
        send(client, SAMPLES["orchid"])
        until(lambda: client.get("/v1/webhooks").json()["items"][0]["disabled_reason"])
        assert forget(store) == 1
        failed, *others = client.get(path).json()["items"]
        assert (failed["sequence"], failed["state"], others) == (2, "failed", [])
        assert client.post(f"{path}/{failed['id']}/redeliver").status_code == 202
        receiver.wait(lambda: len(receiver.got) == 5)
        assert receiver.sequences() == [1, 2, 2, 3, 4]
        until(lambda: figures(client)["wiretrace_webhook_backlog_changes"] == 0)
        assert forget(store, delivery_days=0) == 3
        delivered = client.get(path).json()["items"][0]
        problem(client.post(f"{path}/{delivered['id']}/redeliver"), 410, "changes-gone")
        found = figures(client)
        assert found['wiretrace_webhook_attempts_total{outcome="delivered"}'] == 4
        assert found['wiretrace_webhook_attempts_total{outcome="failed"}'] == 1
        assert found['wiretrace_webhooks{state="enabled"}'] == 1


def test_a_sweep_is_bounded(folder: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.domain.changes import NewChange

    with store.write() as session:
        session.add_changes([NewChange("story.updated", "s", None, {})] * 95, datetime.now(UTC))
    monkeypatch.setattr(retention, "AT_ONCE", 4)
    assert [forget(store) for _ in range(3)] == [80, 15, 0]


def test_what_waits_is_shown(folder: Path, store: SqlStore, receiver: Receiver) -> None:  # noqa: F811
    receiver.answers = [(503, {"Retry-After": "600"})]
    with served(folder, **settings(receiver)) as client:
        client.post("/v1/webhooks", json={"url": receiver.url})
        job = client.post("/v1/batches", content=lines(SAMPLES["wire"], b"{broken\n", SAMPLES["orchid"]), headers=NDJSON)
        assert finished(client, job)["failed"] == 1
        until(lambda: figures(client).get('wiretrace_webhook_attempts_total{outcome="retried"}'))
        client.post("/v1/changes/acknowledge", json={"consumer": "slow", "sequence": 1})
        found = figures(client)
        assert (found["wiretrace_change_sequence"], found["wiretrace_changes_kept"]) == (4, 4)
        assert (found["wiretrace_webhook_backlog_changes"], found["wiretrace_consumer_backlog_changes"]) == (4, 3)
        assert found["wiretrace_webhook_oldest_seconds"] > 0
        assert found['wiretrace_job_lines_total{outcome="done"}'] == 2
        assert found['wiretrace_job_lines_total{outcome="failed"}'] == 1
        assert (found['wiretrace_jobs{state="running"}'], found["wiretrace_job_backlog_lines"]) == (0, 0)
        assert (found["wiretrace_waiting_articles"], found["wiretrace_job_oldest_seconds"]) == (0, 0)


def test_metrics_are_shown_without_what_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.errors import StoreUnavailable
    from service.store.backlog import BacklogQueries

    def broken(_: object) -> None:
        raise StoreUnavailable

    with served(folder) as client:
        monkeypatch.setattr(BacklogQueries, "backlog", broken)
        found = figures(client)
        assert "wiretrace_write_queue_articles" in found
        assert "wiretrace_change_sequence" not in found


def test_every_metric_is_in_the_documentation(folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/http.md").read_text(encoding="utf8")
    documented = {name.removesuffix("_total") for name in re.findall(r"`(wiretrace_[a-z_]+)", page)}
    with served(folder) as client:
        shown = set(re.findall(r"^# TYPE (wiretrace_[a-z_]+?)(?:_total|_created)? ", client.get("/metrics").text, re.MULTILINE))
    assert shown == documented
