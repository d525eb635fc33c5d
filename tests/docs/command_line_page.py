"""The page of the command line, from the commands' own help. Write it with `python -m tests.docs.command_line_page`."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from service.app import create_app
from service.cli import commands
from service.parts.pieces import encoder_factory
from service.parts.writer import reindex
from tests.docs.reading import ROOT

PAGE = ROOT / "docs/reference/command-line.md"
_HEAD = """# Command line

This page is what `--help` prints. Every option of a command can be set by its `env var` instead; all other [settings](../settings.md)
are environment variables only. Exit codes: 0 done, 1 something was refused or is wrong, 2 wrong use of the command,
3 the service could not start.
"""


def application() -> typer.Typer:
    return commands.build(create_app, encoder_factory, reindex)


def page() -> str:
    root = typer.main.get_command(application())
    parts = [_HEAD, _shown([])]
    for command in root.commands:  # type: ignore[attr-defined]
        parts.append(f"\n## wiretrace {command}\n\n")
        parts.append(_shown([command]))
    return "\n".join(parts[:2]) + "".join(parts[2:])


def _shown(arguments: list[str]) -> str:
    result = CliRunner().invoke(application(), [*arguments, "--help"], prog_name="wiretrace", terminal_width=100)
    assert result.exit_code == 0, result.output
    return "```text\n" + "\n".join(line.rstrip() for line in result.stdout.strip().splitlines()) + "\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf8")
