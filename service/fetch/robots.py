"""What a site's robots.txt allows (RFC 9309): the longest matching rule of our group, else of the group for all.

Pure: text in, answers out. Patterns are matched by searching forward piece by piece, so no rule can make it slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

MAX_ROBOTS_BYTES = 500_000
_MAX_RULES = 2_000


@dataclass(frozen=True, slots=True)
class Robots:
    """`rules`: (pattern, allowed). `delay_s` is the Crawl-delay of the group, None without one."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float | None = None

    def allows(self, url: str) -> bool:
        parts = urlsplit(url)
        path = _folded(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
        matched = [(len(pattern), is_allowed) for pattern, is_allowed in self.rules if _matches(pattern, path)]
        # On equal length the friendlier rule wins.
        return max(matched, default=(0, True))[1] or path == "/robots.txt"


ALLOW_ALL = Robots()
ALLOW_NONE = Robots(rules=(("/", False),))


def parse_robots(text: str, agent: str) -> Robots:
    """The rules for `agent`, a product name such as `wiretrace`, compared without case."""
    groups: dict[str, list[tuple[str, bool]]] = {}
    delays: dict[str, float] = {}
    current: list[str] = []
    in_rules = False
    for line in text[:MAX_ROBOTS_BYTES].lstrip("\ufeff").splitlines():
        name, _, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "user-agent":
            current = [] if in_rules else current
            in_rules = False
            current.append(value.lower().split("/")[0])
            groups.setdefault(current[-1], [])
        elif name in ("allow", "disallow"):
            in_rules = True
            for who in current:
                if value and len(groups[who]) < _MAX_RULES:
                    groups[who].append((_folded(value), name == "allow"))
        elif name == "crawl-delay":
            in_rules = True
            try:
                delay = float(value)
            except ValueError:
                continue
            if 0 <= delay < float("inf"):
                delays.update(dict.fromkeys(current, delay))
    chosen = agent.lower() if agent.lower() in groups else "*"
    return Robots(tuple(groups.get(chosen, ())), delays.get(chosen))


def _folded(path: str) -> str:
    """Escapes resolved, so that two spellings of a path compare equal; `%2F` stays apart from a slash."""
    return unquote_to_bytes(path.replace("%2f", "%252F").replace("%2F", "%252F")).decode("utf-8", "replace")


def _matches(pattern: str, path: str) -> bool:
    is_anchored = pattern.endswith("$")
    pieces = (pattern[:-1] if is_anchored else pattern).split("*")
    if not path.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    if len(pieces) == 1:
        return not is_anchored or at == len(path)
    for piece in pieces[1:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = pieces[-1]
    return len(path) - at >= len(last) and path.endswith(last) if is_anchored else path.find(last, at) >= 0
