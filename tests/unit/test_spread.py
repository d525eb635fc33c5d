"""The generator of spreading copy: the same every time, and its truth is consistent with its texts."""

from __future__ import annotations

import json
from functools import cache

import pytest

from bench.spread.articles import Article
from bench.spread.editing import OPERATIONS
from bench.spread.forms import copy_book, write
from bench.spread.houses import AGENCIES
from bench.spread.simulation import Simulation
from service.registry_files import load_registry


@cache
def simulation(seed: int = 3) -> Simulation:
    return Simulation(24, seed)


def dump(made: Simulation) -> str:
    return json.dumps([[a.request(), a.truth()] for a in made.arrivals()])


def test_the_same_seed_gives_the_same_articles_and_another_seed_others() -> None:
    assert dump(Simulation(6, 5)) == dump(Simulation(6, 5))
    assert dump(Simulation(6, 5)) != dump(Simulation(6, 6))


def test_every_role_and_operation_occurs() -> None:
    roles = {a.role for a in simulation().articles}
    assert roles == {
        "wire", "late wire", "update", "carrier", "second hop", "named second hop", "mixed", "distributed", "independent",
        "follow-up", "roundup",
    }  # fmt: skip
    assert {row[3] for a in simulation().articles for row in a.copied()} == set(OPERATIONS)


def test_carried_paragraphs_have_a_lineage_that_their_source_holds() -> None:
    truth = {a.key: a.truth() for a in simulation().articles}
    for article in simulation().articles:
        rows = truth[article.key]["copied"]
        for number, source, other, _ in rows:
            if source is not None:
                assert set(truth[article.key]["lineage"][number]) & set(truth[source]["lineage"][other])
        if article.parents:
            carried = {row[0] for row in rows}
            copied = [n for n, p in enumerate(article.body) if p.kind in ("copy", "background")]
            assert carried == set(copied), article.key


def test_lineage_starts_in_one_report_only() -> None:
    roots: dict[str, str] = {}
    for article in simulation().articles:
        if not article.parents:
            for ident in {i for p in article.body if p.kind != "background" for i in p.ids}:
                assert roots.setdefault(ident, article.key) == article.key


def test_sources_really_appeared_before_what_they_explain_and_nothing_is_its_own_source() -> None:
    def check(article: Article, below: tuple[Article, ...]) -> None:
        assert article not in below
        for parent in article.parents:
            assert parent.at < article.at
            check(parent, (*below, article))

    for article in simulation().articles:
        check(article, ())


def test_labels_follow_from_the_paragraphs() -> None:
    for article in simulation().articles:
        if article.derivation == "wholly_derived":
            assert all(p.kind in ("copy", "background", "credit", "boilerplate") for p in article.body)
        if article.derivation == "partially_derived":
            assert any(p.kind == "own" for p in article.body)
        if article.derivation == "independent" and article.role != "update":
            assert not article.parents


def test_reports_of_one_event_share_no_wording() -> None:
    events: dict[str, dict[str, set[str]]] = {}
    known = {
        form for fact, forms in [*copy_book()["any"].items(), *copy_book()["fire"].items()] if fact != "title" for form in forms
    }
    first = {form.split(" ;; ")[0] for form in known}
    for article in simulation().articles:
        if not article.parents:
            forms = {s.form for p in article.body if p.kind == "copy" for s in p.sentences} & first
            events.setdefault(article.story, {})[article.report] = forms
    for reports in events.values():
        seen = [form for forms in reports.values() for form in forms]
        assert len(seen) == len(set(seen))


def test_a_rewritten_sentence_keeps_its_facts() -> None:
    for article in simulation().articles[:80]:
        for paragraph in article.body:
            for sentence in paragraph.sentences:
                assert "{" not in sentence.text()
                assert "[" not in sentence.text()
                assert " @ " not in sentence.text()


@pytest.mark.parametrize("kind", sorted(set(copy_book()) - {"any", "background", "colour", "detail"}))
def test_every_kind_has_six_facts_in_three_wordings(kind: str) -> None:
    assert len(copy_book()[kind]) == 7
    assert all(len(forms) == 3 for forms in copy_book()[kind].values())


def test_every_wording_can_be_rendered_in_both_voices_and_orders() -> None:
    from dataclasses import replace
    from random import Random

    facts = simulation().articles[0].body[0].sentences[0].facts
    for facts_of_kind in copy_book().values():
        for form in (form for forms in facts_of_kind.values() for form in forms):
            for sentence in write("x", form, facts, AGENCIES[0].style, Random(1)):
                texts = {replace(sentence, is_passive=p, leads=o).text() for p in (True, False) for o in (True, False)}
                assert len(texts) == (2 if sentence.has_voice else 1) * (2 if sentence.is_movable else 1)


def test_the_agencies_are_those_of_the_registry() -> None:
    registry = load_registry()
    for agency in AGENCIES:
        found = registry.by_alias(agency.short)
        assert found is not None
        assert registry.by_site(agency.site) == found
        assert found.name == agency.name
