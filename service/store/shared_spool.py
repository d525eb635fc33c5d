"""Batch bodies where several machines share one database: a copy is kept there, so that whoever comes to write next has them.

The lines are read from a file all the same; the copy is written before a job is accepted and goes when the job ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from service.flows.jobs import Item
from service.ports import Store
from service.store.spool import Spool, Upload


class SharedUpload:
    """As `Upload`; whole once the database has it too."""

    def __init__(self, upload: Upload, spool: Spool, store: Store, job_id: str) -> None:
        self._upload, self._spool, self._store, self._job_id = upload, spool, store, job_id
        self._is_whole = False

    def write(self, data: bytes) -> None:
        self._upload.write(data)

    def finish(self) -> int:
        """As `Upload.finish`. Each piece is a transaction of its own, so that articles do not wait for a long batch."""
        total = self._upload.finish()
        self._is_whole = True
        for number, part in enumerate(self._spool.parts(self._job_id)):
            with self._store.write() as session:
                session.put_batch_part(self._job_id, number, part)
        return total

    def discard(self) -> None:
        """Forget it, unless its job is there: a connection that breaks while it commits does not say that it has."""
        if not self._is_whole:
            self._upload.discard()
            return
        with self._store.write() as session:
            if session.job(self._job_id) is not None:
                return
            session.drop_batch_parts(self._job_id)
        self._upload.discard()


class SharedSpool:
    """The folder of `spool`, and the copies in `store`."""

    def __init__(self, spool: Spool, store: Store) -> None:
        self._spool, self._store = spool, store

    def upload(self, job_id: str) -> SharedUpload:
        """Raises StoreUnavailable."""
        return SharedUpload(self._spool.upload(job_id), self._spool, self._store, job_id)

    def items(self, job_id: str, max_bytes: int) -> Iterator[Item]:
        """As `Spool.items`, for bodies too that another machine took in."""
        if not self._spool.holds(job_id):
            self._bring(job_id)
        yield from self._spool.items(job_id, max_bytes)

    def remove(self, job_id: str) -> None:
        self._spool.remove(job_id)
        with self._store.write() as session:
            session.drop_batch_parts(job_id)

    def sweep(self, kept: Collection[str]) -> None:
        self._spool.sweep(kept)
        with self._store.write() as session:
            session.drop_other_batch_parts(kept)

    def _bring(self, job_id: str) -> None:
        upload, number = self._spool.upload(job_id), 0
        while (part := self._part(job_id, number)) is not None:
            upload.write(part)
            number += 1
        if number:
            upload.finish()
        else:
            upload.discard()

    def _part(self, job_id: str, number: int) -> bytes | None:
        with self._store.read() as session:
            return session.batch_part(job_id, number)
