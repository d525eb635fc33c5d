"""What an outlet has from its own earlier versions is its own; what these have from others is not."""

import random

from service.flows.conclusions import trace_reports
from tests import samples
from tests.flows.parts import Shelf, new_corpus, partitions

TEXT = samples.plain(samples.WIRE)
NEW = (
    "The knocking that neighbours had heard all night came from a loose shutter, the fire brigade's chief told them at noon.",
    "Bread and soup for the crews came from the prison in Tolsta, whose inmates had asked to be allowed to help them.",
)
OWN = {
    "first": samples.body("first", TEXT, "Gazette", "gazette.example", 6),
    "amp": samples.body("first/amp", TEXT, "Gazette", "gazette.example", 6),
    "update": samples.body("update", (NEW[0], *TEXT[1:], NEW[1]), "Gazette", "gazette.example", 9, title="Velden fire is out"),
    "copy": samples.body("copy", (*TEXT, "This article first appeared on Gazette."), "Post", "post.example", 8),
    "copy_of_update": samples.body(
        "copy-2", (NEW[0], *TEXT[1:], NEW[1], "This article first appeared on Gazette."), "Echo", "echo.example", 10
    ),
}
REPRINT = {
    "wire": samples.body("wire", samples.WIRE, "Reuters", "reuters.com", 5),
    "reprint": samples.body("reprint", (*TEXT, "Source: Reuters"), "Gazette", "gazette.example", 6),
    "reprint_amp": samples.body("reprint/amp", TEXT, "Gazette", "gazette.example", 6),
    "reprint_update": samples.body("reprint-2", (*TEXT, *NEW), "Gazette", "gazette.example", 9),
}


def shelf(bodies):
    return Shelf.of({name: samples.prepared(one) for name, one in bodies.items()})


OWN_SHELF, REPRINT_SHELF = shelf(OWN), shelf(REPRINT)


def traced(held, names):
    corpus, found = new_corpus(), {}
    for name in names:
        found |= trace_reports(corpus, samples.REGISTRY, corpus.recompute({held.add(corpus, name)}).fresh)
    assert found == trace_reports(corpus, samples.REGISTRY, corpus.partitions.reports.values())
    assert partitions(corpus)[0] == {frozenset(names)}
    return found


def test_updates_and_amp_pages_of_an_own_report_are_independent_and_their_copies_are_not():
    names = list(OWN)
    for seed in range(3):
        found = traced(OWN_SHELF, names)
        assert [link.relation for link in found["update"].links] == ["revision"]
        assert {link.relation for link in (*found["first"].links, *found["amp"].links)} == {"revision"}
        assert {name: found[name].derivation.label for name in ("first", "amp", "update")} == dict.fromkeys(
            ("first", "amp", "update"), "independent"
        )
        assert {link.source for link in found["copy"].links} <= {"first", "amp"}
        assert [link.source for link in found["copy_of_update"].links] == ["update"]
        assert found["copy"].derivation.label == found["copy_of_update"].derivation.label == "wholly_derived"
        random.Random(seed).shuffle(names)
        names.sort(key=lambda name: name.startswith("copy"))  # originals are known before their copies


def test_updates_of_a_reprint_stay_derived_from_whom_it_reprints():
    for names in (list(REPRINT), [*list(REPRINT)[1:], "wire"]):
        found = traced(REPRINT_SHELF, names)
        assert found["reprint_amp"].derivation.label == "wholly_derived"
        assert found["reprint_update"].derivation.label == "partially_derived"
        assert 0.5 < found["reprint_update"].derivation.share < 0.9
        assert found["reprint_update"].origin.article_id == "wire"


def test_a_reprint_whose_source_was_never_seen_gives_its_update_what_it_has():
    found = traced(REPRINT_SHELF, ["reprint", "reprint_amp", "reprint_update"])
    assert found["reprint_amp"].derivation.label == "wholly_derived"
    assert found["reprint_update"].derivation.label == "partially_derived"
    assert 0.4 < found["reprint_update"].derivation.share < 0.9
