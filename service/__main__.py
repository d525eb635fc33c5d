"""The entry point: hands the composition root to the command line. `wiretrace` and `python -m service` begin here."""

from __future__ import annotations

from service.app import create_app
from service.cli import commands
from service.parts.pieces import encoder_factory
from service.parts.writer import reindex


def main() -> None:
    commands.run(commands.build(create_app, encoder_factory, reindex))


if __name__ == "__main__":
    main()
