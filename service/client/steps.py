"""What a call needs of the outside, as values. A call is a generator that yields these and is sent what came of them.

So every decision is written once and tested without a network; `service/client/driving.py` carries the steps out, once for
threads and once for asyncio. Sends nothing, waits for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
Item = TypeVar("Item")

Body: TypeAlias = bytes | Callable[[], Iterator[bytes]]
"""Bytes, or what begins to give them from the front each time it is called: a repeated request sends its body again."""


@dataclass(frozen=True, slots=True)
class Request:
    """`is_repeatable`: sent twice it does no more than sent once, so an unknown outcome is no reason to give up."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    is_repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have names in small letters. `body` is empty while a stream is open."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Lost:
    """No whole answer came. `may_be_done`: the request may have reached the service and taken effect."""

    reason: str
    may_be_done: bool
    is_final: bool = False
    """Trying again would not help, as the request itself cannot be sent."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send it and read the whole answer: gives `Answer` or `Lost`."""

    request: Request


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for some seconds: gives None."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Open:
    """Send it and keep the answer open, unless it is an error: gives `Answer` or `Lost`."""

    request: Request


@dataclass(frozen=True, slots=True)
class Receive:
    """The next bytes of what is open: gives bytes, none at the end, or `Lost`."""


@dataclass(frozen=True, slots=True)
class Close:
    """Let go of what is open: gives None."""


@dataclass(frozen=True, slots=True)
class Emit(Generic[Item]):
    """Hand it to the caller; goes on when the caller asks for more: gives None."""

    item: Item


Step: TypeAlias = Send | Wait | Open | Receive | Close
Flow: TypeAlias = Generator[Step, Any, T]
Feed: TypeAlias = Generator[Step | Emit[Item], Any, None]
