"""Writing learned figures into the weights file. The version rises with every part, because conclusions are kept by it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def put(path: Path, part: str, figures: dict[str, Any]) -> None:
    """Replace one part of the file; its version becomes today's date with the next number."""
    record = json.loads(path.read_text(encoding="utf8"))
    record[part] = figures
    record["version"] = following(record["version"], datetime.now(UTC).date().isoformat())
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf8")


def following(version: str, today: str) -> str:
    """The version after this one, as `DATE.NUMBER`."""
    date, _, number = version.rpartition(".")
    return f"{today}.{int(number) + 1 if date == today and number.isdigit() else 1}"
