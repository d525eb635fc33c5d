"""How events become reports and reports spread. Deterministic: the same seed and size give the same articles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from bench.spread.articles import Article
from bench.spread.editing import Body, edit
from bench.spread.forms import Paragraph, Sentence, Style, copy_book, write
from bench.spread.houses import (
    AGENCIES,
    House,
    agency_credit,
    dateline,
    distributor_credit,
    is_collector,
    mixed_credit,
    outlet_credit,
    outlets,
)
from bench.spread.stores import Facts, event_facts, figures, person, town

_START = datetime(2026, 3, 2, 6, tzinfo=UTC)
_SHARED = ("any", "background", "colour", "detail")
"""Parts of the book that are no kind of event."""
_WORDINGS = 3
"""So many reports of one event can be written without a common wording."""
_DISTRIBUTOR = "Tribune Content Agency"


@dataclass(slots=True)
class _Event:
    ident: str
    kind: str
    facts: Facts
    at: datetime
    first_wording: int


class Simulation:
    def __init__(self, events: int, seed: int) -> None:
        self.random = Random(seed)
        self.houses = outlets(self.random, max(30, events))
        self.articles: list[Article] = []
        self._backgrounds: dict[int, list[Paragraph]] = {a.taste: self._background(a) for a in AGENCIES}
        before: _Event | None = None
        for number in range(events):
            before = self._event(number, before)
            self._spread(before)
        self._roundups(events // 6)

    def arrivals(self) -> list[Article]:
        """What is ingested, in order of arrival."""
        return sorted((a for a in self.articles if a.is_ingested), key=lambda a: (a.arrives or a.at, a.key))

    def _event(self, number: int, before: _Event | None) -> _Event:
        kinds = [kind for kind in copy_book() if kind not in _SHARED]
        # Some events have a twin of the same kind on the same day elsewhere.
        if before is not None and self.random.random() < 0.2:
            kind, at = before.kind, before.at + timedelta(minutes=self.random.randint(20, 200))
        else:
            kind, at = self.random.choice(kinds), _START + timedelta(hours=self.random.randint(0, 24 * max(4, number // 4)))
        return _Event(f"s{number:04}", kind, event_facts(self.random, at), at, self.random.randrange(_WORDINGS))

    def _report(self, event: _Event, number: int, house: House, size: int) -> Body:
        """Reports of one event share facts and spoken words, never a wording: each takes another one of the book."""
        book, random = copy_book(), self.random
        rest = [(event.kind, fact) for fact in book[event.kind] if fact not in ("title", "what")]
        rest += [("any", fact) for fact in book["any"]]
        random.shuffle(rest)
        body: list[Paragraph] = []
        for kind, fact in [(event.kind, "what"), *rest[: size - 1]]:
            forms = book[kind][fact]
            form = forms[(event.first_wording + number) % len(forms)]
            known = event.facts if fact == "what" else event.facts | figures(Random(f"{event.ident}:{event.kind}:{fact}"))
            body.append(Paragraph("copy", self._with_details(f"{event.ident}:r{number}:{fact}", form, known, house)))
        return tuple(body)

    def _with_details(self, ident: str, form: str, known: Facts, house: House) -> tuple[Sentence, ...]:
        """Up to two sentences more, so that a paragraph has its 25 to 60 words; each report invents its own."""
        sentences = write(ident, form, known, house.style, self.random)
        made: list[Sentence] = []
        while len(made) < 2 and (
            (length := sum(len(s.text().split()) for s in (*sentences, *made))) < 25
            or (length < 40 and self.random.random() < 0.4)
        ):
            form = self.random.choice(copy_book()["detail"]["more"])
            facts = known | figures(self.random) | {"passer": person(self.random), "city": town(self.random)}
            made += write(f"{ident}:more{len(made)}", form, facts, house.style, self.random)
        return (*sentences, *made)

    def _title(self, event: _Event, number: int, style: Style, seed: int) -> str:
        forms = copy_book()[event.kind]["title"]
        words = write("title", forms[number % len(forms)], event.facts, style, Random(seed))
        text = words[0].text()
        return text[:1].upper() + text[1:]

    def _background(self, agency: House) -> list[Paragraph]:
        facts = event_facts(self.random, _START)
        forms = copy_book()["background"]
        return [
            Paragraph("background", self._with_details(f"bg{agency.taste}:{n}:{fact}", form, facts, agency))
            for fact, wordings in forms.items()
            for n, form in enumerate(wordings)
        ]

    def _own(self, house: House, count: int) -> list[Paragraph]:
        """Local colour: an outlet's own reporting inside carried copy."""
        made = []
        for _ in range(count):
            fact, forms = self.random.choice(list(copy_book()["colour"].items()))
            facts = event_facts(self.random, _START)
            ident = f"own{self.random.getrandbits(48):012x}:{fact}"
            made.append(Paragraph("own", self._with_details(ident, self.random.choice(forms), facts, house)))
        return made

    def _spread(self, event: _Event) -> None:
        random = self.random
        wires = [self._wire(event, number) for number in range(1 + (random.random() < 0.4))]
        for wire in wires:
            carriers: list[Article] = []
            for _ in range(random.randint(2, 8)):
                carriers.append(self._carry(event, wire, carriers))
            if len(wires) == 2 and wire is wires[1]:
                self._mix(event, wires)
            if wire.is_ingested and random.random() < 0.15:
                wire.role, wire.arrives = "late wire", max(c.arrives or c.at for c in carriers) + timedelta(minutes=5)
            if random.random() < 0.2:
                self._update(event, wire)
        used = len(wires)
        if random.random() < 0.4:
            self._independent(event, used)
            used += 1
        if used < _WORDINGS and random.random() < 0.3:
            follow_up = self._follow_up(event, used, wires[0])
            carriers = []
            for _ in range(random.randint(0, 3)):
                carriers.append(self._carry(event, follow_up, carriers))

    def _wire(self, event: _Event, number: int) -> Article:
        random = self.random
        agency = random.choice([a for a in AGENCIES if not any(x.story == event.ident and x.house is a for x in self.articles)])
        body = list(self._report(event, number, agency, random.randint(6, 11)))
        body += random.sample(self._backgrounds[agency.taste], random.choice((0, 0, 1, 1, 2)))
        body[0] = replace(body[0], prefix=dateline(agency, random))
        at = event.at + timedelta(minutes=random.randint(5, 90))
        article = self._add(event.ident, f"{event.ident}:r{number}", agency, tuple(body), at, "wire", agency.name)
        article.title = self._title(event, number, agency.style, random.getrandbits(30))
        article.is_ingested = random.random() >= 0.4
        return article

    def _follow_up(self, event: _Event, number: int, wire: Article) -> Article:
        """The same agency a day later: new figures, new words, and the first paragraph of the first report as background."""
        fresh = figures(self.random)
        facts = event.facts | {name: fresh[name] for name in ("n:a", "n:b")} | {"day": event.facts["day2"]}
        later = replace(event, facts=facts | {"day2": facts["day"] + timedelta(days=1)}, at=event.at + timedelta(days=1))
        body = list(self._report(later, number, wire.house, self.random.randint(6, 9)))
        body.append(replace(wire.body[0], kind="background", prefix=""))
        body[0] = replace(body[0], prefix=dateline(wire.house, self.random))
        article = self._add(event.ident, f"{event.ident}:r{number}", wire.house, tuple(body), later.at, "follow-up", wire.origin)
        article.title = self._title(later, number, wire.house.style, self.random.getrandbits(30))
        article.is_ingested = self.random.random() >= 0.4
        return article

    def _carry(self, event: _Event, wire: Article, carriers: list[Article]) -> Article:
        random = self.random
        source = random.choice(carriers) if carriers and random.random() < 0.35 else wire
        house = self._free(event, self.houses, wants_collector=source is not wire and random.random() < 0.6)
        article = self._derived(event, house, [source], _copy_of(source))
        if source is wire:
            self._credit_agency(article, wire.house)
        else:
            self._credit_outlet(article, source)
        self._furnish(article)
        return article

    def _derived(self, event: _Event, house: House, sources: list[Article], copy: Body) -> Article:
        random = self.random
        body = list(edit(copy, house, random))
        own = self._own(house, random.randint(1, 2)) if random.random() < 0.22 else []
        for paragraph in own:
            body.insert(random.randint(1, len(body)), paragraph)
        at = max(s.at for s in sources) + timedelta(minutes=random.randint(4, 240))
        article = self._add(event.ident, sources[0].report, house, tuple(body), at, "carrier", sources[0].origin)
        article.parents = sources
        article.title = sources[0].title if random.random() < 0.6 else self._title(event, house.taste, house.style, house.taste)
        article.derivation = "partially_derived" if own else "wholly_derived"
        return article

    def _mix(self, event: _Event, wires: list[Article]) -> None:
        """Two agencies' copy of one event in one article."""
        if self.random.random() > 0.7:
            return
        house = self._free(event, self.houses)
        first, second = (_copy_of(w) for w in wires)
        # By turns, so that a cut leaves copy of both.
        both = tuple(p for pair in zip(first[:6], second[1:], strict=False) for p in pair)
        article = self._derived(event, house, list(wires), both)
        article.role, article.carry = "mixed", "partial"
        article.named = frozenset(w.house.name for w in wires)
        article.body = (*article.body, Paragraph("credit", fixed=mixed_credit(wires[0].house, wires[1].house, house)))
        present = {i for p in article.body for i in p.ids}
        weights = {w.report: sum(len(s.text()) for p in w.body for s in p.sentences if s.id in present) for w in wires}
        article.report = max(weights, key=lambda report: weights[report])
        article.origin = next(w.origin for w in wires if w.report == article.report)

    def _update(self, event: _Event, wire: Article) -> None:
        """The agency's own later version with new figures and a paragraph more."""
        fresh = figures(self.random)
        new = {name: fresh[name] for name in ("n:a", "n:b", "n:c")}
        copy = [p for p in wire.body if p.kind == "copy"]
        body = [replace(p, sentences=tuple(replace(s, facts=s.facts | new) for s in p.sentences)) for p in copy]
        body[1:1] = self._own(wire.house, 1)
        at = wire.at + timedelta(minutes=self.random.randint(60, 300))
        article = self._add(event.ident, wire.report, wire.house, tuple(body), at, "update", wire.origin)
        article.parents, article.title, article.named = [wire], "UPDATE 1-" + wire.title, frozenset({wire.house.name})

    def _independent(self, event: _Event, number: int) -> None:
        """An outlet's own report: the same event and spoken words, at most an agency's background besides."""
        house = self._free(event, self.houses)
        body = list(self._report(event, number, house, self.random.randint(6, 9)))
        if self.random.random() < 0.3:
            body.append(self.random.choice(self.random.choice(list(self._backgrounds.values()))))
        at = event.at + timedelta(minutes=self.random.randint(20, 400))
        article = self._add(event.ident, f"{event.ident}:r{number}", house, tuple(body), at, "independent", house.name)
        article.title = self._title(event, number, house.style, house.taste)
        article.authors = [person(self.random)]
        self._furnish(article)

    def _roundups(self, count: int) -> None:
        leads = [a for a in self.articles if a.is_ingested and a.role == "wire"]
        for number in range(min(count, len(leads) // 4)):
            parts = sorted(self.random.sample(leads, 4), key=lambda a: a.at)
            house = self.random.choice(self.houses)
            body = tuple(replace(p, prefix="") for part in parts for p in part.body[:2])
            at = parts[-1].at + timedelta(hours=2)
            article = self._add(f"roundup{number}", f"roundup{number}", house, body, at, "roundup", house.name)
            article.parents, article.carry, article.title = parts, "roundup", f"{at:%A} in brief: what you should know"
            article.derivation = "wholly_derived"

    def _credit_agency(self, article: Article, agency: House) -> None:
        random = self.random
        if random.random() < article.house.strips:
            return
        article.named = frozenset({agency.name})
        if random.random() < 0.08:
            article.body = (*article.body, Paragraph("credit", fixed=distributor_credit(agency)))
            article.carry, article.through, article.role = "full", _DISTRIBUTOR, "distributed"
            return
        is_partial = article.derivation == "partially_derived" or random.random() < 0.15
        prefix, last, article.authors = agency_credit(agency, is_partial=is_partial, random=random)
        article.carry = "partial" if is_partial else "full"
        article.body = (replace(article.body[0], prefix=prefix), *article.body[1:])
        if last:
            article.body = (*article.body, Paragraph("credit", fixed=last))

    def _credit_outlet(self, article: Article, source: Article) -> None:
        """The second hop names the first, or keeps only what the first said of the agency, or says nothing."""
        random, role = self.random, "second hop"
        if random.random() >= article.house.strips:
            if random.random() < 0.65:
                line = outlet_credit(source.house, source.title, random)
                article.body = (*article.body, Paragraph("credit", fixed=line))
                article.named, article.carry, role = frozenset({source.house.name}), "full", "named second hop"
            elif source.body[0].prefix:
                article.body = (replace(article.body[0], prefix=source.body[0].prefix), *article.body[1:])
                article.named, article.carry = source.named, "full"
        article.role = role

    def _furnish(self, article: Article) -> None:
        if article.house.furniture and self.random.random() < 0.8:
            article.body = (*article.body, Paragraph("boilerplate", fixed=article.house.furniture))

    def _free(self, event: _Event, houses: list[House], *, wants_collector: bool = False) -> House:
        taken = {a.house.site for a in self.articles if a.story == event.ident}
        free = [h for h in houses if h.site not in taken]
        chosen = [h for h in free if is_collector(h, houses) == wants_collector]
        return self.random.choice(chosen or free)

    def _add(self, story: str, report: str, house: House, body: Body, at: datetime, role: str, origin: str) -> Article:
        article = Article(f"g{len(self.articles):05}", house, "", body, story, report, origin, at, role)
        article.claimed, article.arrives = at, at + timedelta(minutes=self.random.choice((0, 1, 3, 10, 45)))
        if self.random.random() < 0.1:
            article.clock = self.random.choice(("midnight", "zone", "missing"))
            shift = timedelta(hours=self.random.choice((-8, -5, -2, 1, 2, 6)))
            midnight = at.replace(hour=0, minute=0)
            article.claimed = {"midnight": midnight, "zone": at + shift, "missing": None}[article.clock]
        self.articles.append(article)
        return article


def _copy_of(source: Article) -> Body:
    """What others can take from an article: its sentences, without credits and furniture."""
    return tuple(replace(p, prefix="", kind="copy" if p.kind == "own" else p.kind) for p in source.body if p.sentences)
