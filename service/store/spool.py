"""Batch bodies on disk, one NDJSON file a job, from their arrival until the job ends.

A file counts only once it is whole: it is written under another name, synced, and renamed. Knows nothing of articles.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from service.errors import MissingBody, StoreUnavailable
from service.flows.jobs import Item

_PART = 1 << 20
_PIECE = 4 << 20


class Upload:
    """A body that is coming in. `total` counts the lines that are not blank. Memory does not grow with the body."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.with_suffix(".part").open("wb")
        self._is_in_line = False
        self.total = 0

    def write(self, data: bytes) -> None:
        """Raises StoreUnavailable when the disk does not take it."""
        *ended, rest = data.split(b"\n")
        for line in ended:
            self.total += bool(self._is_in_line or line.strip())
            self._is_in_line = False
        self._is_in_line = self._is_in_line or bool(rest.strip())
        try:
            self._file.write(data)
        except OSError as error:
            raise StoreUnavailable(f"the batch cannot be kept: {error.strerror}") from error

    def finish(self) -> int:
        """The number of lines, with the file safe on disk. Raises MissingBody for one without lines, StoreUnavailable."""
        self.total += self._is_in_line
        if not self.total:
            raise MissingBody("The batch holds no article.")
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._path.with_suffix(".part").replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StoreUnavailable(f"the batch cannot be kept: {error.strerror}") from error
        return self.total

    def discard(self) -> None:
        """Forget it, whole or not. May be called twice."""
        with contextlib.suppress(OSError):
            self._file.close()
        for path in (self._path, self._path.with_suffix(".part")):
            path.unlink(missing_ok=True)


class Spool:
    """The folder of the files; made when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def upload(self, job_id: str) -> Upload:
        """Raises StoreUnavailable."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return Upload(self._path(job_id))
        except OSError as error:
            raise StoreUnavailable(f"the batch cannot be kept: {error.strerror}") from error

    def holds(self, job_id: str) -> bool:
        """Whether the whole body stands here."""
        return self._path(job_id).is_file()

    def parts(self, job_id: str) -> Iterator[bytes]:
        """The body in pieces of some megabytes. Raises OSError."""
        with self._path(job_id).open("rb") as file:
            while part := file.read(_PIECE):
                yield part

    def items(self, job_id: str, max_bytes: int) -> Iterator[Item]:
        """The lines that are not blank; one above `max_bytes` comes without its data. Raises OSError."""
        with self._path(job_id).open("rb") as file:
            number = line = 0
            while part := file.readline(max_bytes + 1):
                line += 1
                is_whole = part.endswith(b"\n") or len(part) <= max_bytes
                is_blank = not part.strip()
                last = part
                while not last.endswith(b"\n") and (last := file.readline(_PART)):
                    is_whole, is_blank = False, is_blank and not last.strip()
                if not is_blank:
                    number += 1
                    yield Item(number, line, part.strip() if is_whole else None)

    def remove(self, job_id: str) -> None:
        self._path(job_id).unlink(missing_ok=True)

    def sweep(self, kept: Collection[str]) -> None:
        """Remove what no job is left to read: bodies that broke off, and those of jobs that ended."""
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path.suffix == ".part" or path.stem not in kept:
                path.unlink(missing_ok=True)

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.ndjson"
