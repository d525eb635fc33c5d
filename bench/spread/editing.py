"""What houses do to copy: every edit is a function from paragraphs to paragraphs that keeps each sentence's lineage."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from zlib import crc32

from bench.spread.forms import Paragraph, Sentence
from bench.spread.houses import House

Body = tuple[Paragraph, ...]
OPERATIONS = ("verbatim", "style", "cut", "merged", "reordered", "synonyms", "synonyms+reordered")


def edit(body: Body, house: House, random: Random) -> Body:
    """The copy as this house prints it; furniture and credits of the source are left to the caller."""
    match house.habit:
        case "verbatim":
            return _shorten(body, random, 0.15)
        case "styled":
            return _shorten(_styled(body, house), random, 0.3)
        case "trimmed":
            return _shorten(_cut(_styled(body, house), random, 0.3), random, 1.0)
        case "desk":
            return _blocks(
                _arranged(_cut(_worded(_styled(body, house), house, random, 0.35), random, 0.1), random, 0.35), random, 0.3
            )
        case "rewriter":
            return _blocks(_arranged(_worded(_styled(body, house), house, random, 0.8), random, 0.6), random, 0.4)
    changed = _arranged(_cut(_worded(_styled(body, house), house, random, 1.0), random, 0.15), random, 0.7)
    return _shorten(_shuffled(_blocks(changed, random, 0.5), random), random, 0.5)


def _each(body: Body, change) -> Body:
    return tuple(replace(p, sentences=tuple(change(s) for s in p.sentences)) for p in body)


def _styled(body: Body, house: House) -> Body:
    return _each(body, lambda s: replace(s, style=house.style))


def _worded(body: Body, house: House, random: Random, rate: float) -> Body:
    """Each house has its own preferred word in each group, so two rewriters differ and one is the same everywhere."""

    def preferred(group: list[str]) -> int:
        return crc32(f"{house.taste}:{'|'.join(group)}".encode()) % len(group)

    def change(s: Sentence) -> Sentence:
        picks = (preferred(g) if random.random() < rate else old for g, old in zip(s.groups, s.choices, strict=True))
        return replace(s, choices=tuple(picks))

    return _each(body, change)


def _arranged(body: Body, random: Random, rate: float) -> Body:
    def change(s: Sentence) -> Sentence:
        leads = not s.leads if s.is_movable and random.random() < rate else s.leads
        is_passive = not s.is_passive if s.has_voice and random.random() < rate else s.is_passive
        return replace(s, leads=leads, is_passive=is_passive)

    return _each(body, change)


def _cut(body: Body, random: Random, rate: float) -> Body:
    """Movable parts go, and some second sentences."""
    made: list[Paragraph] = []
    for p in body:
        kept = [replace(s, is_cut=s.is_cut or (s.is_movable and random.random() < rate)) for s in p.sentences]
        if len(kept) > 1 and random.random() < rate:
            kept.pop()
        made.append(replace(p, sentences=tuple(kept)))
    return tuple(made)


def _blocks(body: Body, random: Random, rate: float) -> Body:
    """Paragraphs are joined and parted, sentences joined; the first stays alone."""
    made: list[Paragraph] = []
    for p in body:
        if len(made) > 1 and p.kind == made[-1].kind and random.random() < rate / 2:
            made[-1] = replace(made[-1], sentences=made[-1].sentences + p.sentences)
        elif len(p.sentences) > 1 and random.random() < rate:
            if random.random() < 0.5:
                made += [replace(p, sentences=(replace(s, is_joined=False),)) for s in p.sentences]
            else:
                made.append(replace(p, sentences=(p.sentences[0], *(replace(s, is_joined=True) for s in p.sentences[1:]))))
        else:
            made.append(p)
    return tuple(made)


def _shuffled(body: Body, random: Random) -> Body:
    rest = list(body[1:])
    if len(rest) > 2:
        rest.insert(random.randrange(len(rest) - 1), rest.pop(random.randrange(len(rest))))
    return (*body[:1], *rest)


def _shorten(body: Body, random: Random, rate: float) -> Body:
    """Mostly from the end, as desks do."""
    if random.random() >= rate or len(body) < 5:
        return body
    keep = random.randint(max(3, len(body) // 3), len(body) - 1)
    return body[:keep]


def shared(source: Paragraph, target: Paragraph) -> list[tuple[Sentence, Sentence]]:
    """The sentences that the target has from the source."""
    before = {s.id: s for s in source.sentences}
    return [(before[s.id], s) for s in target.sentences if s.id in before]


def operation(source: Paragraph, target: Paragraph) -> str:
    """The strongest edit between two paragraphs of one lineage."""
    pairs = shared(source, target)
    is_reworded = any(a.choices != b.choices for a, b in pairs)
    is_reordered = any((a.leads, a.is_passive) != (b.leads, b.is_passive) for a, b in pairs)
    if is_reworded:
        return "synonyms+reordered" if is_reordered else "synonyms"
    if is_reordered:
        return "reordered"
    if target.ids != source.ids or any(a.is_joined != b.is_joined for a, b in pairs):
        return "cut" if target.ids < source.ids else "merged"
    if any(a.is_cut != b.is_cut for a, b in pairs):
        return "cut"
    return "verbatim" if all(a.text() == b.text() for a, b in pairs) else "style"
