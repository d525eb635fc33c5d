"""What every measurement shares."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.domain.matching import Weights
from service.domain.registry import Registry
from service.ports import Encoder


@dataclass(frozen=True, slots=True)
class Tools:
    """`say` reports progress; `sample` is where a hand sample goes, if anybody wants one."""

    encoder: Encoder
    registry: Registry
    weights: Weights
    say: Callable[[str], None]
    sample: Path | None = None


def quieten() -> None:
    """Let the service's parts log nothing below a warning: thousands of articles go through them."""
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
