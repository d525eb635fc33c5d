"""The commands and their options.

Exit codes: 0 done, 1 something was refused or is wrong, 2 wrong use of the command, 3 the service could not start.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text
from starlette.types import ASGIApp

from service import __version__
from service.cli import doctor, sending, showing
from service.cli.serving import serve_until_told, work_until_told
from service.client import ClientError, NoAnswer, Retries, Wiretrace
from service.client.connecting import DEFAULT_SERVER
from service.demo import run_demo
from service.errors import WiretraceError
from service.ops import logging
from service.ports import Encoder
from service.settings import Settings
from service.store.migrate import head_revision, upgrade

_out = Console()
_err = Console(stderr=True)

Server = Annotated[str, typer.Option(envvar="WIRETRACE_SERVER", help="Address of the running service.")]
Key = Annotated[
    str | None, typer.Option(envvar="WIRETRACE_API_KEY", help="API key, where the service needs one.", show_default=False)
]
Data = Annotated[
    Path | None, typer.Option(envvar="WIRETRACE_DATA", help="Folder with the database and the index. [default: data]")
]
DatabaseUrl = Annotated[str | None, typer.Option(envvar="WIRETRACE_DATABASE_URL", help="Database, if not in the data folder.")]
# No variable: like `--help` it is no setting, and images are often built with a variable of that name.
_VERSION = typer.Option("--version", help="Print the version and exit.", allow_from_autoenv=False)


def build(
    application: Callable[[Settings], ASGIApp],
    encoder: Callable[[Settings], Callable[[], Encoder]],
    conclude_anew: Callable[[Settings], tuple[int, int]],
) -> typer.Typer:
    """The command line over the composition root's `application` and `encoder`."""
    commands = typer.Typer(
        name="wiretrace",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        # An option that names no variable is the variable of its command: `export --output` is WIRETRACE_EXPORT_OUTPUT.
        context_settings={"auto_envvar_prefix": "WIRETRACE"},
    )

    @commands.callback(invoke_without_command=True)
    def _root(*, version: Annotated[bool, _VERSION] = False) -> None:
        """Finds reused news copy: stories, reports, and who carried whose text."""
        if version:
            _out.print(__version__)
            raise typer.Exit

    @commands.command()
    def serve(
        host: Annotated[
            str | None, typer.Option(envvar="WIRETRACE_HOST", help="Address to listen on. [default: 127.0.0.1]")
        ] = None,
        port: Annotated[int | None, typer.Option(envvar="WIRETRACE_PORT", help="Port to listen on. [default: 8000]")] = None,
        data: Data = None,
        database_url: DatabaseUrl = None,
    ) -> None:
        """Run the service until it is told to stop."""
        settings = _settings(host=host, port=port, data=data, database_url=database_url)
        logging.configure(settings.log_format, settings.log_level)
        serve_until_told(application, settings)

    @commands.command()
    def worker(
        port: Annotated[int, typer.Option(envvar="WIRETRACE_PORT", help="Port where replicas reach it; 0 picks a free one.")] = 0,
        host: Annotated[
            str | None, typer.Option(envvar="WIRETRACE_HOST", help="Address to listen on. [default: 127.0.0.1]")
        ] = None,
        data: Data = None,
        database_url: DatabaseUrl = None,
    ) -> None:
        """Do the writing for replicas (`serve` with WIRETRACE_ROLE=replica): batches, waiting articles, webhooks, clustering.

        Waits while another process writes, and takes its place when it goes.
        """
        settings = _settings(host=host, port=port, data=data, database_url=database_url, role="writer")
        logging.configure(settings.log_format, settings.log_level)
        work_until_told(application, settings)

    @commands.command()
    def migrate(data: Data = None, database_url: DatabaseUrl = None) -> None:
        """Bring the database to the schema of this version; creates it where there is none."""
        settings = _settings(data=data, database_url=database_url)
        is_changed = upgrade(settings.sqlalchemy_url())
        _out.print(f"{'migrated to' if is_changed else 'already at'} revision {head_revision()}")

    @commands.command()
    def reindex(data: Data = None, database_url: DatabaseUrl = None) -> None:
        """Conclude everything anew from the stored texts, with the service stopped. Ids stay as far as articles stay together.

        A start does the same by itself after a change of weights, rules, registry or model.
        """
        settings = _settings(data=data, database_url=database_url)
        logging.configure(settings.log_format, "warning")
        with _out.status("Concluding everything anew ..."):
            articles, stories = conclude_anew(settings)
        _out.print(f"{articles} articles concluded anew, {stories} stories")

    @commands.command("doctor")
    def examine(data: Data = None, database_url: DatabaseUrl = None) -> None:
        """Check data folder, database, model, encoder, index and disk; say how to repair what is wrong."""
        settings = _settings(data=data, database_url=database_url)
        raise typer.Exit(_report(settings, encoder))

    commands.command()(ingest)
    commands.command()(story)
    commands.command()(trace)
    commands.command()(export)
    commands.command()(demo)
    return commands


class _Rate(ProgressColumn):
    """Articles a second, of late."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


def ingest(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="NDJSON (one article a line), JSON, or HTML pages.")
    ],
    server: Server = DEFAULT_SERVER,
    key: Key = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, envvar="WIRETRACE_CONCURRENCY", help="Requests at once.")] = 8,
    url: Annotated[
        str | None,
        typer.Option(
            help="Where the one HTML page stood. [default: as its saved copy, `og:url` or canonical link says]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Send articles to a running service; lines that are refused are listed at the end."""
    if url is not None and [file.suffix.lower() in sending.PAGES for file in files] != [True]:
        raise typer.BadParameter("goes with one HTML page", param_hint="--url")
    total = sum(sending.count_items(file) for file in files)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, disable=not _err.is_terminal) as progress:
        task = progress.add_task("articles", total=total)

        async def run() -> sending.Outcome:
            async with sending.connect(server, key, concurrency) as client:
                items = (item for file in files for item in sending.read_items(file, url))
                return await sending.send_all(client, items, concurrency=concurrency, progress=lambda: progress.advance(task))

        outcome = asyncio.run(run())
    for place, reason in outcome.failures:
        _err.print(f"{place}: {reason}", style="red", markup=False, highlight=False, soft_wrap=True)
    _out.print(f"{outcome.new} new, {outcome.known} known, {len(outcome.failures)} refused", highlight=False)
    if outcome.failures:
        raise typer.Exit(1)


def story(story_id: Annotated[str, typer.Argument(metavar="ID")], server: Server = DEFAULT_SERVER, key: Key = None) -> None:
    """Show a story with its reports."""
    with _client(server, key) as client:
        _out.print(showing.story(_json(client.get_story(story_id))))


def trace(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE_ID")], server: Server = DEFAULT_SERVER, key: Key = None
) -> None:
    """Show where an article's copy came from, as a tree with the evidence of each hop."""
    with _client(server, key) as client:
        article, provenance = client.get_article(article_id), client.get_article_provenance(article_id)
        nodes = client.get_story_provenance(article.story_id).nodes if article.story_id else []
        _out.print(showing.trace(_json(article), _json(provenance), {node.id: _json(node) for node in nodes}))


def export(
    story_id: Annotated[str, typer.Argument(metavar="ID", help="Id of a story.")],
    format: Annotated[  # noqa: A002 - its name is the option's and the variable's
        Literal["prov", "dot", "svg"], typer.Option("--format", help="W3C PROV-JSON, Graphviz text, or a picture.")
    ] = "prov",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="File to write. [default: standard output]")
    ] = None,
    server: Server = DEFAULT_SERVER,
    key: Key = None,
) -> None:
    """Write a story's provenance in a form that other programs read."""
    with _client(server, key) as client:
        content = client.export_story_provenance(story_id, format)
    if output is None:
        typer.echo(content, nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        _fail(f"{output} cannot be written: {error.strerror}")


def demo(
    data: Annotated[Path, typer.Option(help="Folder for the demo's data; emptied first.")] = Path("demo-data"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 0,
) -> None:
    """Start a service, send it a made-up corpus and show what comes out; in a terminal, keep serving until Ctrl-C."""
    raise typer.Exit(run_demo(_out, data, port, keep_serving=sys.stdout.isatty()))


def run(commands: typer.Typer) -> None:
    """Runs the command line; what a user can repair ends in one line, not in a trace."""
    try:
        commands()
    except WiretraceError as error:
        _fail(error.detail)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            name = "_".join(map(str, item["loc"]))
            _err.print(f"WIRETRACE_{name.upper()}: {item['msg']}" if name else item["msg"], style="red", markup=False)
        sys.exit(2)
    except NoAnswer as error:
        _fail(f"no answer from the service: {error.reason}. Is it running? Start it with `wiretrace serve`, or set --server.")
    except ClientError as error:
        _fail(str(error))


def _fail(message: str) -> None:
    _err.print(f"wiretrace: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)


def _settings(**given: Any) -> Settings:
    return Settings(**{name: value for name, value in given.items() if value is not None})


def _report(settings: Settings, encoder: Callable[[Settings], Callable[[], Encoder]]) -> int:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    failed = 0
    for check in doctor.examine(settings, encoder(settings)):
        mark = {True: "[green]ok[/]", False: "[red]wrong[/]", None: "[yellow]skipped[/]"}[check.is_ok]
        table.add_row(mark, check.name, escape(check.detail))
        if check.is_ok is False:
            failed += 1
            table.add_row("", "", f"[bold]fix:[/] {escape(check.fix)}")
    _out.print(table)
    return 1 if failed else 0


@contextmanager
def _client(server: str, key: str | None) -> Iterator[Wiretrace]:
    """What is refused ends the command in one line."""
    # Asked once: somebody sits before it, and is told at once that the service does not run.
    once, from_env = Retries(attempts=1), sending.is_remote(server)
    try:
        with Wiretrace(server, api_key=key or None, timeout_s=60, retries=once, trust_env=from_env) as client:
            yield client
    except NoAnswer:
        raise
    except ClientError as error:
        _fail(str(error))


def _json(answer: BaseModel) -> Any:
    return answer.model_dump(mode="json")
