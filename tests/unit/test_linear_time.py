"""Every pattern of the service on a megabyte of hostile text: time must grow with the text and no faster.

The list is derived: patterns that stand in a module, alone or in a container, and patterns that a call of `re` holds.
"""

from __future__ import annotations

import ast
import functools
import importlib
import operator
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import service
from tests.timing import is_linear

CHARACTERS = 1_000_000
COMMON = (
    " ", "\n", "(", ")", "[", "((a)", '"', "'", "“", "1", "1 ", ".", ". ", "-", "- ", "/", ",", ": ", "\u00a0", "A", "A ", "A, ", "Aa ",
    "A. ", "a ", "a", "the ", "新", "来源：", "한", "ا", "By A ", "Aa Aa, ", "@a.", "#a ", "12:30 ", "http://", "&", "©", "A/",
)  # fmt: skip
_PIECE = re.compile(r"[^\W\d_][^\W\d_ '-]{0,18}[ '-]?(?:[^\W\d_]{1,18} ?)?")
_ESCAPES = re.compile(r"\\[a-zA-Z]|\(\?(?:P?<[^>]*>|[a-z:=!<]+)|\\u[0-9a-f]{4}")


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(service.__path__, "service."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern of the service once, under the name of its module and its own."""
    seen: set[tuple[str, int]] = set()
    for module in _modules():
        held = [(name, pattern) for name, value in vars(module).items() for pattern in _patterns_in(value)]
        for name, pattern in held + list(_written_in_calls(Path(str(module.__file__)).read_text(encoding="utf8"))):
            if (pattern.pattern, pattern.flags) not in seen:
                seen.add((pattern.pattern, pattern.flags))
                yield f"{module.__name__.removeprefix('service.')}.{name}", pattern


def _written_in_calls(source: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns of `re.search(r"…", text)` and the like, named by their line. Any other call of `re` is an error.

    Only at the top of a module may a pattern be put together: there it is found in the module itself.
    """
    tree = ast.parse(source)
    top = {id(node) for statement in tree.body if not _is_block(statement) for node in ast.walk(statement)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_re(node.func.value)):
            continue
        if node.func.attr == "escape" or (node.func.attr == "compile" and id(node) in top):
            continue
        pattern = node.args[0]
        assert isinstance(pattern, ast.Constant), f"{ast.unparse(node)}: a pattern that no test can see"
        flags = [getattr(re, a.attr) for a in node.args[1:] if isinstance(a, ast.Attribute) and _is_re(a.value)]
        flags += [getattr(re, k.value.attr) for k in node.keywords if k.arg == "flags" and isinstance(k.value, ast.Attribute)]
        if isinstance(pattern.value, str):
            yield f"line {node.lineno}", re.compile(pattern.value, functools.reduce(operator.or_, flags, re.RegexFlag(0)))


def _is_block(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _is_re(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "re"


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):  # the few patterns over bytes search what the body limit bounds
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _patterns_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _patterns_in(item)


def _own_pieces(pattern: re.Pattern[str]) -> list[str]:
    """Literal words of the pattern: what makes it begin to match again and again."""
    pieces = {p for p in _PIECE.findall(_ESCAPES.sub(" | ", pattern.pattern)) if len(p) > 1}
    ordered = sorted(pieces, key=lambda p: (-len(p), p))
    return [*ordered[:16], "".join(ordered[:40]), " ".join(ordered[:40])]


def _segments(pattern: re.Pattern[str]) -> list[str]:
    pieces = [p for p in (*COMMON, *_own_pieces(pattern)) if p]
    pieces += [p + " " for p in _own_pieces(pattern)[:6]] + [p + " Aa " for p in _own_pieces(pattern)[:6]]
    size = CHARACTERS // len(pieces)
    return [(piece * (size // len(piece) + 1))[:size] for piece in pieces]


PATTERNS = dict(_compiled())


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) >= 120
    names = {name.rpartition(".")[2] for name in PATTERNS}
    assert {"BRACKET", "_OPENINGS", "_DOMAIN", "_FAR_WORDS", "_MARKUP", "_CREDIT_LINE"} <= names
    assert any(name.startswith("line ") for name in names)


def test_a_pattern_inside_a_call_or_a_container_is_found() -> None:
    source = "import re\nONE = re.compile('a' + 'b')\ndef two(text):\n    return re.search('x+y', text, re.DOTALL)\n"
    assert [(n, p.pattern, p.flags & re.DOTALL) for n, p in _written_in_calls(source)] == [("line 4", "x+y", re.DOTALL)]
    with pytest.raises(AssertionError, match="no test can see"):
        list(_written_in_calls("def three(text, word):\n    return re.search('x' + word, text)\n"))
    assert [p.pattern for p in _patterns_in({"a": [re.compile("b"), (re.compile("c"),)]})] == ["b", "c"]


def _search(pattern: re.Pattern[str], segments: list[str]) -> None:
    for _ in pattern.finditer("".join(segments)):
        pass


def _match(pattern: re.Pattern[str], segments: list[str]) -> None:
    for segment in segments:
        pattern.match(segment)
        pattern.fullmatch(segment)


@pytest.mark.parametrize("name", sorted(PATTERNS))
@pytest.mark.parametrize("use", [_search, _match])
def test_a_pattern_takes_linear_time_on_hostile_text(name: str, use: Callable[[re.Pattern[str], list[str]], None]) -> None:
    segments = _segments(PATTERNS[name])
    longest = max(map(len, segments))
    assert is_linear(lambda size: use(PATTERNS[name], [segment[:size] for segment in segments]), longest)


def test_a_pattern_with_runaway_time_would_be_noticed() -> None:
    runaway = re.compile(r"a+$")
    assert not is_linear(lambda size: _search(runaway, ["a" * size + "b"]), 4_000, enough=0.0)
