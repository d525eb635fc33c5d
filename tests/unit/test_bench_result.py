"""The judgement on committed figures, and the plot."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from bench.quality.chart import reliability_svg
from bench.quality.metrics import Bin
from bench.quality.page import page
from bench.quality.result import Figure, Rival, SetResult, falls


def _result(value: float, better: str = "up", noise: float = 0.01) -> SetResult:
    return SetResult("gedikli", "2 articles", [Figure("f", "a figure", value, noise, better)], date="2026-01-02")  # type: ignore[arg-type]


def test_a_fall_within_the_noise_is_none() -> None:
    assert falls(_result(0.89), _result(0.90)) == []
    assert falls(_result(0.95), _result(0.90)) == []


def test_a_fall_beyond_the_committed_noise_is_named() -> None:
    assert falls(_result(0.88, noise=0.5), _result(0.90)) == ["gedikli: a figure was 0.9000 with noise 0.0100, is 0.8800"]


def test_where_less_is_better_a_rise_is_a_fall() -> None:
    assert falls(_result(0.07, "down"), _result(0.05, "down")) != []
    assert falls(_result(0.03, "down"), _result(0.05, "down")) == []


def test_a_plain_count_may_not_fall_at_all_and_an_unjudged_one_may() -> None:
    assert falls(_result(3, noise=0), _result(4, noise=0)) != []
    assert falls(_result(3, "none", 0), _result(4, "none", 0)) == []


def test_a_figure_that_is_gone_is_a_fall() -> None:
    assert falls(SetResult("gedikli", ""), _result(0.9)) == ["gedikli: a figure is no longer measured"]


def test_a_record_comes_back_from_json_as_it_was() -> None:
    result = _result(0.9)
    result.rivals.append(Rival("other", 0.5, False, "why", {"f": 0.4}))
    result.curves["claims"] = [Bin(0.9, 0.8, 10)]
    assert SetResult.of(json.loads(json.dumps(result.record()))) == result


def test_the_page_shows_the_figure_its_noise_and_both_figures_of_the_other_method() -> None:
    result = _result(0.9, "down")
    result.rivals += [Rival("other", 0.5, False, "why", {"f": 0.4}), Rival("other", 0.7, True, "", {"f": 0.45})]
    text = page({"gedikli": result}, "command", "model", {"numpy": "2"})
    assert "| a figure ↓ | 0.900 | 0.010 | 0.400 (0.450) |" in text
    assert "Measured 2026-01-02" in text
    assert "other: 0.5 (why)." in text


def test_the_plot_is_xml_with_a_point_for_each_bin() -> None:
    drawn = ET.fromstring(reliability_svg({"a < b": [Bin(0.2, 0.1, 5), Bin(0.9, 1.0, 5)], "nothing": []}))
    points = drawn.findall(".//{http://www.w3.org/2000/svg}circle")
    assert [(float(p.get("cx", "")), float(p.get("cy", ""))) for p in points] == [(88.0, 224.0), (228.0, 44.0)]
