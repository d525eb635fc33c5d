"""The code of the rules in one number, so that nobody changes them without thinking of what is stored.

`python -m tests.rules` writes it down for the present version.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tokenize
from pathlib import Path

import service
from service.domain.rules import RULES_VERSION

RECORD = Path(__file__).with_suffix(".json")
_ROOT = Path(service.__file__).parent
_NO_RULES = {"__init__", "changes", "jobs", "rules", "search", "webhooks"}
_FLOWS = (
    "candidates",
    "clustering",
    "conclusions",
    "corpus",
    "entries",
    "event_chances",
    "memberships",
    "partitions",
    "preparing",
    "recurring",
    "recurring_forms",
    "refilling",
    "sharing",
    "story_graph",
    "story_records",
    "vectors",
    "verdicts",
)


def current() -> dict[str, object]:
    """The version, and a digest of each module without its comments, docstrings and white space."""
    modules = [path for path in sorted((_ROOT / "domain").glob("*.py")) if path.stem not in _NO_RULES]
    modules += [_ROOT / "flows" / f"{name}.py" for name in _FLOWS]
    return {
        "version": RULES_VERSION,
        "modules": {f"{path.parent.name}/{path.stem}": _digest(path.read_text(encoding="utf8")) for path in modules},
    }


def _digest(source: str) -> str:
    """Of the text without comments, docstrings and white space: equal on every version of Python."""
    lines = source.splitlines(keepends=True)
    spans = [
        (token.start, token.end) for token in tokenize.generate_tokens(iter(lines).__next__) if token.type == tokenize.COMMENT
    ]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            # Columns of the tree count bytes; nothing stands before a docstring but blanks.
            spans.append(
                ((node.lineno, node.col_offset), (node.end_lineno or node.lineno, len(lines[(node.end_lineno or 1) - 1])))
            )
    for (first, start), (last, end) in sorted(spans, reverse=True):
        lines[first - 1 : last] = [lines[first - 1][:start] + lines[last - 1][end:]]
    return hashlib.blake2b("".join("".join(lines).split()).encode(), digest_size=8).hexdigest()


if __name__ == "__main__":
    RECORD.write_text(json.dumps(current(), indent=1) + "\n", encoding="utf8")
