"""Articles per second through HTTP, beside what the encoder alone would allow, in one run on one machine.

    python bench/throughput.py [DATA]

DATA is an NDJSON file of articles or a folder with articles.jsonl. The encoder alone embeds every paragraph of every article
(repeats too), sorted by length, 32 at a time; its rate is the number of articles divided by that time. The service gets the
articles from 8 clients and answers each after it is stored and clustered. Exits 1 when the ratio is under 0.6.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpx
from serving import Server, read_bodies, send

from service.embed.local import model_folder
from service.settings import Settings

WANTED = 0.6
CLIENTS = 8


def encoder_seconds(bodies: list[dict[str, Any]]) -> tuple[float, int]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_folder(Settings.model_fields["model"].default)), device="cpu")
    paragraphs = sorted((text for body in bodies for text in body.get("paragraphs") or [body["text"]]), key=len, reverse=True)
    model.encode(paragraphs[: 2 * 32], batch_size=32)  # first use pays for what later uses do not
    started = time.perf_counter()
    model.encode(paragraphs, batch_size=32, show_progress_bar=False)
    return time.perf_counter() - started, len(paragraphs)


def http_seconds(bodies: list[dict[str, Any]]) -> float:
    waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
    for body in bodies:
        waiting.put(body)
    sent: list[int] = []

    def work(address: str) -> None:
        with httpx.Client(base_url=address, timeout=120) as client:
            while True:
                try:
                    body = waiting.get_nowait()
                except Empty:
                    return
                while send(client, body) is None:
                    time.sleep(0.05)
                sent.append(1)

    with tempfile.TemporaryDirectory(prefix="wiretrace-bench-") as folder:
        server = Server(Path(folder))
        server.start()
        try:
            server.wait_until_ready()
            threads = [threading.Thread(target=work, args=(server.address,)) for _ in range(CLIENTS)]
            started = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.perf_counter() - started
        finally:
            server.stop()
    if len(sent) != len(bodies):
        raise SystemExit(f"only {len(sent)} of {len(bodies)} articles were acknowledged")
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, help="take only the first articles")
    options = parser.parse_args()
    bodies = read_bodies(options.data, options.limit)
    service_s = http_seconds(bodies)
    encoder_s, paragraphs = encoder_seconds(bodies)
    ratio = encoder_s / service_s
    alone, served = len(bodies) / encoder_s, len(bodies) / service_s
    print(f"{len(bodies)} articles, {paragraphs} paragraphs")
    print(f"encoder alone      {alone:7.2f} articles/s ({encoder_s:.1f} s, {paragraphs / encoder_s:.0f} paragraphs/s)")
    print(f"service, {CLIENTS} clients {served:7.2f} articles/s ({service_s:.1f} s)")
    print(f"ratio              {ratio:7.2f} (wanted: {WANTED} or more)")
    return 0 if ratio >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
