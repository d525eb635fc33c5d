"""Sends files of articles to a running service, several at once, and reports every line that was refused.

The client repeats what the service asks to repeat; sending an article twice is harmless, as it is known by its address or key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.client import AsyncWiretrace, ClientError, Page, Retries

PAGES = frozenset({".html", ".htm", ".xhtml"})


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a file. `place` says where: `file:line`, or `file[index]` in a JSON array, or the file of a page."""

    place: str
    body: Any
    fault: str | None = None


@dataclass(slots=True)
class Outcome:
    new: int = 0
    known: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def count_items(file: Path) -> int:
    """How many `read_items` gives; of NDJSON without reading what the lines say. Raises OSError."""
    if file.suffix.lower() == ".json":
        return sum(1 for _ in read_items(file))
    if file.suffix.lower() in PAGES:
        return 1
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def read_items(file: Path, url: str | None = None) -> Iterator[Item]:
    """The articles of a JSON file (an object or an array), of an NDJSON file (one object a line), or a page, which stood at `url`
    or where it says itself. Raises OSError.
    """
    if file.suffix.lower() in PAGES:
        yield _page(file, url)
        return
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


def _page(file: Path, url: str | None) -> Item:
    from service.fetch.extract import NoArticleError, page_address  # noqa: PLC0415 - what reads pages takes a second to load

    content = file.read_bytes()
    try:
        address = url or page_address(content)
    except NoArticleError as error:
        return Item(str(file), None, str(error))
    if address is None:
        return Item(str(file), None, "does not say where it stood; name its address with --url")
    return Item(str(file), Page(content, address))


async def send_all(client: AsyncWiretrace, items: Iterator[Item], *, concurrency: int, progress: Callable[[], None]) -> Outcome:
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


async def _send(client: AsyncWiretrace, item: Item, outcome: Outcome) -> None:
    if item.fault is not None:
        outcome.failures.append((item.place, item.fault))
        return
    try:
        # Without a key: a file may hold millions, and the service would keep the answer to each for a day.
        taken = await client.ingest_article(item.body, idempotency_key=False)
    except ClientError as error:
        outcome.failures.append((item.place, str(error)))
        return
    outcome.new += taken.is_new
    outcome.known += not taken.is_new


def connect(server: str, key: str | None, concurrency: int) -> AsyncWiretrace:
    """For many articles: patient, as one that is refused is one more to send by hand."""
    return AsyncWiretrace(
        server,
        api_key=key or None,
        concurrency=concurrency,
        retries=Retries(attempts=8, longest_s=120),
        trust_env=is_remote(server),
    )


def is_remote(server: str) -> bool:
    """Whether a proxy of the environment may stand before it: none does before this machine."""
    return (urlsplit(server).hostname or "") not in ("localhost", "127.0.0.1", "::1")
