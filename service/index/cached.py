"""The index a service uses: exact while it is small, a graph above, the graph kept in a checked file between runs.

The store is the truth. A file is believed only when its digest, space and dimension are right, is then compared with the
store key by key, and is otherwise built anew. Decides nothing about copy: it proposes.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from service.index.exact import ExactIndex
from service.index.usearch_index import UsearchIndex
from service.ports import Matrix, Vector

_FORMAT: Final = 1
_ROWS_AT_ONCE: Final = 2_000
# Vectors that move from the matrix into the graph for each one that is added: no single call pays for all of them.
_MOVED_FOR_ONE: Final = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """How an index came to be. `reason` says why the file was not used, "" where it was or was not needed."""

    kind: Literal["exact", "graph"]
    vectors: int
    from_file: int
    added: int
    removed: int
    reason: str


class CachedIndex:
    """Implements `service.ports.VectorIndex`. May be used by several threads. Keys are 0 to 2**63 - 1.

    `folder` is where the graph's file lies (None keeps none); up to `exact_below` vectors every search is exact.
    """

    def __init__(self, folder: Path | None, space: str, dimension: int, *, exact_below: int = 50_000) -> None:
        self._folder = folder
        self._space = space
        self._dimension = dimension
        self._exact_below = exact_below
        self._matrix = ExactIndex(dimension)
        self._graph: UsearchIndex | None = None
        self._generation = 0
        self._lock = threading.RLock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._matrix) + (0 if self._graph is None else len(self._graph))

    def open(self, rows: Callable[[], Iterable[tuple[int, Vector]]]) -> Opened:
        """Fills the index with what the store holds: `rows` gives every key with its vector once, in any order."""
        with self._lock:
            self._matrix, self._graph = ExactIndex(self._dimension), None
            stored = iter(rows())
            first = list(islice(stored, self._exact_below + 1))
            if len(first) <= self._exact_below:
                self._add_rows(self._matrix, first)
                return Opened("exact", len(first), 0, len(first), 0, "")
            self._graph, reason = self._load()
            from_file, added = len(self._graph), 0
            gone = set(self._graph.keys())
            for some in _chunks(first, stored):
                missing = [(key, vector) for key, vector in some if key not in gone]
                gone.difference_update(key for key, _ in some)
                self._add_rows(self._graph, missing)
                added += len(missing)
            self._graph.remove(sorted(gone))
            return Opened("graph", len(self._graph), from_file, added, len(gone), reason)

    def add(self, keys: Sequence[int], vectors: Matrix) -> None:
        """A key that is there already gets the new vector."""
        with self._lock:
            if self._graph is None and len(self._matrix) + len(keys) <= self._exact_below:
                self._matrix.add(keys, vectors)
                return
            if self._graph is None:
                self._graph = UsearchIndex(self._dimension)
            self._matrix.remove(keys)
            self._graph.add(keys, vectors)
            moving = self._matrix.keys()[: _MOVED_FOR_ONE * len(keys)]
            if moving:
                self._graph.add(moving, self._matrix.vectors_of(moving))
                self._matrix.remove(moving)

    def remove(self, keys: Sequence[int]) -> None:
        """A key that is not there is no error."""
        with self._lock:
            self._matrix.remove(keys)
            if self._graph is not None:
                self._graph.remove(keys)

    def within(self, queries: Matrix, minimum: float) -> list[list[tuple[int, float]]]:
        with self._lock:
            exact = self._matrix.within(queries, minimum)
            if self._graph is None:
                return exact
            found = self._graph.within(queries, minimum)
            return [list(heapq.merge(one, two, key=_best_first)) for one, two in zip(exact, found, strict=True)]

    def nearest(self, query: Matrix, count: int) -> list[tuple[int, float]]:
        with self._lock:
            exact = self._matrix.nearest(query, count)
            graph = [] if self._graph is None else self._graph.nearest(query, count)
            return list(islice(heapq.merge(exact, graph, key=_best_first), count))

    def save(self) -> bool:
        """Writes the graph beside the old file and then puts it in its place, so that a crash leaves one of the two.

        False when there is nothing to write: no folder, or all searches are exact and the store is read at the start anyway.
        """
        with self._lock:
            if self._folder is None or self._graph is None:
                return False
            self._folder.mkdir(parents=True, exist_ok=True)
            self._generation = max(self._generation, self._stored_generation()) + 1
            file = self._folder / f"{self._stem}-{self._generation}.usearch"
            temporary = file.with_suffix(".part")
            self._graph.save(temporary)
            note = {
                "format": _FORMAT,
                "space": self._space,
                "dimension": self._dimension,
                "generation": self._generation,
                "vectors": len(self._graph),
                "file": file.name,
                "sha256": _sha256(temporary),
            }
            _put_in_place(temporary, file)
            # The note is what makes the file count; it changes last.
            temporary = self._note.with_suffix(".part")
            temporary.write_text(json.dumps(note))
            _put_in_place(temporary, self._note)
            for old in self._folder.glob(f"{self._stem}-*"):
                if old != file:
                    old.unlink(missing_ok=True)
            return True

    @property
    def _stem(self) -> str:
        return f"index-{self._space}"

    @property
    def _note(self) -> Path:
        assert self._folder is not None
        return self._folder / f"{self._stem}.json"

    def _stored_generation(self) -> int:
        try:
            return int(self._read_note()["generation"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _read_note(self) -> dict[str, Any]:
        note: dict[str, Any] = json.loads(self._note.read_text())
        return note

    def _load(self) -> tuple[UsearchIndex, str]:
        """The graph of the file and "", or an empty graph and why the file was not used."""
        graph = UsearchIndex(self._dimension)
        if self._folder is None or not self._note.exists():
            return graph, "there is no file"
        try:
            note = self._read_note()
            if (note["format"], note["space"], note["dimension"]) != (_FORMAT, self._space, self._dimension):
                return graph, "the file is of another format, space or dimension"
            file = self._folder / Path(note["file"]).name
            if _sha256(file) != note["sha256"]:
                return graph, "the file's digest is wrong"
            graph.load(file)
            if len(graph) != note["vectors"]:
                return UsearchIndex(self._dimension), "the file holds another number of vectors than its note says"
        except (OSError, ValueError, KeyError, TypeError) as error:
            return UsearchIndex(self._dimension), f"the file cannot be read: {error}"
        self._generation = int(note["generation"])
        return graph, ""

    def _add_rows(self, index: ExactIndex | UsearchIndex, rows: Sequence[tuple[int, Vector]]) -> None:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            index.add([key for key, _ in some], np.stack([vector for _, vector in some]).astype(np.float32))


def _best_first(found: tuple[int, float]) -> tuple[float, int]:
    return -found[1], found[0]


def _chunks(first: list[tuple[int, Vector]], rest: Iterator[tuple[int, Vector]]) -> Iterator[list[tuple[int, Vector]]]:
    yield first
    while some := list(islice(rest, _ROWS_AT_ONCE)):
        yield some


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _put_in_place(temporary: Path, final: Path) -> None:
    """Durable before it is visible."""
    _sync(temporary)
    temporary.replace(final)
    _sync(final.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
