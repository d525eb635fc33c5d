"""Which articles are issues of a form: three of them say the same, each with other figures and names throughout.

A cache of a function of what the articles share: the same for every order in which they came. Reads no text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from service.domain.refilling import Refilled
from service.domain.reports import Shares


class RecurringForms:
    """One thread uses it. `shared` is what each article shares with others; what is found is written there."""

    def __init__(self, shared: dict[str, dict[str, Shares]]) -> None:
        self._shared = shared
        self._throughout: dict[str, set[str]] = defaultdict(set)
        self._apart: dict[str, set[str]] = defaultdict(set)
        """By article those that are another issue of its form, as far as is known."""
        self._open: dict[str, set[str]] = defaultdict(set)
        """Those that fill in something else and are not known to be; so that one more issue costs no look at each pair."""
        self._issues: set[str] = set()

    def link(self, key: str) -> set[str]:
        """Take in what an article shares; all articles of which some are known to be two issues since then."""
        known = self._apart[key] | self._open[key]
        for other, shares in self._shared[key].items():
            if shares.refilled and other not in known:
                for one, its in ((key, other), (other, key)):
                    self._open[one].add(its)
                    if shares.refilled is Refilled.THROUGHOUT:
                        self._throughout[one].add(its)
        near = self._throughout[key]
        # A triangle that was not there before has this article in it.
        new = {
            one for other in near for third in (self._throughout[other] & near,) if third for one in (key, other)
        } - self._issues
        self._issues |= new
        pairs = {(a, b) for a in new | {key} for b in self._open[a]} | {(a, b) for a in near for b in self._open[a] & near}
        return self._settle(pairs)

    def unlink(self, key: str) -> set[str]:
        """Before what an article shares is taken away; all articles of which some are no two issues any more."""
        near = self._throughout.pop(key, set())
        for other in near:
            self._throughout[other].discard(key)
        for kept in (self._apart, self._open):
            for other in kept.pop(key, set()):
                kept[other].discard(key)
        self._issues.discard(key)
        left = {one for one in near & self._issues if not self._is_issue(one)}
        self._issues -= left
        in_part = {(a, b) for a in near for b in (self._apart[a] & near) - self._throughout[a]}
        pairs = {(a, b) for a in left for b in self._apart[a]} | in_part
        return self._settle(pairs)

    def _is_issue(self, key: str) -> bool:
        near = self._throughout[key]
        return any(not near.isdisjoint(self._throughout[other]) for other in near)

    def _are_two(self, a: str, b: str) -> bool:
        """Two issues that differ in part only are two if a third one differs from both throughout."""
        if not {a, b} <= self._issues:
            return False
        return b in self._throughout[a] or not self._throughout[a].isdisjoint(self._throughout[b])

    def _settle(self, pairs: Iterable[tuple[str, str]]) -> set[str]:
        changed: set[str] = set()
        for a, b in pairs:
            are_two = self._are_two(a, b)
            if are_two != (b in self._apart[a]):
                changed |= {a, b}
                for one, other in ((a, b), (b, a)):
                    self._shared[one][other] = replace(self._shared[one][other], are_issues=are_two)
                    (self._apart if are_two else self._open)[one].add(other)
                    (self._open if are_two else self._apart)[one].discard(other)
        return changed
