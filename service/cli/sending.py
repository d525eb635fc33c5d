"""Sends files of articles to a running service, several at once, and reports every line that was refused.

Repeats what the service asks to repeat; sending an article twice is harmless, as it is known by its address or key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

_ATTEMPTS = 8
_LONGEST_WAIT_S = 30.0
_RETRIED = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a file. `place` says where: `file:line`, or `file[index]` in a JSON array."""

    place: str
    body: Any
    fault: str | None = None


@dataclass(slots=True)
class Outcome:
    new: int = 0
    known: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def read_items(file: Path) -> Iterator[Item]:
    """The articles of a JSON file (an object or an array) or of an NDJSON file (one object a line). Raises OSError."""
    if file.suffix.lower() == ".json":
        try:
            content = json.loads(file.read_bytes())
        except (ValueError, RecursionError) as error:
            yield Item(str(file), None, f"is not JSON: {error}")
            return
        for index, body in enumerate(content if isinstance(content, list) else [content]):
            yield Item(f"{file}[{index}]", body)
        return
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield Item(f"{file}:{number}", json.loads(line))
            except (ValueError, RecursionError) as error:
                yield Item(f"{file}:{number}", None, f"is not JSON: {error}")


async def send_all(
    client: httpx.AsyncClient, items: Iterator[Item], *, concurrency: int, progress: Callable[[], None]
) -> Outcome:
    """Every item once, at most `concurrency` at a time; `progress` is called behind each."""
    outcome = Outcome()
    waiting: asyncio.Queue[Item | None] = asyncio.Queue(maxsize=concurrency * 2)

    async def work() -> None:
        while (item := await waiting.get()) is not None:
            await _send(client, item, outcome)
            progress()

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())
        for item in items:
            await waiting.put(item)
        for _ in range(concurrency):
            await waiting.put(None)
    outcome.failures.sort()
    return outcome


async def _send(client: httpx.AsyncClient, item: Item, outcome: Outcome) -> None:
    if item.fault is not None:
        outcome.failures.append((item.place, item.fault))
        return
    # Bytes of our own making: a lone surrogate in a file is the service's to refuse, not a crash here.
    content = json.dumps(item.body).encode()
    for attempt in range(_ATTEMPTS):
        is_last = attempt == _ATTEMPTS - 1
        try:
            answer = await client.post("/v1/articles", content=content, headers={"Content-Type": "application/json"})
        except httpx.TransportError as error:
            if is_last:
                outcome.failures.append((item.place, f"no answer from {client.base_url}: {error or type(error).__name__}"))
                return
            await asyncio.sleep(min(2.0**attempt * 0.25, _LONGEST_WAIT_S))
            continue
        if answer.status_code in _RETRIED and not is_last:
            await asyncio.sleep(_wait_s(answer, attempt))
            continue
        break
    if answer.is_success:
        outcome.new += answer.status_code == httpx.codes.CREATED
        outcome.known += answer.status_code != httpx.codes.CREATED
    else:
        outcome.failures.append((item.place, explain(answer)))


def _wait_s(answer: httpx.Response, attempt: int) -> float:
    asked = answer.headers.get("retry-after", "")
    least = float(asked) if asked.isascii() and asked.isdigit() else 0.25
    return min(max(least, 0.25 * 2.0**attempt), _LONGEST_WAIT_S)


def explain(answer: httpx.Response) -> str:
    """A refusal in one line."""
    try:
        problem = answer.json()
        places = "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in problem["errors"][:5])
        return f"{answer.status_code} {problem['title']}: {places or problem['detail']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"


@asynccontextmanager
async def connect(server: str, key: str | None, concurrency: int) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=concurrency)
    async with httpx.AsyncClient(base_url=server, headers=authorisation(key), timeout=120, limits=limits) as client:
        yield client


def authorisation(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}
