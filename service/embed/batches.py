"""What waits for the encoder and how it is cut into batches. No threads and no locks here."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from service.ports import Encoder, Vector

Embedded = npt.NDArray[np.float16]

PROBE: Final = "The encoder answers."


@dataclass(slots=True, eq=False)
class Request:
    """One call of submit; `rows` fills up with vectors until `missing` is zero."""

    future: Future[Embedded]
    rows: list[Vector | None]
    missing: int
    is_settled: bool = False


@dataclass(slots=True, eq=False)
class Waiting:
    """One distinct text and everybody who waits for it."""

    text: str
    places: list[tuple[Request, int]] = field(default_factory=list)
    attempts: int = 0

    @property
    def tokens(self) -> int:
        return len(self.text) // 4 + 2

    @property
    def is_wanted(self) -> bool:
        return any(not request.future.done() for request, _ in self.places)


def cut_into_batches(stretch: Sequence[Waiting], budget: int) -> list[list[Waiting]]:
    """Sorted by length; each batch holds at most `budget` tokens padded to its longest text, or one text alone."""
    batches: list[list[Waiting]] = []
    for waiting in sorted(stretch, key=lambda one: one.tokens):
        if batches and (len(batches[-1]) + 1) * waiting.tokens <= budget:
            batches[-1].append(waiting)
        else:
            batches.append([waiting])
    return batches


def vectors_of(encoder: Encoder, texts: Sequence[str]) -> Embedded:
    matrix = encoder.encode(texts)
    if matrix.shape != (len(texts), encoder.dimension) or not np.isfinite(matrix).all():
        raise ValueError(f"the encoder gave vectors of shape {matrix.shape}, or numbers that are none")
    return matrix.astype(np.float16)


def probe(encoder: Encoder) -> None:
    vectors_of(encoder, [PROBE])
