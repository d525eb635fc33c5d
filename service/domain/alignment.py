"""Word alignment of two texts: which stretches of one stand in the other, in order, allowing for edits inside.

A longest common subsequence (rapidfuzz, bit-parallel) gives the equal words; a local-alignment pass in the manner of Smith and
Waterman (1981) keeps only stretches in which they lie close together, so that stray function words do not count as copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from service.domain.rarity import rarity

_REPLACED_COST = 0.45
"""Cost of a word replaced on both sides, in units of a rare word's gain: a stretch survives two words in three changed."""
_INSERTED_COST = 0.12
"""Cost of a word that only one side has: cuts and additions are what desks do."""
_INSERTED_CAP = 3.0
LEAST_SCORE = 2.0
"""A stretch below two rare words' worth is coincidence."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tokens a_start..a_end of one text aligned with b_start..b_end of the other; `blocks` are the equal runs in it."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    score: float
    blocks: tuple[tuple[int, int, int], ...]


def align(a: Sequence[str], b: Sequence[str], least: float = LEAST_SCORE) -> list[Stretch]:
    """Aligned stretches in order along the common subsequence; one whose score is below `least` is none."""
    stretches: list[Stretch] = []
    run: list[tuple[int, int, int]] = []
    score = best = 0.0
    best_length = 0

    def close() -> None:
        if best >= least:
            kept = run[:best_length]
            (a0, b0, _), (a1, b1, n) = kept[0], kept[-1]
            stretches.append(Stretch(a0, a1 + n, b0, b1 + n, best, tuple(kept)))

    for block in _blocks(a, b):
        i, j, n = block
        gain = sum(rarity(a[i + k]) for k in range(n))
        if run:
            pi, pj, pn = run[-1]
            gap_a, gap_b = i - pi - pn, j - pj - pn
            both, one = min(gap_a, gap_b), abs(gap_a - gap_b)
            cost = _REPLACED_COST * both + min(_INSERTED_CAP, _INSERTED_COST * one)
            if score - cost > 0:
                score = score - cost + gain
                run.append(block)
                if score > best:
                    best, best_length = score, len(run)
                continue
            close()
        run, score, best, best_length = [block], gain, gain, 1
    if run:
        close()
    return stretches


def _blocks(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    return [(op.src_start, op.dest_start, op.src_end - op.src_start) for op in LCSseq.opcodes(a, b) if op.tag == "equal"]
