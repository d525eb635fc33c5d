"""Provenance of one report, from hand-made witnesses: who is said to have carried whom, by which evidence, and what stays open."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.certainty import Certainty
from service.domain.matches import ArticleMatch, ParagraphMatch
from service.domain.models import ORGANISATION_NODE, Credit, Link, Organisation
from service.domain.provenance import ReportTracer
from service.domain.provenance_evidence import Kinship, ReportEvidence, Witness
from service.domain.provenance_verdicts import Verdicts

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
REUTERS = Organisation("reuters", "Reuters", "agency", ("reuters.com",))
AFP = Organisation("afp", "AFP", "agency", ("afp.com",))
ECHO = Organisation("velden-echo", "The Velden Echo", "outlet", ("velden-echo.example",))


def outlet(name):
    return Organisation(f"site:{name}.example", name, "outlet", (f"{name}.example",))


def credit(organisation, kind="byline", carry="full", confidence=0.9, paragraph=0):
    return Credit(organisation, kind, carry, organisation.name, 0, len(organisation.name), paragraph, confidence)


def witness(name, order, *named, by=None, readings=(), published=None):
    at = NOON + timedelta(minutes=order)
    return Witness(name, f"key-{name}", by or outlet(name), tuple(named), frozenset(readings), order, at, published or at)


def trace(
    witnesses,
    shares=None,
    sightings=lambda _: 2,
    outside=None,
    default=1.0,
    agreements=None,
    unexplained=None,
    certainty=None,
    parts=None,
):
    """`shares[a, b]` is the part of a's body that stands in b, `agreements` the part in equal words (the same where unsaid)."""
    shares, agreements = shares or {}, agreements or {}

    def kinship(a, b):
        pair = a.removeprefix("key-"), b.removeprefix("key-")
        share = shares.get(pair, default)
        return Kinship(share, agreements.get(pair, share))

    def match(a, b):
        share = kinship(a, b).share
        pair = ParagraphMatch(1, 2, "verbatim", 1.0, 1.0, 1.0, ((0, 40, 5, 45),))
        return ArticleMatch(b.removeprefix("key-"), share, share, (pair,)) if share else None

    def unexplained_by_default(key, sources):
        return max(0.0, 1 - sum(kinship(key, source).share for source in sources))

    return ReportTracer(
        ReportEvidence(witnesses, kinship, match, sightings, unexplained or unexplained_by_default, outside or {}, parts or {}),
        certainty,
    ).trace()


def direct(traced, name):
    return {link.source: link for link in traced[name].links if link.target == name}


def test_a_credited_reprint_comes_from_the_agency_article_which_is_its_own_origin():
    found = trace([witness("wire", 1, by=REUTERS), witness("reprint", 2, credit(REUTERS, "dateline"))])
    assert found["wire"].links == ()
    assert found["wire"].derivation.label == "independent"
    assert (found["wire"].origin.kind, found["wire"].origin.article_id) == ("article", "wire")
    link = direct(found, "reprint")["wire"]
    assert (link.relation, link.carry, link.share) == ("carried", "full", 1.0)
    assert set(link.basis) == {"credit", "text"}
    assert {e.kind for e in link.evidence} == {"credit:dateline", "shared_text"}
    assert found["reprint"].derivation.label == "wholly_derived"
    origin = found["reprint"].origin
    assert (origin.kind, origin.article_id, origin.organisation) == ("article", "wire", REUTERS)


def test_the_place_of_the_evidence_is_that_of_the_match():
    found = trace([witness("wire", 1, by=REUTERS), witness("reprint", 2, credit(REUTERS, paragraph=7))])
    by_kind = {e.kind: e for e in direct(found, "reprint")["wire"].evidence}
    assert by_kind["credit:byline"].paragraph == 7
    shared = by_kind["shared_text"]
    assert (shared.paragraph, shared.other_paragraph, shared.start, shared.end) == (1, 2, 0, 40)


def test_a_reprint_of_a_reprint_goes_through_the_outlet_that_it_names():
    # The outlet is known by its site alone, the credit by its name.
    by = Organisation("site:velden-echo.example", "The Velden Echo", "outlet", ("velden-echo.example",))
    witnesses = [
        witness("wire", 1, by=REUTERS),
        witness("echo", 2, credit(REUTERS), by=by),
        witness("third", 3, credit(Organisation("named:velden-echo", "Velden Echo", "outlet"), "source_line")),
    ]
    found = trace(witnesses)
    assert direct(found, "third").keys() == {"echo"}
    assert found["third"].origin.article_id == "wire"
    assert found["third"].origin.confidence < found["echo"].origin.confidence


def test_a_wire_that_was_never_ingested_is_a_node_by_its_credit():
    found = trace([witness("one", 1, credit(REUTERS, "source_line"))], default=0)
    link = direct(found, "one")[ORGANISATION_NODE + "reuters"]
    assert link.basis == ("credit",)
    assert found["one"].organisations == (REUTERS,)
    assert (found["one"].origin.kind, found["one"].origin.organisation) == ("organisation", REUTERS)
    assert found["one"].derivation.label == "wholly_derived"


def test_siblings_under_one_agency_are_no_parents_of_each_other():
    witnesses = [witness(name, order, credit(REUTERS)) for order, name in enumerate(["one", "two", "three"])]
    found = trace(witnesses)
    for name in ("one", "two", "three"):
        assert direct(found, name).keys() == {ORGANISATION_NODE + "reuters"}


def test_the_uncredited_sibling_of_credited_ones_descends_from_their_agency_less_surely():
    found = trace([witness("one", 1, credit(REUTERS)), witness("two", 2, credit(REUTERS)), witness("bare", 3)])
    link = direct(found, "bare")[ORGANISATION_NODE + "reuters"]
    assert {e.kind for e in link.evidence} == {"sibling_credit"}
    assert {e.text.split()[0] for e in link.evidence} == {"one", "two"}
    assert link.confidence < direct(found, "one")[ORGANISATION_NODE + "reuters"].confidence
    assert found["bare"].origin.organisation == REUTERS


def test_of_many_credited_siblings_the_first_three_are_named_in_whatever_order_they_are_given():
    witnesses = [*(witness(f"n{i}", i, credit(REUTERS)) for i in range(6)), witness("bare", 9)]
    found = trace(witnesses)
    [link] = found["bare"].links
    assert [e.text.split()[0] for e in link.evidence] == ["n0", "n1", "n2"]
    assert trace(witnesses[::-1]) == found


def test_no_agency_is_named_for_an_uncredited_sibling_when_the_credits_disagree_evenly():
    found = trace([witness("one", 1, credit(REUTERS)), witness("two", 2, credit(AFP)), witness("bare", 3)])
    assert found["bare"].links == ()
    assert found["bare"].origin.kind == "undetermined"


def test_where_nothing_is_known_the_origin_is_undetermined_with_the_reason():
    found = trace([witness("one", 1)])
    assert found["one"].links == ()
    assert found["one"].origin.kind == "undetermined"
    assert found["one"].origin.reason == "no_credit_and_no_earlier_copy"
    assert found["one"].origin.confidence == 0


def test_time_alone_makes_no_link_and_a_full_copy_is_not_called_independent():
    found = trace([witness("first", 1), witness("second", 500)])
    assert found["first"].links == found["second"].links == ()
    assert found["second"].origin.kind == "undetermined"
    assert found["first"].derivation.label == "independent"
    assert found["second"].derivation.label == "undetermined"


@pytest.mark.parametrize(
    ("order", "share", "label"),
    [(1, 0.6, "undetermined"), (1, 0.2, "independent"), (3, 0.6, "independent")],
    ids=["an earlier one", "background", "a later one"],
)
def test_what_shares_much_with_an_earlier_article_of_another_report_is_not_called_independent(order, share, label):
    outside = {"second": [(witness("other", order), Kinship(share, share))]}
    found = trace([witness("second", 2)], outside=outside)
    assert found["second"].links == ()
    assert found["second"].derivation.label == label


def test_a_local_report_that_others_credit_stays_independent_whoever_came_first():
    witnesses = [witness("copy", 1, credit(ECHO, "republication")), witness("local", 9, by=ECHO)]
    found = trace(witnesses)
    assert direct(found, "copy").keys() == {"local"}
    assert found["local"].derivation.label == "independent"


def test_shared_edits_point_to_the_carrier_and_not_to_the_ingested_agency_article():
    witnesses = [witness("wire", 1, by=REUTERS), witness("carrier", 2, credit(REUTERS)), witness("copyist", 3)]
    agreements = {("copyist", "wire"): 0.8, ("copyist", "carrier"): 1.0, ("carrier", "wire"): 0.8}
    found = trace(witnesses, agreements=agreements)
    assert direct(found, "copyist").keys() == {"carrier"}
    assert found["copyist"].origin.article_id == "wire"
    # Without edits that came along the agency's own article is the nearest source.
    assert direct(trace(witnesses), "copyist").keys() == {"wire"}


def test_page_furniture_that_only_two_articles_share_shows_who_copied_from_whom():
    shared = {11, 12, 13}
    witnesses = [
        witness("one", 1, credit(REUTERS), readings=shared),
        witness("two", 2, credit(REUTERS)),
        witness("copyist", 3, readings=shared),
    ]
    link = direct(trace(witnesses), "copyist")["one"]
    assert "shared_reading" in {e.kind for e in link.evidence}
    # Furniture that stands everywhere says nothing.
    assert direct(trace(witnesses, sightings=lambda _: 9), "copyist").keys() == {ORGANISATION_NODE + "reuters"}


def test_a_carrier_that_lacks_a_part_is_not_the_source_of_it_when_the_original_is_at_hand():
    line = credit(REUTERS, "source_line")
    witnesses = [witness("wire", 1, by=REUTERS), witness("cut", 2, line, readings={11}), witness("whole", 3, line, readings={11})]
    assert direct(trace(witnesses, {("whole", "cut"): 0.75}), "whole").keys() == {"wire"}


def test_a_mixed_credit_to_two_agencies_is_two_sources():
    mixed = [credit(o, "mixed_source", "partial") for o in (REUTERS, AFP)]
    found = trace([witness("mix", 1, *mixed)], default=0)
    assert direct(found, "mix").keys() == {ORGANISATION_NODE + "reuters", ORGANISATION_NODE + "afp"}
    assert {link.carry for link in found["mix"].links} == {"partial"}
    assert found["mix"].organisations == (AFP, REUTERS)


def test_a_mixed_credit_keeps_the_agency_article_of_another_report_as_its_second_source():
    mix = witness("mix", 3, *(credit(o, "mixed_source", "partial") for o in (REUTERS, AFP)))
    other = witness("afp-item", 2, by=AFP)
    found = trace([witness("wire", 1, by=REUTERS), mix], {("mix", "wire"): 0.6}, outside={"mix": [(other, Kinship(0.3, 0.3))]})
    assert direct(found, "mix").keys() == {"wire", "afp-item"}
    assert found["mix"].derivation.label == "wholly_derived"  # 0.6 and 0.3 together


def test_a_credited_outlet_stands_between_the_article_and_the_agency_that_its_lines_name():
    found = trace([witness("one", 1, credit(ECHO, "source_line"), credit(REUTERS, "byline"))], default=0)
    nodes = {(link.source, link.target) for link in found["one"].links}
    assert nodes == {("org:velden-echo", "one"), ("org:reuters", "org:velden-echo")}
    assert found["one"].origin.organisation == REUTERS
    assert {o.id for o in found["one"].organisations} == {"reuters", "velden-echo"}


def test_what_several_lines_say_of_an_agency_above_the_outlet_counts_together():
    """A sentence of the agency's own reporters says nothing of how much was carried; the mixed credit below it does."""
    lines = (
        credit(REUTERS, "self_reference", "unknown", paragraph=1),
        credit(ECHO, "source_line", paragraph=6),
        credit(REUTERS, "mixed_source", "partial", paragraph=5),
    )
    found = trace([witness("a", 0, *lines)], default=0)
    [above] = [link for link in found["a"].links if link.target != "a"]
    assert (above.source, above.carry, {e.paragraph for e in above.evidence}) == ("org:reuters", "partial", {1, 5})


def test_a_late_first_version_is_still_the_first():
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    first, update = (
        witness("first", 2, by=REUTERS, published=noon),
        witness("update", 1, by=REUTERS, published=noon + timedelta(hours=1)),
    )
    found = trace([update, first], {("update", "first"): 0.7, ("first", "update"): 0.9})
    assert direct(found, "update")["first"].relation == "revision"
    assert found["first"].links == ()


def test_a_picture_credit_is_a_link_that_carries_no_text():
    found = trace([witness("one", 1, credit(REUTERS, "photo"), credit(REUTERS, "photo", confidence=0.8))])
    (link,) = found["one"].links
    assert (link.source, link.relation, link.share) == (ORGANISATION_NODE + "reuters", "photo", 0.0)
    assert found["one"].organisations == (REUTERS,)
    assert found["one"].origin.kind == "undetermined"
    assert found["one"].derivation.label == "independent"


def test_who_supplies_the_words_is_not_named_again_for_the_picture():
    found = trace([witness("one", 1, credit(REUTERS, "dateline"), credit(REUTERS, "photo"), credit(AFP, "photo"))])
    assert {(link.source, link.relation) for link in found["one"].links} == {
        (ORGANISATION_NODE + "reuters", "carried"),
        (ORGANISATION_NODE + "afp", "photo"),
    }
    assert found["one"].origin.organisation == REUTERS


def test_whose_article_is_the_source_is_not_named_again_for_the_picture():
    found = trace([witness("wire", 1, by=REUTERS), witness("one", 2, credit(REUTERS, "dateline"), credit(REUTERS, "photo"))])
    assert {link.source for link in found["one"].links} == {"wire"}


def test_what_two_sources_both_hold_counts_once():
    reuters, afp = witness("reuters", 1, by=REUTERS), witness("afp", 2, by=AFP)
    mixed = witness("mixed", 3, credit(REUTERS, "mixed_source", "partial"), credit(AFP, "mixed_source", "partial"))
    outside = {"mixed": [(afp, Kinship(0.6, 0.6))]}
    found = trace([reuters, mixed], {("mixed", "reuters"): 0.7}, outside=outside, unexplained=lambda key, sources: 0.1)
    assert direct(found, "mixed").keys() == {"reuters", "afp"}
    derivation = found["mixed"].derivation
    assert (derivation.label, derivation.share) == ("partially_derived", 0.9)


def test_copy_in_another_language_is_a_translation():
    wire = replace(witness("wire", 1, by=REUTERS), language="en")
    found = trace([wire, replace(witness("one", 2), language="de-AT"), replace(witness("two", 3), language="en-GB")])
    assert direct(found, "one")["wire"].relation == "translation"
    assert direct(found, "two")["wire"].relation == "carried"
    credited = trace([witness("three", 1, credit(REUTERS, "translation"))])
    assert direct(credited, "three")[ORGANISATION_NODE + "reuters"].relation == "translation"


@pytest.mark.parametrize("by", [REUTERS, ECHO])
def test_an_update_by_the_same_outlet_is_a_revision(by):
    found = trace([witness("old", 1, by=by), witness("new", 2, by=by)], {("new", "old"): 0.7, ("old", "new"): 0.9})
    link = direct(found, "new")["old"]
    assert link.relation == "revision"
    assert "time" in link.basis
    assert "credit" not in link.basis
    assert found["old"].links == ()


def units_of(held):
    """What is `unexplained` where `held` names the units of each article, all of one length."""

    def unexplained(key, sources):
        mine = held[key.removeprefix("key-")]
        theirs = {unit for source in sources for unit in held[source.removeprefix("key-")]}
        return sum(unit not in theirs for unit in mine) / len(mine)

    return unexplained


def shares_of(held):
    return {(a, b): sum(unit in held[b] for unit in held[a]) / len(held[a]) for a in held for b in held if a != b}


def trace_units(witnesses, held, **more):
    return trace(witnesses, shares_of(held), unexplained=units_of(held), **more)


def link_of(source, target, relation):
    return Link(f"{source}>{target}", source, target, relation, "full", 1.0, ("text",), (), 0.9)


def labels(found):
    return {name: (one.derivation.label, round(one.derivation.share, 2)) for name, one in found.items()}


def test_what_an_outlet_has_from_its_own_earlier_version_is_its_own():
    by = outlet("echo")
    held = {"first": "abcdef", "amp": "abcdef", "update": "abcdXYZ", "last": "abXYZQ"}
    found = trace_units([witness(name, order, by=by) for order, name in enumerate(held, 1)], held)
    assert {link.relation for name in ("amp", "update", "last") for link in found[name].links} == {"revision"}
    assert labels(found) == dict.fromkeys(held, ("independent", 0.0))


def test_the_update_of_a_reprint_is_as_derived_as_what_it_keeps_of_it():
    by = outlet("echo")
    held = {"wire": "abcdefghij", "first": "abcdefgh", "same": "abcdefgh", "update": "abcdefWXYZ", "rest": "abWXYZPQRS"}
    witnesses = [
        witness("wire", 1, by=REUTERS),
        witness("first", 2, credit(REUTERS), by=by),
        *(witness(name, order, by=by) for order, name in ((3, "same"), (4, "update"), (5, "rest"))),
    ]
    found = trace_units(witnesses, held)
    assert [direct(found, name).popitem()[1].relation for name in ("same", "update", "rest")] == ["revision"] * 3
    assert labels(found) == {
        "wire": ("independent", 0.0),
        "first": ("wholly_derived", 1.0),
        "same": ("wholly_derived", 1.0),
        "update": ("partially_derived", 0.6),
        "rest": ("independent", 0.2),  # no more than background is left of the reprint
    }
    assert found["update"].origin.article_id == "wire"


def test_the_update_of_a_reprint_whose_source_was_never_seen_is_derived_too():
    by = outlet("echo")
    held = {"first": "abcdefgh", "same": "abcdefgh", "update": "abcdWXYZ", "rest": "aWXYZPQR"}
    witnesses = [witness("first", 1, credit(REUTERS), by=by)]
    witnesses += [witness(name, order, by=by) for order, name in ((2, "same"), (3, "update"), (4, "rest"))]
    found = trace_units(witnesses, held, sightings=lambda _: 0)
    assert found["same"].derivation.label == "wholly_derived"
    assert found["update"].derivation.label == "partially_derived"
    assert 0.3 < found["update"].derivation.share <= 0.5
    assert found["rest"].derivation.label == "independent"


def test_an_outlet_may_publish_its_article_anew_very_often():
    by = outlet("echo")
    order_of = {f"key-{number}": number for number in range(1200)}

    def kinship(a, b):
        return Kinship(1.0, 1 - abs(order_of[a] - order_of[b]) / 10_000)

    witnesses = [witness(str(number), number, *([credit(REUTERS)] if not number else []), by=by) for number in range(1200)]
    verdicts = Verdicts(
        ReportEvidence(witnesses, kinship, lambda a, b: None, lambda _: 0, lambda key, sources: 0.0 if sources else 1.0, {}),
        {"0": [link_of(ORGANISATION_NODE + "reuters", "0", "carried")]}
        | {str(number): [link_of(str(number - 1), str(number), "revision")] for number in range(1, 1200)},
        REUTERS,
        {},
    )
    assert verdicts.derivation(witnesses[-1]).label == "wholly_derived"


def test_an_update_that_takes_up_an_agencys_own_update_is_derived_from_that_too():
    by = outlet("echo")
    held = {"wire": "abcdef", "first": "abcdef", "later": "abcdefXYZ", "update": "abcdefXYZ"}
    witnesses = [
        witness("wire", 1, by=REUTERS),
        witness("first", 2, by=by),
        witness("later", 3, by=REUTERS),
        witness("update", 4, by=by),
    ]
    found = trace_units(witnesses, held)
    assert direct(found, "update").keys() == {"first"}
    assert labels(found)["update"] == ("wholly_derived", 1.0)


def test_who_copies_a_version_or_its_update_is_derived_and_they_are_not():
    by = outlet("echo")
    named = Organisation("named:echo", "echo", "outlet")
    held = {"first": "abcdef", "copied": "abcdef", "update": "abcdXYZ", "copied_later": "abcdXYZ", "uncredited": "abcdef"}
    witnesses = [
        witness("first", 1, by=by),
        witness("copied", 2, credit(named, "source_line")),
        witness("uncredited", 3),
        witness("update", 4, by=by),
        witness("copied_later", 5, credit(named, "source_line")),
    ]
    found = trace_units(witnesses, held, sightings=lambda _: 0)
    assert direct(found, "copied").keys() == {"first"}
    assert direct(found, "copied_later").keys() == {"update"}
    assert direct(found, "update")["first"].relation == "revision"
    assert labels(found) == {
        "first": ("independent", 0.0),
        "copied": ("wholly_derived", 1.0),
        "uncredited": ("undetermined", 0.0),
        "update": ("independent", 0.0),
        "copied_later": ("wholly_derived", 1.0),
    }


def test_an_update_whose_new_part_stood_elsewhere_before_is_not_called_independent():
    by = outlet("echo")
    held = {"first": "abcdef", "other": "XYZabc", "update": "abcdefXYZ"}
    witnesses = [witness("first", 1, by=by), witness("other", 2), witness("update", 3, by=by)]
    found = trace_units(witnesses, held, sightings=lambda _: 0)
    assert direct(found, "update").keys() == {"first"}
    assert found["update"].derivation.label == "undetermined"


def test_two_articles_of_which_nobody_knows_the_outlet_are_not_of_one():
    nobody = Organisation("unknown", "", "outlet")
    found = trace([witness("first", 1, by=nobody), witness("again", 2, by=nobody)])
    assert found["again"].derivation.label == "wholly_derived"


def briefing(*rest, named=(), own="GC", order=9, is_roundup=True, by=None):
    """A briefing with units of its own and those of each item (outlet, order, units), which is another report with one more."""
    items = {f"item{number}": item for number, item in enumerate(rest)}
    held = {name: units + name[-1] for name, (_, _, units) in items.items()}
    held["briefing"] = own + "".join(units for _, _, units in items.values())
    sources = [witness(name, at, by=outlet_) for name, (outlet_, at, _) in items.items()]
    shares = shares_of(held)
    outside = [(one, Kinship(shares["briefing", one.id], shares["briefing", one.id])) for one in sources]
    parts = frozenset(items) if is_roundup else frozenset()
    found = trace_units(
        [witness("briefing", order, *named, by=by)], held, outside={"briefing": outside}, parts={"briefing": parts}
    )
    return found["briefing"]


ITEMS = [(REUTERS, number, units) for number, units in enumerate(("ab", "cd", "ef", "hi"), 1)]


def test_a_roundup_of_an_agencys_items_is_derived_from_all_of_them():
    found = briefing(*ITEMS)
    assert {(link.source, link.relation, link.carry, link.basis) for link in found.links} == {
        (f"item{number}", "carried", "partial", ("text",)) for number in range(4)
    }
    assert (found.derivation.label, found.derivation.share) == ("partially_derived", 0.8)
    assert (found.origin.kind, found.origin.organisation) == ("organisation", REUTERS)
    assert briefing(*ITEMS, own="").derivation.label == "wholly_derived"


def test_it_makes_no_difference_to_a_roundup_that_it_names_the_agency_but_to_the_confidence():
    named, unnamed = briefing(*ITEMS, named=[credit(REUTERS, "source_line")]), briefing(*ITEMS)
    assert {link.source for link in named.links} == {link.source for link in unnamed.links}
    assert named.derivation.share == unnamed.derivation.share
    assert named.derivation.confidence > unnamed.derivation.confidence


def test_a_roundup_that_names_another_agency_has_its_items_from_that_one():
    found = briefing(*ITEMS, named=[credit(AFP, "source_line")])
    assert {link.source for link in found.links} == {ORGANISATION_NODE + "afp"}


def test_a_roundup_of_several_outlets_items_has_no_one_origin():
    late = outlet("late")
    found = briefing((outlet("echo"), 1, "ab"), (outlet("post"), 2, "cd"), (REUTERS, 3, "ef"), (late, 12, "hi"))
    assert {link.source: link.basis for link in found.links} == {
        "item0": ("text", "time"),
        "item1": ("text", "time"),
        "item2": ("text",),
    }
    assert (found.derivation.label, found.derivation.share) == ("partially_derived", 0.6)
    assert (found.origin.kind, found.origin.reason) == ("undetermined", "several_sources")


def test_whose_items_came_after_the_roundup_is_no_source_of_it_unless_an_agency():
    later = [(outlet(f"paper{number}"), 10 + number, units) for number, (_, _, units) in enumerate(ITEMS)]
    found = briefing(*later)
    assert found.links == ()
    assert found.derivation.label == "independent"
    assert briefing(*ITEMS, order=0).derivation.label == "partially_derived"


def test_an_item_that_fills_no_more_than_background_makes_no_roundup_derived():
    found = briefing((REUTERS, 1, "ab"), own="GCDEFHIJ")
    assert found.links == ()
    assert found.derivation.label == "independent"


@pytest.mark.parametrize(("own", "label"), [("GC", "undetermined"), ("GCDEFHIJ", "independent")])
def test_who_takes_little_from_each_of_many_is_not_called_independent_once_that_is_most_of_it(own, label):
    found = briefing(
        *((outlet(f"paper{number}"), number, units) for number, units in enumerate("abcdefhi", 1)), own=own, is_roundup=False
    )
    assert found.links == ()
    assert found.derivation.label == label


def test_what_stands_in_two_others_is_not_most_of_an_article_for_being_counted_twice():
    held = {"report": "abcdefGHIJKL", "old": "ab", "older": "ab", "oldest": "ab", "first": "ab"}
    sources = [witness(name, order) for order, name in enumerate(list(held)[1:], 1)]
    outside = [(one, Kinship(0.2, 0.2)) for one in sources]
    found = trace_units([witness("report", 9)], held, outside={"report": outside})
    assert found["report"].derivation.label == "independent"


def test_quotations_that_many_have_leave_a_report_independent():
    """Who explains a quotation is known, but it is no share of the copy."""
    held = {"report": "abcdefGH", **{name: name for name in "abcdef"}}
    outside = [(witness(name, order), Kinship(0.08, 0.08)) for order, name in enumerate("abcdef", 1)]
    found = trace_units([witness("report", 9)], held, outside={"report": outside})
    assert found["report"].derivation.label == "independent"


def test_two_reports_of_one_outlet_that_share_only_background_are_no_revisions():
    found = trace([witness("old", 1, by=ECHO), witness("new", 2, by=ECHO)], default=0.2)
    assert found["new"].links == ()


def test_articles_that_credit_each_other_do_not_descend_from_each_other():
    one, two = outlet("one"), outlet("two")
    witnesses = [
        witness("one", 1, credit(two, "via", confidence=0.6), by=one),
        witness("two", 2, credit(one, "republication", confidence=0.9), by=two),
    ]
    found = trace(witnesses)
    assert direct(found, "two").keys() == {"one"}  # the surer credit stands
    assert "two" not in direct(found, "one")


ORGANISATIONS = [REUTERS, AFP, ECHO, outlet("n0"), outlet("n1"), Organisation("unnamed", "agencies", "unnamed")]
KINDS = ["dateline", "byline", "source_line", "mixed_source", "via", "republication", "photo", "self_reference", "copyright"]
credits_of_one = st.lists(
    st.builds(
        credit,
        st.sampled_from(ORGANISATIONS),
        st.sampled_from(KINDS),
        st.sampled_from(["full", "partial", "unknown"]),
        st.sampled_from([0.3, 0.6, 0.9, 1.0]),
    ),
    max_size=3,
)


@st.composite
def reports(draw):
    size = draw(st.integers(1, 5))
    witnesses = [
        witness(
            f"n{i}",
            i,
            *draw(credits_of_one),
            by=draw(st.sampled_from([outlet(f"n{i}"), REUTERS, ECHO, AFP])),
            readings=draw(st.sets(st.integers(0, 4), max_size=3)),
            published=NOON + timedelta(minutes=draw(st.integers(-90, 90))),
        )
        for i in range(size)
    ]
    part = st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0])
    pairs = [(f"n{i}", f"n{j}") for i in range(size) for j in range(size) if i != j]
    shares = {pair: draw(part) for pair in pairs}
    agreements = {pair: shares[pair] * draw(st.sampled_from([0.5, 0.8, 1.0])) for pair in pairs}
    outside = {}
    if draw(st.booleans()):
        outside["n0"] = [(witness("far", 99, by=draw(st.sampled_from([REUTERS, ECHO]))), Kinship(draw(part), 0.1))]
    return witnesses, shares, agreements, outside


@settings(max_examples=200, deadline=None)
@given(reports(), st.randoms(use_true_random=False))
def test_history_is_sound_whatever_the_witnesses_say(report, chance: random.Random):
    witnesses, shares, agreements, outside = report
    found = trace(witnesses, shares, agreements=agreements, outside=outside)
    known = {w.id for w in witnesses} | {w.id for rows in outside.values() for w, _ in rows}
    edges = set()
    for name, traced in found.items():
        organisations = {ORGANISATION_NODE + o.id for o in traced.organisations}
        for link in traced.links:
            assert {link.source, link.target} <= known | organisations
            assert link.source != link.target
            assert 0 <= link.confidence <= 1
            assert 0 <= link.share <= 1
            assert link.basis
            assert set(link.basis) != {"time"}
            assert all(0 <= e.weight <= 1 for e in link.evidence)
            edges.add((link.source, link.target))
        assert len({link.id for link in traced.links}) == len(traced.links)
        assert 0 <= traced.derivation.share <= 1
        assert 0 <= traced.derivation.confidence <= 1
        assert 0 <= traced.origin.confidence <= 1
        assert (traced.origin.kind == "undetermined") == (traced.origin.reason is not None)
        assert (traced.origin.kind == "article") == (traced.origin.article_id is not None)
        if traced.origin.kind == "organisation":
            assert traced.origin.organisation is not None
        assert not traced.links or name in {link.target for link in traced.links}
    articles = {(a, b) for a, b in edges if a in found and b in found}
    while articles:  # take away what has no source until nothing is left; a cycle would stay
        roots = {a for a, _ in articles} - {b for _, b in articles}
        assert roots, f"a cycle among {articles}"
        articles = {(a, b) for a, b in articles if a not in roots}
    again = chance.sample(witnesses, len(witnesses))
    assert trace(again, shares, agreements=agreements, outside=outside) == found


# An agency's later version, the first one never seen.

_UNSEEN = ORGANISATION_NODE + "reuters"


def _versions(*more, update_claims=60):
    early = [witness(name, order, credit(REUTERS, "dateline")) for order, name in enumerate(["one", "two", "three"])]
    return [*early, witness("update", 60, by=REUTERS, published=NOON + timedelta(minutes=update_claims)), *more]


def test_what_came_before_an_agencys_later_version_carried_the_version_that_nobody_saw():
    found = trace(_versions(), default=0.8)
    for name in ("one", "two", "three"):
        assert direct(found, name).keys() == {_UNSEEN}
        assert found[name].origin.organisation == REUTERS
    link = direct(found, "update")[_UNSEEN]
    assert (link.relation, {e.kind for e in link.evidence}) == ("revision", {"earlier_carrier"})
    assert found["update"].organisations == (REUTERS,)
    assert (found["update"].origin.kind, found["update"].origin.article_id) == ("article", "update")
    assert found["update"].derivation.label == "independent"


def test_an_original_that_is_only_taken_in_late_is_the_source_of_its_carriers():
    found = trace(_versions(update_claims=-5), default=0.8)
    assert all(direct(found, name).keys() == {"update"} for name in ("one", "two", "three"))
    assert found["update"].links == ()


@pytest.mark.parametrize("fault", ["midnight", "missing", "one alone"])
def test_a_weak_clock_makes_no_later_version(fault):
    def weak(w):
        if fault == "missing":
            return replace(w, published_at=None)
        return replace(w, published_at=NOON.replace(hour=0)) if fault == "midnight" else w

    witnesses = [weak(w) if w.id != "update" else w for w in _versions() if fault != "one alone" or w.id in ("one", "update")]
    found = trace(witnesses, default=0.8)
    assert all(direct(found, w.id).keys() == {"update"} for w in witnesses if w.id != "update")


def test_after_a_later_version_the_wording_tells_which_one_was_carried():
    old, new = (witness(name, order, credit(REUTERS, "dateline")) for order, name in ((90, "old"), (91, "new")))
    agreements = {("old", "one"): 0.8, ("old", "update"): 0.6, ("new", "one"): 0.6, ("new", "update"): 0.8}
    found = trace(_versions(old, new), default=0.8, agreements=agreements)
    assert direct(found, "old").keys() == {_UNSEEN}
    assert direct(found, "new").keys() == {"update"}


# Wording that one carrier alone shows, where no original is at hand.


@pytest.mark.parametrize(("nearest", "source"), [(0.8, "one"), (0.95, _UNSEEN)])
def test_a_copy_to_the_letter_of_one_carrier_alone_comes_from_it(nearest, source):
    witnesses = [witness(name, order, credit(REUTERS, "dateline")) for order, name in enumerate(["one", "two", "three"])]
    witnesses.append(witness("copy", 9))
    agreements = {("copy", "one"): 1.0, ("copy", "two"): nearest, ("copy", "three"): 0.7}
    found = trace(witnesses, agreements=agreements, default=1.0)
    assert direct(found, "copy").keys() == {source}


def test_what_the_learned_figures_say_of_links_and_origins_is_what_is_shown():
    figures = {"credit": (1.0, 0.5), "origin": (2.0, 0.5)}
    witnesses = [
        witness("wire", 1, by=REUTERS),
        witness("reprint", 2, credit(REUTERS, "dateline", confidence=0.9), credit(AFP, "photo")),
    ]
    plain, learned = (trace(witnesses, certainty=certainty)["reprint"] for certainty in (None, Certainty(figures)))
    links = {link.source: (link.confidence, other.confidence) for link, other in zip(plain.links, learned.links, strict=True)}
    before, after = links["wire"]
    assert after == pytest.approx(1 / (1 + math.exp(-1.0 - 0.5 * math.log(before / (1 - before)))), abs=6e-4)
    assert links[ORGANISATION_NODE + "afp"] == (0.9, 0.9)
    sure = plain.origin.confidence
    assert learned.origin.confidence == min(0.98, round(1 / (1 + math.exp(-2.0 - 0.5 * math.log(sure / (1 - sure)))), 3))
    assert learned.derivation == plain.derivation
