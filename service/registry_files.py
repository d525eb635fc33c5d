"""Reads the registry of organisations: the table that comes with the service and, over it, a table of the user's own.

Never interprets names; that is service/domain/registry.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from service.domain.registry import Registry

BUILT_IN = Path(__file__).parent / "data" / "organisations.json"


def load_registry(extra: Path | None = None) -> Registry:
    """The built-in registry, with the records of `extra` (same JSON shape) added to it or replacing entries by id.

    Raises OSError if a file cannot be read and ValueError if it is not of that shape.
    """
    version, records = _read(BUILT_IN)
    if extra is not None:
        own_version, own_records = _read(extra)
        version, records = f"{version}+{own_version}", records + own_records
    return Registry.from_records(records, version)


def _read(path: Path) -> tuple[str, list[dict[str, Any]]]:
    content = json.loads(path.read_text(encoding="utf8"))
    if not isinstance(content, dict) or not isinstance(content.get("organisations"), list):
        raise ValueError(  # noqa: TRY004 - the file is wrong, not a type
            f"{path}: expected an object with a list 'organisations'"
        )
    return str(content.get("version", "0")), content["organisations"]
