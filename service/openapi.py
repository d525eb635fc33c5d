"""Writes openapi/openapi.json from the code: `python -m service.openapi [FILE]`. Opens no store and no encoder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from service.app import create_app
from service.settings import Settings


def document() -> str:
    """The OpenAPI document as text, with the default settings."""
    return json.dumps(create_app(Settings.model_construct()).openapi(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "openapi/openapi.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(document(), encoding="utf8")


if __name__ == "__main__":
    main()
