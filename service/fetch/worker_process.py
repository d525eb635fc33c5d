"""One worker: reads tasks from standard input, answers on standard output, one length-prefixed JSON message each.

Started as `python -m service.fetch.worker_process BYTES`, in a fresh interpreter. Parses what nobody has vetted, so it holds
nothing worth stealing and its answers are data (JSON), never objects.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

HEADER = struct.Struct(">I")
MAX_MESSAGE_BYTES = 64_000_000


def limit_memory(size_bytes: int) -> None:
    """Bound this process' address space where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (size_bytes, size_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(task: dict[str, Any]) -> dict[str, Any]:
    """`{"page": ...}`, `{"paragraphs": ...}` or `{"items": ...}`; `{"fault": reason}` for what cannot be read."""
    from service.fetch.extract import NoArticleError, extract_page, fragment_paragraphs  # noqa: PLC0415 - after the limits
    from service.fetch.feeds import FeedError, read_feed  # noqa: PLC0415 - after the limits

    content = base64.b64decode(task["content"])
    try:
        if task["kind"] == "page":
            return {"page": dataclasses.asdict(extract_page(content, url=task["url"], charset=task["charset"]))}
        if task["kind"] == "feed":
            return {"items": [dataclasses.asdict(item) for item in read_feed(content, task["url"])]}
        return {"paragraphs": fragment_paragraphs(content.decode("utf-8"))}
    except (NoArticleError, FeedError) as error:
        return {"fault": str(error)}
    except RecursionError:
        return {"fault": "it is nested too deeply"}
    except MemoryError:
        # What is left of this process is not to be trusted; the pool starts another.
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - a page that a library stumbles over fails alone
        return {"fault": f"it could not be read ({type(error).__name__})"}


def serve(tasks: BinaryIO, answers: BinaryIO) -> None:
    while len(header := tasks.read(HEADER.size)) == HEADER.size:
        message = json.dumps(answer(json.loads(tasks.read(HEADER.unpack(header)[0])))).encode()
        answers.write(HEADER.pack(len(message)) + message)
        answers.flush()


def main() -> None:
    # Ctrl-C reaches the whole group; the service ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(int(sys.argv[1]))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not end up between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
