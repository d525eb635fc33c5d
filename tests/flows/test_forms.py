"""Items that fill one form for many companies are as many reports; the same item sent again is one."""

from tests import samples
from tests.flows.parts import Shelf, partitions, reports_in_many_orders

DIVIDENDS = {
    "alba": ("ALBA FOODS SETS QUARTERLY", ("Qtly div 14 cts vs 14 cts prior", "Pay April 30", "Record April 16")),
    "borel": ("BOREL PAPER REGULAR DIVIDEND", ("Qtly div 25 cts vs 25 cts prior", "Pay April 30", "Record April 16")),
    "carsen": ("CARSEN GAS VOTES PAYOUT", ("Qtly div 14 cts vs 12 cts prior", "Pay May 8", "Record April 16")),
    "alba_again": ("ALBA FOODS SETS QUARTERLY", ("Qtly div 14 cts vs 14 cts prior", "Pay April 30", "Record April 16")),
}
TERMS = (
    "The non-callable bonds are available in denominations of 5,000 dlrs and will be listed in Luxembourg. Payment is on {}.",
    "The selling concession is 1-1/4 pct while management and underwriting combined pay 5/8 pct.",
)
LEAD = "{} is issuing a {} mln dlr eurobond due {} paying {} pct and priced at {}, lead manager {} said."
BONDS = {
    "toyo": (
        "TOYO CREDIT ISSUES 150 MLN DLR EUROBOND",
        (LEAD.format("Toyo Credit", 150, "April 1992", "7-3/4", "101-3/4", "Hambro Vale"), TERMS[0].format("April 2"), TERMS[1]),
    ),
    "gaswerke": (
        "GASWERKE NORD BRINGS DOLLAR BOND",
        (LEAD.format("Gaswerke Nord", 90, "June 1995", "8-1/8", "100-1/2", "Lutèce"), TERMS[0].format("June 9"), TERMS[1]),
    ),
}
FILLED = {
    name: samples.body(name, paragraphs, name, f"{name}.example", number, title=title)
    for number, (name, (title, paragraphs)) in enumerate((DIVIDENDS | BONDS).items(), 1)
}
BODIES = FILLED | {name: samples.SAMPLES[name] for name in ("wire", "reprint")}
SHELF = Shelf.of({name: samples.prepared(one) for name, one in BODIES.items()})
WANTED = {
    frozenset({"alba", "alba_again"}),
    frozenset({"borel"}),
    frozenset({"carsen"}),
    frozenset({"toyo"}),
    frozenset({"gaswerke"}),
    frozenset({"wire", "reprint"}),
}


def test_one_form_filled_for_many_companies_is_many_reports_in_any_order():
    for reports in reports_in_many_orders(SHELF, BODIES, 6):
        assert reports == WANTED


def test_nor_is_it_one_story():
    _, stories = partitions(SHELF.filled(BODIES))
    assert frozenset({"alba", "alba_again"}) in stories
    assert frozenset({"borel"}) in stories


def test_what_they_share_is_still_shown_as_matches():
    corpus = SHELF.filled(BODIES)
    match = corpus.match(corpus.key_of["alba"], corpus.key_of["borel"])
    assert match is not None
    assert {pair.kind for pair in match.pairs} == {"verbatim"}
