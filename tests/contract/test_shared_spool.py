"""Bodies of batches that outlive the machine which took them in, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import MissingBody
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from service.store.shared_spool import SharedSpool
from service.store.spool import Spool

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
