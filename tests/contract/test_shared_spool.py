"""Bodies of batches that outlive the machine which took them in, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.domain.jobs import Job
from service.errors import MissingBody, StoreUnavailable
from service.flows.jobs import Item, Jobs
from service.store.ids import SystemClock
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from service.store.shared_spool import SharedSpool
from service.store.spool import Spool
from service.store.writing import SqlWriteSession

LARGE = b"".join(b'{"line": %d}\n' % number for number in range(400_000))


def lines(spool: SharedSpool, job_id: str) -> list[bytes | None]:
    return [item.data for item in spool.items(job_id, 1_000)]


def test_another_machine_reads_what_this_one_took_in(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    with SqlStore(database_url) as store:
        here, there = (SharedSpool(Spool(tmp_path / name), store) for name in ("here", "there"))
        for job_id, body in (("large", LARGE), ("small", b'{"a": 1}\n\n{"b": 2}')):
            upload = here.upload(job_id)
            upload.write(body)
            upload.finish()
        assert lines(there, "small") == lines(here, "small") == [b'{"a": 1}', b'{"b": 2}']
        assert lines(there, "large") == LARGE.splitlines()
        here.remove("small")
        there.remove("small")
        with pytest.raises(OSError, match="small"):
            lines(there, "small")


def test_a_body_whose_job_was_stored_is_kept_although_nobody_was_told(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    with SqlStore(database_url) as store:
        here, there = (SharedSpool(Spool(tmp_path / name), store) for name in ("here", "there"))
        for job_id in ("stored", "refused"):
            upload = here.upload(job_id)
            upload.write(b"{}")
            upload.finish()
            if job_id == "stored":
                with store.write() as session:
                    session.put_job(Job(job_id, "queued", 1, 0, 0, SystemClock().now()))
            upload.discard()
        assert lines(here, "stored") == lines(there, "stored") == [b"{}"]
        with pytest.raises(OSError, match="refused"):
            lines(here, "refused")


def test_a_job_is_begun_although_its_caller_was_told_that_the_connection_broke(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)

    async def go(store: SqlStore) -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        class Noticed(SharedSpool):
            def items(self, job_id: str, max_bytes: int) -> Iterator[Item]:
                loop.call_soon_threadsafe(begun.set)
                return iter(())

        spool, told = Noticed(Spool(tmp_path / "here"), store), _BreakingOff(store)
        jobs = Jobs(told, SystemClock(), spool, None, None, None, None, width=1, max_line_bytes=9, max_waiting=9)  # type: ignore[arg-type]
        await jobs.start()
        await asyncio.sleep(0)
        told.breaks_off = True
        with pytest.raises(StoreUnavailable):
            await jobs.accept("stored", 1)
        await asyncio.wait_for(begun.wait(), 30)
        await jobs.stop()

    with SqlStore(database_url) as store:
        asyncio.run(go(store))


class _BreakingOff:
    """Commits, and does not say so once."""

    def __init__(self, store: SqlStore) -> None:
        self.read, self._store, self.breaks_off = store.read, store, False

    @contextmanager
    def write(self) -> Iterator[SqlWriteSession]:
        with self._store.write() as session:
            yield session
        if self.breaks_off:
            self.breaks_off = False
            raise StoreUnavailable


def test_what_belongs_to_no_job_is_forgotten(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    with SqlStore(database_url) as store:
        here, there = (SharedSpool(Spool(tmp_path / name), store) for name in ("here", "there"))
        for job_id in ("kept", "ended", "discarded"):
            upload = here.upload(job_id)
            upload.write(b"{}")
            upload.finish()
        upload.discard()
        empty = here.upload("empty")
        empty.write(b"\n \n")
        with pytest.raises(MissingBody):
            empty.finish()
        empty.discard()
        here.sweep({"kept"})
        assert lines(there, "kept") == [b"{}"]
        for job_id in ("ended", "discarded", "empty"):
            with pytest.raises(OSError, match=job_id):
                lines(there, job_id)
