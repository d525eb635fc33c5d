"""`wiretrace demo`: a real service on an empty folder, the shipped corpus over HTTP, and what the answers say.

Everything shown is read from answers; the corpus says how each article was made, and the two are compared at the end.
Empties no folder but one that a demo made.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from service.cli import showing
from service.client import Busy, ClientError, NoAnswer, Problem, Retries, Wiretrace
from service.domain.models import COPY_KINDS

Json = Mapping[str, Any]

_CORPUS = Path(__file__).parent / "data" / "demo.ndjson"
_LOG = "service.log"
_MARK = ".wiretrace-demo"
"""File that says that a folder is a demo's own and may be emptied."""
_START_S = 180.0
_STOP_S = 30.0


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


def run_demo(console: Console, data_dir: Path, port: int, keep_serving: bool) -> int:
    """Play the demo. `port` 0 picks a free one. `data_dir` is emptied first. Returns the exit code: 0, or 1 when the
    service failed or the stories and reports differ from how the corpus was made.
    """
    try:
        _empty(data_dir)
        address = f"http://127.0.0.1:{port or _free_port()}"
        console.print(f"Starting the service on {address}", highlight=False)
        console.print(f"Its data: {data_dir.absolute()} (emptied)", markup=False, highlight=False, soft_wrap=True)
        with _service(address, data_dir) as process, Wiretrace(address, retries=Retries(attempts=1)) as client:
            with console.status("The model is loading …"):
                version = _wait_until_ready(client, process, data_dir)
            console.print(f"Ready: {version}.\n", highlight=False)
            articles = _send_corpus(console, client)
            faults = _differences(articles)
            story = _json(client.get_story(_largest_story(articles)))
            console.print(_picture(client, story, articles))
            if faults:
                _print_error(
                    console, "this is not what the corpus was made to show:\n" + "\n".join(f"- {fault}" for fault in faults)
                )
                return 1
            _print_curl(console, address, data_dir, story, articles, is_kept=keep_serving)
            if keep_serving:
                _serve_on(console, process, address)
    except (DemoError, ClientError, OSError) as error:
        _print_error(console, str(error))
        return 1
    return 0


def _print_error(console: Console, message: str) -> None:
    console.print(f"wiretrace demo: {message}", style="red", markup=False, highlight=False, soft_wrap=True)


# ---- the service -----------------------------------------------------------------------------------------------------


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = [entry for entry in folder.iterdir() if entry.name != _MARK]
    if found and not (folder / _MARK).exists():
        raise DemoError(f"{folder} holds {found[0].name}, which no demo put there; choose another folder.")
    (folder / _MARK).touch()
    for entry in found:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _service(address: str, data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    # The embedded default, whatever the shell has set for another service.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIRETRACE_")}
    command = [sys.executable, "-m", "service", "serve", "--port", address.rpartition(":")[2], "--data", str(data_dir)]
    with (data_dir / _LOG).open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)  # noqa: S603 - our own program
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(client: Wiretrace, process: subprocess.Popen[bytes], data_dir: Path) -> str:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            lines = (data_dir / _LOG).read_text(errors="replace").splitlines()
            raise DemoError("the service ended while starting:\n" + "\n".join(lines[-8:]))
        try:
            health = client.get_readiness()
        except (NoAnswer, Busy):
            time.sleep(0.2)
            continue
        return f"version {health.version}, {', '.join(check.name for check in health.checks)} checked"
    raise DemoError(f"the service was not ready within {_START_S:.0f} s; its log is {data_dir / _LOG}")


def _serve_on(console: Console, process: subprocess.Popen[bytes], address: str) -> None:
    console.print(f"\nThe service keeps running on {address} (documentation: {address}/docs). Ctrl-C ends it.", highlight=False)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        console.print("Ended.")
        return
    raise DemoError(f"the service ended by itself with code {code}")


# ---- the corpus ------------------------------------------------------------------------------------------------------


def _send_corpus(console: Console, client: Wiretrace) -> list[Json]:
    """Send every article and read it again once all are in, as later ones change what is known of earlier ones."""
    ids: list[str] = []
    for line in _CORPUS.read_text(encoding="utf-8").splitlines():
        body = json.loads(line)
        started = time.monotonic()
        try:
            taken = client.ingest_article(body)
        except Problem as error:
            raise DemoError(f"{body['url']} was refused: {error}") from error
        took_ms = int((time.monotonic() - started) * 1000)
        row = Text.assemble(
            (f"{taken.status} ", "green"), (f"{took_ms:5} ms  ", "dim"), (f"{body['outlet']:<21}", "bold"), body["title"]
        )
        console.print(row, no_wrap=True, overflow="ellipsis")
        ids.append(taken.article.id)
    return [_json(client.get_article(article_id)) for article_id in ids]


def _json(answer: BaseModel) -> Any:
    return answer.model_dump(mode="json")


def _largest_story(articles: Sequence[Json]) -> str:
    stories = [str(article["story_id"]) for article in articles]
    return max(stories, key=stories.count)


def _differences(articles: Sequence[Json]) -> list[str]:
    """Where stories and reports are not those that the corpus was made of; nothing when all is as made."""
    faults: list[str] = []
    for made, found, what in (("event", "story_id", "story"), ("reporting", "report_id", "report")):
        for place, one in enumerate(articles):
            for other in articles[:place]:
                is_wanted = one["metadata"][made] == other["metadata"][made]
                if is_wanted != (one[found] == other[found]):
                    relation = "are not" if is_wanted else "are"
                    faults.append(f"{other['outlet']['name']} and {one['outlet']['name']} {relation} one {what} ({one['title']})")
    return faults


# ---- what is shown ---------------------------------------------------------------------------------------------------


def _picture(client: Wiretrace, story: Json, articles: Sequence[Json]) -> RenderableType:
    counts = story["counts"]
    figures = f"{counts['articles']} articles of {counts['outlets']} outlets are {counts['reports']} independent reports"
    times = f"claimed {story['first_published_at'][:16]} to {story['last_published_at'][:16]}"
    head = Text.assemble(
        (figures, "bold green"), (f"\n{story['title']}", "bold"), f"\n{counts['passages']} passages of text · {times}"
    )
    members = {member["article_id"] for report in story["reports"] for member in report["articles"]}
    others = [article for article in articles if article["id"] not in members]
    aside = "\n".join(
        f"Kept apart, with {_shared(client, other, members)} paragraphs shared: {other['outlet']['name']}, {other['title']}"
        for other in others
    )
    chained = _made_as(articles, "aggregator's copy")
    provenance = _json(client.get_article_provenance(chained["id"]))
    nodes = {node.id: _json(node) for node in client.get_story_provenance(story["id"]).nodes}
    parts: list[RenderableType] = [
        Text(),
        Panel(head, title="One story", title_align="left"),
        _reports(story, {article["id"]: article for article in articles}),
        Text(aside, style="dim"),
        Text(),
        Panel(showing.trace(chained, provenance, nodes), title="Where the aggregator's copy came from", title_align="left"),
    ]
    pair = _telling_pair(client, _made_as(articles, "machine-reworded"))
    return Group(*parts, *([pair] if pair else []))


def _shared(client: Wiretrace, article: Json, members: Container[str]) -> int:
    """How many paragraphs of the article stand in an article of another story."""
    matches = client.get_article_matches(article["id"]).items
    copied = [pair for match in matches if match.article_id in members for pair in match.pairs if pair.kind in COPY_KINDS]
    return len({pair.paragraph for pair in copied})


def _made_as(articles: Sequence[Json], words: str) -> Json:
    return next(article for article in articles if article["metadata"]["made_as"] == words)


def _reports(story: Json, articles: Mapping[str, Json]) -> Table:
    table = Table(
        title="Its reports: who carries whose copy", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("article of", no_wrap=True)
    table.add_column("made as", style="dim")
    table.add_column("found to be", no_wrap=True)
    table.add_column("share", justify="right")
    for number, report in enumerate(story["reports"], 1):
        table.add_row(f"[bold cyan]{number} {escape(_source(report['origin'], articles))}[/]")
        for row, member in enumerate(report["articles"], 1):
            table.add_row(
                f"  {escape(member['outlet']['name'])}",
                escape(articles[member["article_id"]]["metadata"]["made_as"]),
                member["derivation"].replace("_", " "),
                f"{member['share']:.0%}",
                end_section=row == len(report["articles"]),
            )
    return table


def _source(origin: Json, articles: Mapping[str, Json]) -> str:
    if origin["kind"] == "undetermined":
        return "origin undetermined"
    named = origin.get("organisation") or articles[origin["article_id"]]["outlet"]
    return f"{named['name']} ({origin['confidence']:.0%})"


def _telling_pair(client: Wiretrace, article: Json) -> RenderableType | None:
    """The two paragraphs of most equal words among those that are not plainly equal, side by side, equal words marked."""
    matches = client.get_article_matches(article["id"]).items
    pairs = [(pair, match) for match in matches for pair in match.pairs if pair.kind in ("edited", "paraphrase")]
    if not pairs:
        return None
    pair, match = max(pairs, key=lambda found: (len(found[0].spans), found[0].similarity))
    other = client.get_article(match.article_id)
    here = _marked(article["paragraphs"][pair.paragraph]["text"], [(span.start, span.end) for span in pair.spans])
    there = _marked(other.paragraphs[pair.other_paragraph].text, [(span.other_start, span.other_end) for span in pair.spans])
    table = Table(expand=True, show_lines=True)
    table.add_column(f"{other.outlet.name}, paragraph {pair.other_paragraph}", ratio=1)
    table.add_column(f"{article['outlet']['name']}, paragraph {pair.paragraph}", ratio=1)
    table.add_row(there, here)
    figures = f"{pair.kind}, confidence {pair.confidence:.2f}; {pair.overlap:.0%} of the words stand in both"
    return Panel(Group(Text(figures, style="green"), table), title="One matched pair of paragraphs", title_align="left")


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> Text:
    """Brackets besides the colour, so that the marks survive where there is none."""
    shown, reached = Text(), 0
    for start, end in sorted(spans):
        shown.append(text[reached:start])
        shown.append(f"[{text[start:end]}]", style="bold green")
        reached = end
    return shown.append(text[reached:])


def _print_curl(console: Console, address: str, data_dir: Path, story: Json, articles: Sequence[Json], *, is_kept: bool) -> None:
    chained, reworded = _made_as(articles, "aggregator's copy")["id"], _made_as(articles, "machine-reworded")["id"]
    command = "wiretrace" if shutil.which("wiretrace") else os.path.relpath(Path(sys.executable).with_name("wiretrace"))
    lines = [
        f"head -1 {os.path.relpath(_CORPUS)} | curl -s -H 'Content-Type: application/json' -d @- {address}/v1/articles",
        f"curl -s '{address}/v1/stories?order=size'",
        f"curl -s {address}/v1/stories/{story['id']}",
        f"curl -s {address}/v1/articles/{reworded}/matches",
        f"curl -s {address}/v1/articles/{chained}/provenance",
        f"{command} trace {chained} --server {address}",
    ]
    if not is_kept:
        lines.insert(0, f"{command} serve --data {data_dir} --port {address.rpartition(':')[2]}")
    console.print("\nEach step by hand:", style="bold")
    for line in lines:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
