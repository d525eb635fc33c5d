"""The service's own encoder with a memory: a text is embedded once, and once ever where a folder keeps the vectors.

Implements `service.ports.Encoder`. The folder holds one file for each embedding space; vectors of another space are never used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from service.embed.local import SentenceTransformerEncoder
from service.ports import Matrix
from service.settings import Settings

_BATCH = 32


class RememberingEncoder:
    def __init__(self, settings: Settings, folder: Path | None) -> None:
        """`folder` is made when it is not there; None keeps the vectors for this run only."""
        self._inner = SentenceTransformerEncoder(
            settings.model, sha256=settings.expected_model_sha256(), threads=settings.encoder_threads
        )
        self._file = folder / f"{self._inner.space}.npz" if folder else None
        self._rows: dict[bytes, Matrix] = {}
        self._saved = 0
        if self._file is not None and self._file.is_file():
            with np.load(self._file) as held:
                keys, rows = held["keys"], held["rows"]
            self._rows = {keys[i].tobytes(): rows[i] for i in range(len(keys))}
            self._saved = len(self._rows)

    @property
    def space(self) -> str:
        return self._inner.space

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    @property
    def mode(self) -> Literal["semantic", "lexical"]:
        return self._inner.mode

    def encode(self, texts: Sequence[str]) -> Matrix:
        keys = [hashlib.sha256(text.encode("utf8", "surrogatepass")).digest()[:16] for text in texts]
        missing = sorted(
            {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}.items(),
            key=lambda item: (len(item[1]), item[0]),
        )
        for start in range(0, len(missing), _BATCH):
            part = missing[start : start + _BATCH]
            rows = self._inner.encode([text for _, text in part])
            self._rows.update((key, row) for (key, _), row in zip(part, rows, strict=True))
        if not keys:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._rows[key] for key in keys])

    def save(self) -> None:
        """Keep what was embedded since the last time."""
        if self._file is None or len(self._rows) == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        keys = np.frombuffer(b"".join(self._rows), dtype=np.uint8).reshape(len(self._rows), -1)
        waiting = self._file.with_suffix(".part.npz")
        np.savez(waiting, keys=keys, rows=np.stack(list(self._rows.values())))
        waiting.replace(self._file)
        self._saved = len(self._rows)
