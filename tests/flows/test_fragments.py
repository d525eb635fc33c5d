"""Who tells news of his own beside a fragment of another's is another report; who carries most of it, or begins alike, is not."""

from typing import Any

import pytest

from service.domain.fragments import HALF_CARRIED, MOSTLY_CARRIED
from service.domain.reports import REPORT_THRESHOLD
from service.flows.conclusions import trace_reports
from service.flows.corpus import Corpus
from tests import samples
from tests.flows.parts import Shelf, new_corpus, partitions, reports_in_many_orders

SALES = (
    "Hambro Stores said that turnover at its 61 shops rose 4.9 pct in April to 85 mln crowns from 81 mln a year ago.",
    "It said growth was led by better than average increases in garden tools, summer clothing and kitchen hardware.",
)
TRADE = (
    "Shoppers in Norwald spent more freely in April than anybody had foreseen, yet economists do not speak of an upswing.",
    "Some of the money would otherwise have been spent in May, they argue, because the holidays fell early this time.",
    (
        "Hambro Stores grew by 4.9 pct. Growth was led by better than average increases in garden tools, summer clothing and kitchen "
        "hardware, its chairman said, and by catalogues."
    ),
    "Smaller chains fared worse: a third of them sold less than a year before, and four have closed branches in the north.",
    "Profit margins held, because fewer shops than last spring had to clear their stocks at any price after a mild winter.",
)
OFFER = (
    (
        "Arno Foods said it filed for an initial public offering of 1.6 mln units, each of one common share and one redeemable warrant "
        "to buy another share, at six crowns a unit."
    ),
    "The company bottles mineral water in three valleys and wants to build a fourth plant.",
)
LIST = (
    "The following were announced to the Supervisory Board for Securities in Velden on Monday:",
    "Arno Foods - Initial public offering of 1.6 mln units, each of one common share and one redeemable warrant to buy another share.",
    "Tessin Rail Ltd - Eleven mln crowns of convertible debentures due in 2037 through Lutece Freres, with a coupon to be set.",
    "Quint Gas - Sale of 40,000 depositary receipts by the founder's family, who keep a quarter of the voting rights.",
    "Borel Paper - Rights issue of one for nine, underwritten by a group that Hambro Vale leads; holders vote on June 3.",
)
BUYBACK = (
    "Norwald Motors said its directors authorized the repurchase of up to a fifth of its common stock by the end of 2030.",
    "Purchases this year will not exceed ten million shares and will be paid for from lower spending on new plants.",
    "The works at Orrin will be retooled more slowly than planned, and two press shops go on with the machines they have.",
    "Chairman Ilse Brandt spoke of one overriding objective, which was to build the best vans in an ever harder market.",
)
BROKER = (
    "Lutece Freres said it is quoting Norwald Motors at 77 to 78 crowns after hours.",
    "Norwald Motors said earlier that its directors authorized the repurchase of up to a fifth of its common stock by 2030.",
)
BANKS = (
    "Nine creditor banks of the coffee merchant Teller and Sons met on Monday to discuss how it can fulfil its contracts.",
    "No statement was made, and officials declined to comment.",
    "The nine are Hambro Vale, Lutece Freres, the Landbank of Orrin, Quint Trust, Banca Tessin, Norwald Mutual and Velden Savings.",
)
BANKS_LATER = (
    "The lenders of Teller and Sons are thinking of taking control of the firm themselves, somebody close to them said.",
    "They are prepared to do so if an investor is found who puts in seven mln crowns without asking for a seat on the board.",
    "The nine are Hambro Vale, Lutece Freres, the Landbank of Orrin, Quint Trust, Banca Tessin, Norwald Mutual and Velden Savings.",
)
FIRE = samples.plain(samples.WIRE)

APART = {
    "sales": ("HAMBRO STORES SALES UP 4.9 PCT", 4, 9, SALES),
    "trade": ("NO UPSWING YET, ECONOMISTS WARN RETAILERS", 4, 12, TRADE),
    "offer": ("ARNO FOODS IN INITIAL OFFERING", 4, 9, OFFER),
    "list": ("WHAT THE SUPERVISORS WERE TOLD ON MONDAY", 4, 17, LIST),
    "buyback": ("NORWALD MOTORS TO REPURCHASE COMMON STOCK", 4, 15, BUYBACK),
    "broker": ("LUTECE FRERES QUOTES NORWALD MOTORS STOCK AFTER HOURS", 4, 16, BROKER),
    "banks": ("CREDITOR BANKS OF TELLER AND SONS MEET", 4, 9, BANKS),
    "banks_later": ("BANKS MAY TAKE CONTROL OF TELLER AND SONS", 7, 9, BANKS_LATER),
}
ONE = {
    "fire": ("Fire destroys grain terminal in Velden", 4, 9, FIRE),
    "fire_cut": ("What burned at the quay, and why ships must wait", 6, 9, (FIRE[1], FIRE[2], FIRE[3])),
    "fire_updated": ("Fire destroys grain terminal", 4, 13, (FIRE[0], "Six ships had left the roads by noon, the pilots said.")),
    "fire_next_day": ("Velden: fire at grain terminal is out", 5, 14, ("The fire is out.", FIRE[1], FIRE[4])),
}
BODIES = {
    name: samples.body(
        name, tuple(paragraphs), name, f"{name}.example", title=title, published_at=f"2026-05-{day:02}T{hour:02}:00:00Z"
    )
    for name, (title, day, hour, paragraphs) in (APART | ONE).items()
}
SHELF = Shelf.of({name: samples.prepared(one) for name, one in BODIES.items()})
WANTED = {frozenset({name}) for name in APART}


def test_a_fragment_joins_nothing_in_any_order():
    for reports in reports_in_many_orders(SHELF, APART, 4):
        assert reports == WANTED


@pytest.mark.parametrize(
    ("one", "other"), [("sales", "trade"), ("offer", "list"), ("buyback", "broker"), ("banks", "banks_later")]
)
def test_by_the_copy_alone_they_would_be_one(one, other):
    corpus = SHELF.filled([one, other])
    shares = corpus.shared[corpus.key_of[one]][corpus.key_of[other]]
    assert shares.is_fragment
    assert not shares.is_form
    assert shares.copied >= REPORT_THRESHOLD


@pytest.mark.parametrize("other", [name for name in ONE if name != "fire"])
def test_a_cut_an_update_and_a_later_piece_that_carry_most_are_one_report(other):
    assert partitions(SHELF.filled(["fire", other]))[0] == {frozenset({"fire", other})}


@pytest.mark.parametrize("title", ["NORWALD MOTORS STOCK AFTER REPURCHASE", ""])
def test_under_titles_of_one_subject_it_is_one_report(title):
    bodies = {"buyback": BODIES["buyback"], "broker": BODIES["broker"] | {"title": title}}
    corpus = Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies)
    assert partitions(corpus)[0] == {frozenset(bodies)}


def test_what_was_taken_is_still_traced_to_where_it_came_from():
    corpus = SHELF.filled(["buyback", "broker"])
    match = corpus.match(corpus.key_of["broker"], corpus.key_of["buyback"])
    assert match is not None
    assert [pair.kind for pair in match.pairs] == ["edited"]


COURIER = (
    (
        "Port chiefs in Velden faced angry questions from farmers on Monday night after flames gutted a giant store of wheat, and "
        "residents told how ash rained on their gardens and cars."
    ),
    "Nobody could say on Monday how the fire had started, and the mayor promised an inquiry into the conveyor.",
    *FIRE[2:4],
)
TAKEN = {
    "wire": samples.body("wire", samples.WIRE, "Reuters", "reuters.com", title="Fire destroys grain terminal in Velden"),
    "paper": samples.body("paper", samples.WIRE[1:], "Post", "post.example", title="Velden fire is out"),
    "courier": samples.body("courier", COURIER, "Courier", "courier.example", title="Farmers demand answers over burned wheat"),
}
TAKEN_SHELF = Shelf.of({name: samples.prepared(one) for name, one in TAKEN.items()})


@pytest.mark.parametrize("order", [("wire", "courier"), ("courier", "wire"), ("courier", "paper", "wire")])
def test_whoever_comes_first_the_source_of_a_fragment_is_found_and_forgotten_when_it_goes(order):
    corpus, found = new_corpus(), {}
    for name in order:
        dirty = {TAKEN_SHELF.add(corpus, name)}
        found |= trace_reports(corpus, samples.REGISTRY, corpus.recompute(dirty).fresh)
    assert found == trace_reports(corpus, samples.REGISTRY, corpus.partitions.reports.values())
    assert corpus.partitions.report_of[corpus.key_of["wire"]] != corpus.partitions.report_of[corpus.key_of["courier"]]
    assert [link.source for link in found["courier"].links] == ["wire"]
    found |= trace_reports(corpus, samples.REGISTRY, corpus.recompute(corpus.remove("wire")).fresh)
    assert found["courier"].links == ()


def test_who_took_more_than_background_from_an_unnamed_paper_is_not_independent():
    corpus = TAKEN_SHELF.filled(["paper", "courier"])
    assert len(corpus.partitions.reports) == 2
    found = trace_reports(corpus, samples.REGISTRY, corpus.partitions.reports.values())
    assert found["courier"].derivation.label == "undetermined"


LOCAL = (
    "Millers in Hollin have looked across the bay with envy for years: whatever Velden's port wanted, Velden's port was given.",
    "Now they wonder who will grind the flour for Christmas, and the Hollin baker Ada Brink says that she has ordered abroad.",
)
QUAKE = (
    "A strong earthquake shook the Aldor valley before dawn on Thursday and brought down the church tower of Sent.",
    "Nobody was hurt, because the sexton had locked the tower in March, when a crack was seen in its north wall.",
    "The valley was cut off in the spring flood of 2019, when the bridge at Sent was carried away with a school bus on it.",
    "Engineers from Orrin will look at the dam of Lake Mer today and say by evening whether its gates can be opened.",
    "Sixty thousand people live along the Aldor, most of them in houses that were built before the code of 1962 came into force.",
    "The national seismic network gave the magnitude as 5.1 and expects shocks after it for several days.",
)
CUP = (
    "Sent Rovers reached the final of the cup for the first time with two goals by a goalkeeper, in extra time and from corners.",
    QUAKE[2],
    "Coach Rudo Salis was carried off the pitch by people who had not bought a ticket, and promised them a bus to the capital.",
    QUAKE[4],
    "The final is played on June 12 against the winner of the tie between Orrin City and the holders, who drew 3-3 at home.",
)


def _told(name: str, title: str, text: tuple[str, ...], day: int = 4) -> dict[str, dict[str, Any]]:
    return {name: samples.body(name, text, name, f"{name}.example", title=title, published_at=f"2026-05-{day:02}T15:00:00Z")}


def _filled(bodies: dict[str, dict[str, Any]]) -> Corpus:
    return Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies)


@pytest.mark.parametrize("kept", [2, 3])
def test_the_beginning_of_a_piece_below_local_words_is_that_piece(kept):
    wire = _told("wire", "Fire destroys grain terminal in Velden", FIRE)
    local = _told("local", "Who will grind our Christmas flour?", (*LOCAL, *FIRE[:kept]))
    corpus = _filled(wire | local)
    assert corpus.shared[corpus.key_of["local"]][corpus.key_of["wire"]].mine < MOSTLY_CARRIED
    assert partitions(corpus)[0] == {frozenset({"wire", "local"})}


DESK = ("It was the kind of night that made people in Hollin stop in the street and look across the bay.", *FIRE[1:4])
CLOSING = "Readers have written to us about the night since the first reports came in, and their letters are printed on Saturday."


@pytest.mark.parametrize(("day", "reports"), [(4, 1), (6, 2)])
def test_half_of_a_piece_between_a_papers_own_sentences_is_that_piece_on_the_same_day(day, reports):
    wire = _told("wire", "Fire destroys grain terminal in Velden", FIRE)
    local = _told("local", "A red sky over the bay", (*DESK, CLOSING), day)
    corpus = _filled(wire | local)
    shares = corpus.shared[corpus.key_of["local"]][corpus.key_of["wire"]]
    assert HALF_CARRIED <= min(shares.mine, shares.theirs) <= shares.overlap < MOSTLY_CARRIED
    assert len(partitions(corpus)[0]) == reports


NOTE = (
    "If you are affected by anything in this article, help is there: volunteers of the Listening Line answer calls free of charge at "
    "any hour of the day or night, and the charity Lantern runs an advice desk on weekdays from nine to six in every larger town. In "
    "an emergency, or if you fear for somebody, call the police or go to the nearest hospital."
)
INQUEST = (
    "A coroner has blamed a college in Sent for three warnings that nobody followed up before a student took his own life.",
    "The college said that it had since hired two counsellors.",
    NOTE,
)
TRACTOR = (
    "A farmer has driven a tractor of 1964 from Hollin to the capital to collect money for a rural charity.",
    "The journey took Bo Wathen three days.",
    NOTE,
)


def test_a_note_that_fills_most_of_two_short_items_is_no_evidence_of_one_event():
    corpus = _filled(
        _told("inquest", "Coroner blames college in Sent", INQUEST)
        | _told("tractor", "Farmer drives tractor to capital", TRACTOR)
    )
    shares = corpus.shared[corpus.key_of["inquest"]][corpus.key_of["tractor"]]
    assert min(shares.mine, shares.theirs) > HALF_CARRIED
    apart = {frozenset({"inquest"}), frozenset({"tractor"})}
    assert partitions(corpus) == (apart, apart)


def test_background_in_several_places_is_no_more_than_in_one():
    corpus = _filled(
        _told("quake", "Earthquake fells tower of Sent", QUAKE) | _told("cup", "Goalkeeper shoots Rovers to final", CUP)
    )
    assert corpus.shared[corpus.key_of["cup"]][corpus.key_of["quake"]].copied >= REPORT_THRESHOLD
    assert partitions(corpus)[0] == {frozenset({"quake"}), frozenset({"cup"})}


def test_old_news_in_a_later_piece_is_no_second_copy_whatever_the_titles():
    """Six days on, under a title of the same subject."""
    later = (
        *LOCAL,
        "The port will be open again on Sunday, its master said, and three of eighteen ships have gone elsewhere to be unloaded.",
        "What is left of the tower will be pulled down in June, when the judge has seen it and the insurers have photographed it.",
        *FIRE[1:3],
    )
    title = "Fire destroys grain terminal in Velden"
    for day, count in ((4, 1), (10, 2)):
        assert len(partitions(_filled(_told("wire", title, FIRE) | _told("later", title, later, day)))[0]) == count


def test_two_cuts_that_share_only_how_they_begin_are_one_event():
    """Copy is no context where it is how both begin: it speaks for one event, and nothing is judged as if it were not there."""
    one = _told("one", "Fire destroys grain terminal", FIRE[:3])
    other = _told("other", "Wheat burns in Velden", (FIRE[0], *FIRE[3:]))
    corpus = _filled(one | other)
    a, b = (corpus.entries[corpus.key_of[name]] for name in ("one", "other"))
    shares = corpus.shared[a.key][b.key]
    assert 0.2 < max(shares.mine, shares.theirs) < 0.5
    assert corpus.chances.features(a, b)["unit_nearest"] == pytest.approx(1.0, abs=0.01)


def test_who_took_as_much_from_his_own_paper_is():
    bodies = {
        "paper": TAKEN["paper"] | {"url": "https://courier.example/first", "outlet": "Courier"},
        "courier": TAKEN["courier"],
    }
    corpus = Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies)
    assert len(corpus.partitions.reports) == 2
    found = trace_reports(corpus, samples.REGISTRY, corpus.partitions.reports.values())
    assert found["courier"].derivation.label == "independent"
