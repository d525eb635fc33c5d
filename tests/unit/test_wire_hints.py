"""Hints of wire copy from byline, headline and URL: what counts, what says nothing, and the labelled rows where there are any."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.wire_hints import FLAGGED_SHARE, WireHint, wire_hint
from service.registry_files import load_registry

REGISTRY = load_registry()
ROWS = (
    Path(os.environ.get("WIRETRACE_EVALUATION_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    / "wire_bylines"
    / "rows.jsonl"
)


def hint(byline: str = "", headline: str = "", url: str = "", prior: float = 0.2, site: str = "gazette.example") -> WireHint:
    return wire_hint(byline, headline, url, site, "The Gazette", REGISTRY, prior=prior)


@pytest.mark.parametrize(
    ("byline", "organisation"),
    [
        ("Afp Afp", "afp"),
        ('["Afp Afp"]', "afp"),
        ("JOSH FUNK, Associated Press", "associated-press"),
        ("SAMYA KULLAB - Associated Press", "associated-press"),
        ("Associated Press, SEUNG MIN KIM", "associated-press"),
        ("News, Associated Press", "associated-press"),
        ("Kit Maher, Samantha Waldenberg, CNN", "cnn"),
        ("Steph Quinn  Missouri Independent, Steph Quinn Missouri Independent", "states-newsroom"),
        ("Stacker", "stacker"),
        ("Sportradar", "sportradar"),
    ],
)
def test_an_agency_in_the_byline_is_wire(byline: str, organisation: str) -> None:
    found = hint(byline)
    assert found.is_wire
    assert found.organisation is not None
    assert found.organisation.id == organisation
    assert found.confidence > 0.9


@pytest.mark.parametrize(
    "byline", ["Jane Doe", '["Jane Doe", "John Roe"]', "JANE DOE", "Charlie Riedel", "", "[]", "null", "[1, {"]
)
def test_a_personal_name_alone_is_never_wire(byline: str) -> None:
    assert not hint(byline).is_wire
    assert hint(byline).organisation is None
    # Nor does it speak against wire where something else does.
    assert hint(byline, "A review begins", prior=FLAGGED_SHARE).is_wire


@pytest.mark.parametrize(
    ("byline", "headline", "url"),
    [
        ("Martin", "Review of the plan begins", "https://gazette.example/review-of-the-plan-begins"),
        ("KXYZ", "Review of the plan begins", ""),
        ("", "Community calendar: Friday through Monday", ""),
        ("", "Letter to the editor: Keep the bridge", ""),
        ("", "Velden health inspections - May 3 to 6", ""),
        ("", "Jane Doe: What the old bridge taught me", ""),
        ("", "County library seeks volunteers for downtown parade", ""),
        ("", "Rotary club honors two", "https://gazette.example/community/rotary-club-honors-two"),
    ],
)
def test_local_forms_outweigh_another_detectors_flag(byline: str, headline: str, url: str) -> None:
    assert not hint(byline, headline, url, prior=FLAGGED_SHARE).is_wire


def test_an_outlets_own_name_is_no_wire() -> None:
    assert not wire_hint(
        "Reuters Staff", "A review begins", "https://www.reuters.com/world/x", "reuters.com", "Reuters", REGISTRY
    ).is_wire
    assert hint("Reuters Staff").is_wire


@given(st.text(max_size=60), st.text(max_size=80), st.text(max_size=80), st.floats(0.001, 0.999))
def test_any_text_gives_a_hint(byline: str, headline: str, url: str, prior: float) -> None:
    found = hint(byline, headline, url, prior)
    assert 0.5 <= found.confidence <= 1
    assert found == hint(byline, headline, url, prior)


@pytest.mark.skipif(not ROWS.exists(), reason="no labelled data")
def test_labelled_flags_keep_the_measured_bar() -> None:
    from bench.bylines import score

    figures = score(ROWS)["figures"]["all fields"]
    assert figures["errors_removed"] >= 0.95
    assert figures["true_kept"] >= 0.97
