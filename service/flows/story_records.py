"""The stored face of a story: what its list entry shows, built from the articles that it holds now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from service.domain.models import Findings, Organisation, Story, StoryCounts
from service.domain.passages import body_units, copy_links, passage_ids
from service.flows.corpus import Corpus, Entry
from service.flows.moments import Moment


def build_story(
    story_id: str,
    reports: Sequence[frozenset[str]],
    corpus: Corpus,
    findings: Mapping[str, Findings],
    before: Story | None,
    moment: Moment,
) -> Story:
    """`reports` are sets of article keys; `findings` are by article id. The version is one above the one before."""
    entries = [corpus.entries[key] for report in reports for key in sorted(report)]
    largest = max(reports, key=lambda report: (len(report), -_first(corpus, report).timestamp(), min(report)))
    shown = corpus.entries[corpus.representative_of(min(largest))].article
    times = sorted(entry.article.appeared_at for entry in entries)
    return Story(
        id=story_id,
        title=shown.content.title,
        version=before.version + 1 if before else 1,
        created_at=before.created_at if before else moment.now,
        updated_at=moment.in_order,
        first_published_at=times[0],
        last_published_at=times[-1],
        languages=tuple(sorted({entry.article.content.language for entry in entries if entry.article.content.language})),
        counts=StoryCounts(
            articles=len(entries),
            reports=len(reports),
            outlets=len({entry.article.content.outlet_site or entry.article.content.outlet_name for entry in entries}),
            passages=_passages(entries, corpus),
        ),
        organisations=_organisations(findings[entry.article.id] for entry in entries),
        representative_id=shown.id,
    )


def _first(corpus: Corpus, report: frozenset[str]) -> datetime:
    return min(corpus.entries[key].article.appeared_at for key in report)


def _organisations(findings: Iterable[Findings]) -> tuple[Organisation, ...]:
    found: dict[str, Organisation] = {}
    for one in findings:
        for organisation in (*one.organisations, *filter(None, [one.origin.organisation])):
            found.setdefault(organisation.id, organisation)
    return tuple(found[name] for name in sorted(found))


def _passages(entries: Sequence[Entry], corpus: Corpus) -> int:
    units = body_units(entry.article for entry in entries)
    keys = {key for held in units.values() for key in held}
    return len(set(passage_ids(units, copy_links(pair for key in keys for pair in corpus.pairs_of(key))).values()))
