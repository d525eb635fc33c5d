"""How a process begins, ends, begins anew and waits, with an application that does nothing."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
import typer
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from service.cli import serving
from service.settings import Settings
from service.store.engine import FolderLock


def nothing() -> None:
    pass


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def application(started: Callable[[], None], stopped: Callable[[], None] = nothing, watch: object = None) -> ASGIApp:
    """It calls `started` before its port opens and `stopped` after it has closed."""

    class Application:
        state = SimpleNamespace(watch=watch)

        async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
            for happens, word in ((started, "startup"), (stopped, "shutdown")):
                await receive()
                try:
                    happens()
                except RuntimeError as error:
                    await send({"type": f"lifespan.{word}.failed", "message": str(error)})
                    return
                await send({"type": f"lifespan.{word}.complete"})

    return Application()


class Starts:
    """The applications of a process, one after the other, and the settings they were given."""

    def __init__(self, *applications: ASGIApp) -> None:
        self._applications = list(applications)
        self.given: list[Settings] = []

    def __call__(self, settings: Settings) -> ASGIApp:
        self.given.append(settings)
        return self._applications.pop(0)


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """Of every level, whatever a command that ran before has set."""
    before = structlog.get_config()
    structlog.reset_defaults()
    with structlog.testing.capture_logs() as found:
        yield found
    structlog.configure(**before)


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("::1", "[::1]")])
def test_the_address_is_told_once_it_listens(logs: list[Any], tmp_path: Path, host: str, shown: str) -> None:
    if host == "::1":
        try:
            socket.create_server((host, 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("no IPv6 on this machine")
    starts = Starts(application(interrupt))
    serving.serve_until_told(starts, Settings(data=tmp_path, host=host, port=0))
    [port] = [settings.port for settings in starts.given]
    assert port
    assert [log["address"] for log in logs if log["event"] == "listening"] == [f"http://{shown}:{port}"]


def test_a_port_in_use_and_a_host_that_is_none_end_the_start_with_a_reason(logs: list[Any], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Settings(data=tmp_path, port=other.getsockname()[1])
        for settings in (taken, Settings(data=tmp_path, port=0, host="192.0.2.1"), Settings(data=tmp_path, host="a..b")):
            with pytest.raises(typer.Exit) as ended:
                serving.serve_until_told(Starts(), settings)
            assert ended.value.exit_code == 3
    assert [(log["event"], bool(log["error"])) for log in logs] == [("cannot_listen", True)] * 3


def test_a_port_that_another_opens_first_is_no_crash(logs: list[Any], tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:

        def be_quicker() -> None:
            other = stack.enter_context(socket.socket())
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", starts.given[0].port))
            other.listen()

        starts = Starts(application(be_quicker))
        with pytest.raises(typer.Exit) as ended:
            serving.serve_until_told(starts, Settings(data=tmp_path, port=0))
    assert ended.value.exit_code == 3
    assert "cannot_listen" in [log["event"] for log in logs]


def test_it_begins_anew_on_the_same_port_unless_it_was_told_to_end(tmp_path: Path) -> None:
    anew = SimpleNamespace(begins_anew=True)
    starts = Starts(application(nothing, watch=anew), application(nothing, interrupt, watch=anew))
    serving.serve_until_told(starts, Settings(data=tmp_path, port=0))
    assert len({settings.port for settings in starts.given}) == 1
    assert len(starts.given) == 2, "the second was to begin anew too, and was interrupted while it ended"


def test_a_start_that_fails_ends_the_process(tmp_path: Path) -> None:
    def fail() -> None:
        raise RuntimeError("no model")

    for run in (serving.serve_until_told, serving.work_until_told):
        with pytest.raises(typer.Exit) as ended:
            run(Starts(application(fail)), Settings(data=tmp_path, port=0))
        assert ended.value.exit_code == 3


def test_a_worker_that_was_not_quick_enough_waits_again(monkeypatch: Any, logs: list[Any], tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=0)
    place = FolderLock(settings.sqlalchemy_url())

    def be_late() -> None:
        place.acquire()
        raise RuntimeError("another Wiretrace process is using it")

    monkeypatch.setattr(serving, "time", SimpleNamespace(sleep=lambda _: place.release()))
    starts = Starts(application(be_late), application(interrupt))
    serving.work_until_told(starts, settings)
    assert len(starts.given) == 2
    assert "waiting" in [log["event"] for log in logs]


def test_a_worker_whose_database_cannot_be_reached_does_not_wait_for_another(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(serving, "time", SimpleNamespace(sleep=lambda _: pytest.fail("it waits")))
    for database_url in ("postgresql+psycopg://nobody@127.0.0.1:1/none", "nonsense"):
        starts = Starts(application(interrupt))
        serving.work_until_told(starts, Settings(data=tmp_path, database_url=database_url, port=0))
        assert len(starts.given) == 1


def test_a_worker_that_waits_ends_when_it_is_told_to(monkeypatch: Any, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=0)
    place = FolderLock(settings.sqlalchemy_url())
    place.acquire()

    def told(_: float) -> None:
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL, "the first process of a container would not end"
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(serving, "time", SimpleNamespace(sleep=told))
    with pytest.raises(SystemExit) as ended:
        serving.work_until_told(Starts(), settings)
    place.release()
    assert (ended.value.code, signal.getsignal(signal.SIGTERM)) == (0, before)


def test_replicas_are_told_an_address_that_is_not_the_machines_own_alone(monkeypatch: Any, tmp_path: Path) -> None:
    def unknown(_: str) -> str:
        raise OSError("no such name")

    monkeypatch.setattr(socket, "gethostname", lambda: "news-1")
    for found, told in ((lambda _: "10.0.0.7", "10.0.0.7"), (lambda _: "127.0.1.1", "news-1"), (unknown, "news-1")):
        monkeypatch.setattr(socket, "gethostbyname", found)
        for host in ("0.0.0.0", "::"):
            assert Settings(data=tmp_path, host=host, port=8001).reached_at() == f"http://{told}:8001"
    assert Settings(data=tmp_path, host="fd00::7", port=8001).reached_at() == "http://[fd00::7]:8001"
    assert Settings(data=tmp_path, host="0.0.0.0", address="https://news-1.example").reached_at() == "https://news-1.example"
    for address in ("https://[fd00::7]:8001", "http://news_1"):
        assert Settings(data=tmp_path, address=address).reached_at() == address
    for wrong in (
        "news-1.example",
        "http://news-1/",
        "http://news-1:port",
        "http://me:secret@news-1",
        "http://[fd00",
        "http://a b",
    ):
        with pytest.raises(ValidationError):
            Settings(data=tmp_path, address=wrong)
