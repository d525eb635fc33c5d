"""The exports say what the graph says, in every reader's syntax, whatever the texts contain."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prov.model import ProvDocument

from service.domain.models import Link, UnitPair
from service.flows import story_views, views
from service.flows.exports.forest import forests, times_shown
from service.flows.exports.graph import StoryGraph, copy_kinds
from service.flows.exports.graphviz import graphviz
from service.flows.exports.layout import BOX_H, MOST_ROWS, WIDTH, Layout, arrange
from service.flows.exports.prov import prov_json
from service.flows.exports.shapes import fitted, text_width
from service.flows.exports.svg import svg
from service.flows.exports.timeline import Timeline

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def article(ident: str, minutes: float | None = 0, report: str = "r1", **changes: Any) -> story_views.ArticleNodeView:
    at = NOON + timedelta(minutes=minutes or 0)
    fields: dict[str, Any] = {
        "id": ident, "kind": "article", "article_id": ident, "title": f"Quay {ident}", "url": f"https://o.example/{ident}",
        "outlet": views.OutletView(site=f"{ident}.example", name=f"Outlet {ident}"), "outlet_class": "outlet",
        "published_at": at if minutes is not None else None, "observed_at": at, "report_id": report, "derivation": "wholly_derived",
    }  # fmt: skip
    return story_views.ArticleNodeView(**fields | changes)


def organisation(ident: str, kind: Any = "agency", **changes: Any) -> story_views.OrganisationNodeView:
    fields: dict[str, Any] = {
        "id": f"org:{ident}",
        "kind": "organisation",
        "name": ident,
        "site": None,
        "organisation_class": kind,
    }
    return story_views.OrganisationNodeView(**fields | changes)


def link(source: str, target: str, confidence: float = 0.8, **changes: Any) -> views.LinkView:
    evidence = [views.EvidenceView(kind="credit:byline", text='By "Reuters" \\ staff', weight=0.9, paragraph=0, start=3, end=10)]
    fields: dict[str, Any] = {
        "id": f"{source}>{target}", "source": source, "target": target, "relation": "carried", "carry": "full", "share": 0.97,
        "basis": ["credit", "text"], "evidence": evidence, "confidence": confidence,
    }  # fmt: skip
    return views.LinkView(**fields | changes)


def graph(nodes: list[Any], links: list[views.LinkView] | None = None, title: str = "Quay", **changes: Any) -> StoryGraph:
    return StoryGraph("S1", title, 3, NOON, story_views.StoryProvenanceView(nodes=nodes, links=links or []), **changes)


FULL = graph(
    [
        article("w", 0, outlet_class="agency", derivation="independent"),
        article("a", 10),
        article("b", 20),
        article("u", 60, outlet=views.OutletView(site="a.example", name="Outlet a")),
        article("x", 30, report="r2"),
        article("t", None, report="r2"),
        organisation("reuters", site="w.example"),
        organisation("bild", "outlet"),
    ],
    [
        link("w", "a", 0.95),
        link("a", "b", 0.4),
        link("a", "u", 0.9, relation="revision"),
        link("org:bild", "x", 0.7),
        link("org:reuters", "org:bild", 0.6),
        link("b", "x", 0.2),
        link("x", "t", 0.5, relation="translation"),
    ],
    kinds={"w>a": "verbatim", "a>b": "paraphrase"},
)


# PROV


def read(text: str) -> ProvDocument:
    return ProvDocument.deserialize(content=text, format="json")


def test_prov_is_read_and_written_again_without_loss() -> None:
    ours = prov_json(FULL)
    first = read(ours)
    again = first.serialize(format="json")
    assert read(again) == first
    back, sent = json.loads(again), json.loads(ours)
    for part in ("entity", "agent", "activity", "wasDerivedFrom", "wasAttributedTo", "used"):
        assert back[part].keys() == sent[part].keys()
    for ident, stated in sent["wasDerivedFrom"].items():
        assert float(back["wasDerivedFrom"][ident]["wiretrace:confidence"]["$"]) == float(stated["wiretrace:confidence"]["$"])
        assert back["wasDerivedFrom"][ident]["wiretrace:evidence"] == stated["wiretrace:evidence"][0]


def test_prov_names_each_kind_of_derivation() -> None:
    document = json.loads(prov_json(FULL))
    kinds = {
        (stated["prov:usedEntity"], stated["prov:generatedEntity"]): [kind["$"] for kind in stated.get("prov:type", [])]
        for stated in document["wasDerivedFrom"].values()
    }
    assert kinds == {
        ("article:w", "article:a"): ["prov:PrimarySource", "prov:Quotation"],
        ("article:a", "article:b"): [],
        ("article:a", "article:u"): ["prov:Revision"],
        ("copy:bild", "article:x"): [],
        ("copy:reuters", "copy:bild"): ["prov:PrimarySource"],
        ("article:b", "article:x"): [],
        ("article:x", "article:t"): ["wiretrace:Translation"],
    }
    # The agency's own article and its unseen copy have one publisher.
    publishers = {stated["prov:entity"]: stated["prov:agent"] for stated in document["wasAttributedTo"].values()}
    assert publishers["article:w"] == publishers["copy:reuters"] == "organisation:reuters"
    assert publishers["article:a"] == publishers["article:u"] == "outlet:a.example"
    assert len(document["hadMember"]) == 6


def test_prov_leaves_another_storys_article_out_of_this_one() -> None:
    document = json.loads(prov_json(graph([article("a"), article("z")], [link("z", "a")], outside=frozenset({"z"}))))
    assert [stated["prov:entity"] for stated in document["hadMember"].values()] == ["article:a"]
    assert "article:z" in document["entity"]


def test_prov_keeps_pictures_apart_and_every_piece_of_evidence() -> None:
    pieces = [views.EvidenceView(kind=kind, text=kind, weight=0.5) for kind in ("credit:dateline", "shared_text", "time")]
    links = [link("a", "b", evidence=pieces), link("org:getty", "b", 0.9, relation="photo")]
    ours = prov_json(graph([article("a"), article("b", 5), organisation("getty")], links))
    back = json.loads(read(ours).serialize(format="json"))
    stated = {row["prov:usedEntity"]: row for row in back["wasDerivedFrom"].values()}
    assert sorted(json.loads(piece)["kind"] for piece in stated["article:a"]["wiretrace:evidence"]) == [
        "credit:dateline", "shared_text", "time",
    ]  # fmt: skip
    assert "wiretrace:Photo" in json.dumps(stated["copy:getty"]["prov:type"])
    assert stated["copy:getty"]["wiretrace:relation"] == "photo"


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_an_export(title: str, name: str, site: str, ident: str) -> None:
    outlet = views.OutletView(site=site, name=name)
    hostile = graph(
        [
            article("a", outlet=outlet, title=title, url=f"https://x.example/{name}"),
            article("b", 5),
            organisation(ident, name=name),
        ],
        [link(f"org:{ident}", "a", evidence=[views.EvidenceView(kind="k", text=title, weight=0.5)]), link("a", "b")],
        title,
    )
    document = read(prov_json(hostile))
    assert read(document.serialize(format="json")) == document
    assert len(list(ET.fromstring(svg(hostile)).iter(f"{SVG}g"))) == 5
    assert dot_tokens_are_balanced(graphviz(hostile))


def dot_tokens_are_balanced(text: str) -> bool:
    """What stands outside quoted strings is only what we write, and every string ends on its line."""
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"', "", text)
    return '"' not in bare and not re.search(r"[^\w\s\[\]{}=,;.>#-]", bare)


def test_graphviz_escapes_what_it_quotes() -> None:
    text = graphviz(graph([article("a", title='"];evil[label="\\N\\'), article("b", 5)], [link("a", "b", 0.5)]))
    assert '\\"];evil[label=\\"\\\\N\\\\' in text
    assert '"a" -> "b"' in text
    assert "penwidth=1.80" in text
    assert "style=dashed" in graphviz(FULL)


# The picture


def test_the_picture_describes_itself_and_loads_nothing() -> None:
    root = ET.fromstring(svg(FULL))
    assert root.get("role") == "img"
    named = {node.get("id"): node.text for node in root if node.get("id")}
    assert set((root.get("aria-labelledby") or "").split()) == named.keys()
    assert "6 articles in 2 reports" in (named["wiretrace-desc"] or "")
    assert not [
        node for node in root.iter() if node.tag.split("}")[1] in {"script", "style", "image", "a", "use", "foreignObject"}
    ]
    assert "href" not in svg(FULL)
    titles = [node.text for node in root.iter(f"{SVG}title")]
    assert any("Outlet a: Quay a (2026-05-04 12:10 UTC; wholly derived) https://o.example/a" in (text or "") for text in titles)
    assert any("Outlet w → Outlet a: carried, full (97% of the body), 95% sure" in (text or "") for text in titles)
    assert svg(FULL).count('stroke-dasharray="5 3.5"') == 2


def test_surer_links_are_thicker_and_darker() -> None:
    def pen(confidence: float) -> tuple[float, float]:
        drawn = svg(graph([article("a"), article("b", 30)], [link("a", "b", confidence)])).split("<g>", 1)[1]
        found = re.search(r'stroke-width="([\d.]+)" stroke-opacity="([\d.]+)"', drawn)
        assert found
        return float(found[1]), float(found[2])

    assert pen(0.2) < pen(0.6) < pen(1.0)


def test_a_clock_that_contradicts_the_source_is_marked() -> None:
    drawn = svg(graph([article("a", 60), article("b", 0)], [link("a", "b")]))
    assert "12:00 UTC, before its source" in drawn
    assert 'fill="#b3261e"' in drawn
    assert "no time claimed" in svg(FULL)


def test_a_clock_that_shows_no_time_contradicts_nothing() -> None:
    copy = article("b", 0).model_copy(update={"published_at": datetime(1970, 1, 1, tzinfo=UTC)})
    assert "before its source" not in svg(graph([article("a", 60), copy], [link("a", "b")]))


MOMENTS = st.one_of(st.none(), st.floats(-50_000, 50_000))


@st.composite
def stories(draw: st.DrawFn) -> StoryGraph:
    size = draw(st.integers(1, 25))
    names = [f"n{number}" for number in range(size)]
    nodes: list[Any] = [article(name, draw(MOMENTS), report=f"r{draw(st.integers(0, 3))}") for name in names]
    nodes += [organisation(f"o{number}", draw(st.sampled_from(["agency", "outlet"]))) for number in range(3)]
    pairs = st.tuples(st.sampled_from([*names, "org:o0", "org:o1", "org:o2"]), st.sampled_from([*names, "org:o1"]))
    chosen = draw(st.lists(pairs, max_size=30, unique=True))
    return graph(nodes, [link(a, b, draw(st.floats(0, 1))) for a, b in chosen if a != b and (b in names or a.startswith("org:"))])


@given(stories())
@settings(max_examples=80, deadline=None)
def test_every_article_and_link_is_drawn_and_no_boxes_overlap(story: StoryGraph) -> None:
    layout = arrange(story, 150)
    check_places(layout)
    drawn = [member.id for box in layout.boxes if box.kind != "unseen" for member in box.members]
    assert sorted(drawn) == sorted(node.id for node in story.articles)
    linked = {found.id for arrow in layout.arrows for found in arrow.links}
    assert linked >= {found.id for found in story.view.links if not found.target.startswith("org:")}
    ET.fromstring(svg(story))


def check_places(layout: Layout) -> None:
    boxes = layout.boxes
    for box in boxes:
        assert box.x >= 0
        assert box.right <= WIDTH
        assert box.y + BOX_H <= layout.height
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            apart = one.right <= other.x or other.right <= one.x or one.y + BOX_H <= other.y or other.y + BOX_H <= one.y
            assert apart, (one, other)


def test_long_stories_are_shortened_and_lose_nobody() -> None:
    nodes = [article("w", 0, outlet_class="agency"), *(article(f"a{number}", number * 3) for number in range(150))]
    deep = [article(f"d{number}", 500 + number) for number in range(30)]
    links = [link("w", f"a{number}") for number in range(150)] + [link(f"a{number}", f"d{number}") for number in range(30)]
    story = graph([*nodes, *deep], links)
    layout = arrange(story, 150)
    check_places(layout)
    assert len(layout.boxes) <= MOST_ROWS
    more = [box for box in layout.boxes if box.kind == "more"]
    assert sum(len(box.members) for box in layout.boxes) == len(story.articles)
    drawn = svg(story)
    assert f"+{len(more[-1].members)} articles" in drawn
    assert len(drawn) < 120_000
    assert [len(trees) for _, trees in forests(story, times_shown(story), 10_000)] == [1]


def test_copies_stand_right_of_their_source_however_close() -> None:
    layout = arrange(graph([article("a", 0), article("b", 0), article("c", 900)], [link("a", "b"), link("b", "c")]), 150)
    xs = {box.key: box.x for box in layout.boxes}
    assert xs["a"] < xs["b"] < xs["c"]


def test_an_article_without_a_claimed_time_stands_with_its_report() -> None:
    late = NOON + timedelta(days=900)
    nodes = [article("a", 0), article("b", 60), article("c", None, observed_at=late), organisation("o")]
    times = times_shown(graph(nodes, [link("org:o", name) for name in "abc"]))
    assert times["c"] == NOON
    assert times_shown(graph([article("c", None, observed_at=late)]))["c"] == late


# The axis


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=40))
def test_time_never_runs_backwards_and_stays_on_the_page(seconds: list[int]) -> None:
    instants = [NOON + timedelta(seconds=value) for value in sorted(seconds)]
    line = Timeline(instants, 100, 900)
    xs = [line.x(instant) for instant in instants]
    assert xs == sorted(xs)
    assert 100 - 1e-6 <= xs[0] <= xs[-1] <= 900 + 1e-6
    ticks = line.ticks()
    assert ticks
    assert ticks[0].day
    assert all(b.x - a.x >= 45 for a, b in pairwise(ticks))
    assert len(ticks) < 40


def test_a_long_silence_is_squeezed_and_named() -> None:
    hours = [0, 1, 2, 3, 100, 101, 102]
    line = Timeline([NOON + timedelta(hours=hour) for hour in hours], 0, 1000)
    (silence,) = line.silences()
    assert silence.label == "4 days"
    assert silence.end - silence.start < line.x(NOON + timedelta(hours=2)) - line.x(NOON + timedelta(hours=1))


@given(st.text(max_size=80), st.floats(20, 300))
def test_cut_text_fits_its_room(text: str, room: float) -> None:
    cut = fitted(text, room, 12)
    assert text_width(cut, 12) <= room + 12
    assert cut == " ".join(cut.split()) or cut.endswith("…")


def test_short_text_is_not_cut() -> None:
    assert fitted("The Gazette", 200, 12) == "The Gazette"
    assert fitted("港の岸壁が崩壊、フェリーが運休", 60, 12).endswith("…")


# Kinds


@pytest.mark.parametrize(
    ("kinds", "wanted"), [(["edited", "edited", "paraphrase"], "edited"), (["paraphrase"], "paraphrase"), ([], None)]
)
def test_the_kind_of_most_units_is_the_links(kinds: list[Any], wanted: str | None) -> None:
    units = {("a", 0): ("u0", "u1", "u2"), ("b", 0): ("v0", "v1", "v2")}
    pairs = [
        UnitPair(f"u{place}", f"v{place}", kind, 1, 1, 1, 1, (), {}, "v") for place, kind in enumerate(kinds)
    ]  # fmt: skip
    found = copy_kinds([Link("l", "a", "b", "carried", "full", 1, (), (), 1)], units, pairs)
    assert found.get("l") == wanted


def test_equal_units_are_verbatim() -> None:
    links = [Link("l", "a", "b", "carried", "full", 1, (), (), 1), Link("o", "org:x", "b", "carried", "full", 1, (), (), 1)]
    assert copy_kinds(links, {("a", 0): ("u",), ("b", 0): ("u",)}, []) == {"l": "verbatim"}
