"""Paragraphs that recur in the articles held, and which of them are boilerplate by what was learned from all of them.

A cache of a function of the set of articles held: who came first plays no part, and what goes is forgotten. Looks at whole body
paragraphs; takes nothing out of any body itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice

from service.domain.crowds import is_row
from service.domain.learned_boilerplate import LOOKED_AT, SIGHTINGS, form_of, is_learned
from service.domain.matches import quotations_count
from service.domain.models import UnitRef
from service.domain.reports import RAW_THRESHOLD, Shares
from service.flows.entries import Entry
from service.flows.sharing import own_units, shares_of
from service.flows.verdicts import Verdicts

_MOST_SHARED = 0.75
"""Up to this part of both bodies, two articles of one outlet may share and have nothing to do with each other."""
_ONE_EVENT = 0.05
"""From this chance on, judged by what each has for itself, two articles may be about one event."""
_MOST_COPIES = 64
"""Of articles of other outlets with the paragraph, no more are compared; then it counts as copied."""
_REMEMBERED = 100_000

_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Moved:
    """An article that came or went: by key of its units those that are alike, and the forms of all of these."""

    entry: Entry
    alike: Mapping[str, AbstractSet[str]]
    forms: Mapping[str, int]

    def beside(self, form: int) -> set[str]:
        """The units that are alike to those which are not of the form."""
        return {key for unit, keys in self.alike.items() if self.forms.get(unit) != form for key in keys}


class Recurring:
    """One thread uses it. `entries` are the articles held, with all of their bodies; `holders` the articles by unit key."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        holders: Mapping[str, AbstractSet[str]],
        verdicts: Verdicts,
        chance: Callable[[Entry, Sequence[UnitRef], Entry, Sequence[UnitRef]], float],
        is_agency: Callable[[Entry], bool],
    ) -> None:
        """`chance`: that two articles are of one event, judged by these units of their bodies. `is_agency`: whether an article is
        its outlet's to give to others.
        """
        self._entries = entries
        self._holders = holders
        self._verdicts = verdicts
        self._chance = chance
        self._is_agency = is_agency
        self._form: dict[str, int] = {}
        self._units: dict[int, set[str]] = defaultdict(set)
        self._learned: dict[int, frozenset[str]] = {}
        self._found: dict[str, frozenset[int]] = {}
        self._unrelated: dict[tuple[object, object], bool] = {}

    def boilerplate(self, key: str) -> frozenset[int]:
        """Paragraphs of an article, by index, that are boilerplate by what was learned so far."""
        return self._found.get(key, _NOTHING)

    def hold(self, units: Mapping[str, str]) -> None:
        """Units by key that are held from now on, with their texts."""
        for key, text in units.items():
            form = None if is_row(key) else form_of(text)
            if form is not None:
                self._form[key] = form
                self._units[form].add(key)

    def drop(self, key: str) -> None:
        form = self._form.pop(key, None)
        if form is not None:
            self._units[form].discard(key)
            if not self._units[form]:
                del self._units[form]

    def moving(self, entry: Entry) -> Moved:
        """To be asked while all units of the article are held: after it came, before it goes."""
        alike = {unit.key: self._verdicts.alike(unit.key) for unit in entry.units}
        forms = {key: self._form[key] for keys in alike.values() for key in keys if key in self._form}
        return Moved(entry, alike, forms)

    def learn(self, moved: Sequence[Moved]) -> set[str]:
        """Look again at all that these articles hold, after they came or went; the articles whose boilerplate is another now."""
        touched = {one.entry.key for one in moved if one.entry.key in self._entries}
        for one in moved:
            if one.entry.key not in touched:
                self._found.pop(one.entry.key, None)
        for form in sorted({form for one in moved for form in one.forms.values()}):
            before = self._learned.pop(form, frozenset())
            if not before and not self._recurs(form):
                continue
            holding = self._holding(self._units.get(form, ()))
            now = self._outlets(form, holding)
            if now:
                self._learned[form] = now
            if now != before:
                touched |= holding
            elif now:
                # A page of the outlet came or went: whoever copied it has its boilerplate with or without it.
                pages = [one for one in moved if _site(one.entry) in now]
                touched |= {key for page in pages for key in self._holding(page.beside(form))} & holding
        changed: set[str] = set()
        for key in touched:
            found = self._judged(self._entries[key])
            if found != self.boilerplate(key):
                changed.add(key)
                self._found[key] = found
                if not found:
                    del self._found[key]
        return changed

    # ---- who carries a paragraph -------------------------------------------------------------------------------------

    def _recurs(self, form: int) -> bool:
        """Whether an outlet may have articles enough with the form."""
        sites = Counter(_site(self._entries[key]) for unit in self._units.get(form, ()) for key in self._holders.get(unit, ()))
        return max(sites.values(), default=0) >= SIGHTINGS

    def _carriers(self, form: int, keys: Iterable[str]) -> list[str]:
        """Those of the articles that hold a whole paragraph of the form, as many as are looked at."""
        return list(islice((key for key in sorted(keys) if self._paragraphs(self._entries[key], form)), LOOKED_AT))

    def _paragraphs(self, entry: Entry, form: int) -> frozenset[int]:
        found = {unit.paragraph for unit in entry.units if self._form.get(unit.key) == form}
        rest = {unit.paragraph for unit in entry.units if self._form.get(unit.key) != form} if found else set()
        return frozenset(found - rest)

    def _outlets(self, form: int, holding: AbstractSet[str]) -> frozenset[str]:
        """The outlets of which the form is boilerplate; `holding` are the articles in which a unit of it stands."""
        of_site: dict[str, list[str]] = defaultdict(list)
        for key in holding:
            of_site[_site(self._entries[key])].append(key)
        several = {
            site: carriers
            for site, keys in of_site.items()
            if site and len(keys) >= SIGHTINGS and len(carriers := self._carriers(form, keys)) >= SIGHTINGS
        }
        if not several or any(self._is_agency(self._entries[key]) for key in self._holding(self._edited(form))):
            return frozenset()
        return frozenset(
            site
            for site, carriers in several.items()
            if is_learned(carriers, self._copied_test(form, carriers), self._are_unrelated)
        )

    def _edited(self, form: int) -> set[str]:
        """The units of the form and those with which they were matched."""
        return {key for unit in self._units.get(form, ()) for key in self._verdicts.alike(unit)}

    def _holding(self, units: Iterable[str]) -> set[str]:
        return {key for unit in units for key in self._holders.get(unit, ())}

    def _copied_test(self, form: int, carriers: Sequence[str]) -> Callable[[str], bool]:
        """Whether one of the outlet's articles shares more with other outlets than what it shares with the outlet's others."""
        site = _site(self._entries[carriers[0]])
        elsewhere = sorted(key for key in self._holding(self._edited(form)) if _site(self._entries[key]) != site)
        if len(elsewhere) > _MOST_COPIES:
            return lambda key: True  # noqa: ARG005 - whichever it is
        held = Counter(other for key in carriers for other in self._forms(self._entries[key]))
        common = frozenset(other for other, count in held.items() if count >= SIGHTINGS)
        return lambda key: any(self._beyond(key, other, common).copied >= RAW_THRESHOLD for other in elsewhere)

    # ---- what two articles are to each other -------------------------------------------------------------------------

    def _are_unrelated(self, a: str, b: str) -> bool:
        """Whether two articles of one outlet have nothing to do with each other but what they share now."""
        one, two = sorted((self._entries[a], self._entries[b]), key=lambda entry: entry.key)
        pair = one.version, two.version
        known = self._unrelated.get(pair)
        if known is None:
            shares = shares_of(one, two, self._verdicts)
            mine, theirs = self._own(one, two), self._own(two, one)
            known = (
                max(shares.mine, shares.theirs) <= _MOST_SHARED
                and min(_part(mine, one), _part(theirs, two)) >= 1 - _MOST_SHARED
                and self._chance(one, mine, two, theirs) < _ONE_EVENT
            )
            if len(self._unrelated) >= _REMEMBERED:
                self._unrelated.clear()
            self._unrelated[pair] = known
        return known

    def _own(self, entry: Entry, other: Entry) -> list[UnitRef]:
        """The body units of an article that stand in the other neither as copy nor with another date."""
        theirs = self._forms(other)
        return [unit for unit in own_units(entry, other, self._verdicts) if self._form.get(unit.key) not in theirs]

    def _beyond(self, a: str, b: str, forms: AbstractSet[int]) -> Shares:
        """What two articles share beside these forms."""
        return shares_of(self._beside(self._entries[a], forms), self._beside(self._entries[b], forms), self._verdicts)

    def _beside(self, entry: Entry, forms: AbstractSet[int]) -> Entry:
        return replace(entry, units=tuple(unit for unit in entry.units if self._form.get(unit.key) not in forms))

    def _forms(self, entry: Entry) -> set[int]:
        return {self._form[unit.key] for unit in entry.units if unit.key in self._form}

    def _judged(self, entry: Entry) -> frozenset[int]:
        """The paragraphs of an article that are boilerplate: its outlet's, or taken along with the page of another outlet."""
        found: set[int] = set()
        for form in self._forms(entry) & self._learned.keys():
            if _site(entry) in self._learned[form] or self._came_along(entry, form):
                found |= self._paragraphs(entry, form)
        return frozenset(found)

    def _came_along(self, entry: Entry, form: int) -> bool:
        outlets = self._learned[form]
        near = self._holding(self.moving(entry).beside(form)) & self._holding(self._units.get(form, ()))
        owners = self._carriers(form, (key for key in near if _site(self._entries[key]) in outlets))
        beyond = (self._beyond(entry.key, owner, {form}) for owner in owners)
        return any(quotations_count(shares.mine, shares.theirs) for shares in beyond)


def _part(units: Iterable[UnitRef], entry: Entry) -> float:
    """Part of an article's body characters that these units are."""
    return sum(unit.end - unit.start for unit in units) / max(1, entry.characters)


def _site(entry: Entry) -> str:
    content = entry.article.content
    return content.outlet_site or content.outlet_name
