"""Notices that recur and formulas filled in for two are as many reports; what was corrected, carried later or goes on is one."""

import pytest

from service.domain.reports import REPORT_THRESHOLD
from tests import samples
from tests.flows.parts import Shelf, partitions, reports_in_many_orders

TENDER = (
    "The Reserve Bank of Norwald entered the domestic bond market to arrange {} mln crowns of overnight loans, a spokesman said.",
    "Dealers said call money was trading at {} pct when the bank began its temporary and indirect supply of liquidity.",
)
SHORTAGE = (
    "The Landbank of Orrin said it gave the money market {} mln francs of help {}. It foresees a shortage of around {} mln.",
    "The bank purchased bills outright comprising {} mln francs in band one at 7-7/8 pct and {} mln in band two at 7-13/16 pct.",
)
LISTED = "The following proposed share offerings were filed recently with the Supervisory Board for Securities in Velden:"
SHELF_OFFER = (
    "{} filed with the Supervisory Board for a shelf offering of up to 300 mln crowns of {}debt on terms to be set later on.",
    "Underwriters were not named in the draft prospectus.",
)
FUND = ("Mthly div 6.2 cts vs 6.2 cts prior", "Pay May 29", "Record May 15", "NOTE: Hollin {} Tax-Free Income Fund of Orrin.")
STRIKE = (
    "Crane drivers at the port of Velden stopped work over a pay dispute, leaving 14 ships stranded in the roads, officials said.",
    "The port handles 9 mln tonnes of grain and timber a year, a third of what the country exports.",
)

NOTICES = {
    "tender_monday": ("RESERVE BANK ADDS LIQUIDITY", 4, 11, [TENDER[0].format("150"), TENDER[1].format("4-3/16")]),
    "tender_tuesday": ("RESERVE BANK ADDS LIQUIDITY", 5, 11, [TENDER[0].format("150"), TENDER[1].format("4-1/4")]),
    "tender_monday_again": ("RESERVE BANK ADDS LIQUIDITY", 4, 13, [TENDER[0].format("150"), TENDER[1].format("4-3/16")]),
    "shortage_monday": (
        "MONEY MARKET RECEIVES 37 MLN",
        4,
        9,
        [SHORTAGE[0].format(37, "in the morning", 700), SHORTAGE[1].format(4, 33)],
    ),
    "shortage_tuesday": (
        "MONEY MARKET GIVEN 24 MLN",
        5,
        9,
        [SHORTAGE[0].format(24, "early in the day", 500), SHORTAGE[1].format(2, 22)],
    ),
    "list_monday": (
        "SHARE OFFERINGS RECENTLY FILED",
        4,
        16,
        [LISTED, "Arno Foods Corp - Offering of 250,000 shares through Hambro Vale and Co."],
    ),
    "list_friday": (
        "SHARE OFFERINGS RECENTLY FILED",
        8,
        16,
        [LISTED, "Tessin Rail Ltd - Offering of 1.1 mln shares through Lutece Freres.", "Quint Gas - Offering of 40,000 units."],
    ),
    "filing_alba": (
        "ALBA LINES FILES 300 MLN CROWN OFFER",
        4,
        10,
        [SHELF_OFFER[0].format("Alba Lines", "senior "), SHELF_OFFER[1]],
    ),
    "filing_borel": ("BOREL PAPER FILES 300 MLN OFFERING", 4, 15, [SHELF_OFFER[0].format("Borel Paper", ""), SHELF_OFFER[1]]),
    "fund_insured": ("HOLLIN INSURED SETS PAYOUT", 4, 14, [*FUND[:3], FUND[3].format("Insured")]),
    "fund_coastal": ("HOLLIN COASTAL INSURED SETS PAYOUT", 4, 14, [*FUND[:3], FUND[3].format("Coastal Insured")]),
}
ONE = {
    "quake": (
        "QUAKE SHAKES NORTH OF ORRIN",
        4,
        9,
        ["A quake of magnitude 5.1 shook the north of Orrin early on Monday and damaged 12 houses, rescue workers said."],
    ),
    "quake_corrected": (
        "CORRECTED - QUAKE SHAKES NORTH OF ORRIN",
        4,
        13,
        ["A quake of magnitude 5.4 shook the north of Orrin early on Monday and damaged 12 houses, rescue workers said."],
    ),
    "coin": (
        "ORRIN TO MINT GOLD COIN",
        4,
        9,
        ["Orrin will mint a gold coin of 31 grams from next autumn and sell it worldwide, a treasury official said."],
    ),
    "coin_next_day": (
        "ORRIN TO MINT GOLD COIN",
        5,
        10,
        ["Orrin will mint a gold coin of 31 grams from next autumn and sell it worldwide, a treasury official said."],
    ),
    "coin_weekly": (
        "A coin from Orrin, and what collectors say",
        9,
        8,
        [
            "Orrin will mint a gold coin of 31 grams from next autumn and sell it worldwide, a treasury official said.",
            "Collectors at the fair in Hollin expect 2,000 of them in the first year, at about 1,900 francs each.",
        ],
    ),
    "strike": ("CRANE DRIVERS STOP WORK IN VELDEN", 4, 9, list(STRIKE)),
    "strike_goes_on": (
        "TALKS BEGIN ON VELDEN CRANE STRIKE",
        5,
        9,
        [
            "The owners of the port met 5 delegates of the crane drivers for the first time since they stopped work on Monday.",
            STRIKE[1].replace("The port", "The port of Velden"),
            "Some 14 ships were left stranded in the roads over the pay dispute, officials said.",
        ],
    ),
}
BODIES = {
    name: samples.body(
        name, tuple(paragraphs), name, f"{name}.example", title=title, published_at=f"2026-05-{day:02}T{hour:02}:00:00Z"
    )
    for name, (title, day, hour, paragraphs) in (NOTICES | ONE).items()
}
SHELF = Shelf.of({name: samples.prepared(one) for name, one in BODIES.items()})
WANTED = {
    frozenset({"tender_monday", "tender_monday_again"}),
    *(frozenset({name}) for name in NOTICES if not name.startswith("tender_monday")),
    frozenset({"quake", "quake_corrected"}),
    frozenset({"coin", "coin_next_day", "coin_weekly"}),
    frozenset({"strike", "strike_goes_on"}),
}


def test_notices_and_formulas_are_apart_and_what_is_one_report_stays_one_in_any_order():
    for reports in reports_in_many_orders(SHELF, BODIES, 4):
        assert reports == WANTED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tender_monday", "tender_tuesday"),
        ("shortage_monday", "shortage_tuesday"),
        ("list_monday", "list_friday"),
        ("filing_alba", "filing_borel"),
        ("fund_insured", "fund_coastal"),
    ],
)
def test_by_the_copy_alone_they_would_be_one(one, other):
    corpus = SHELF.filled([one, other])
    shares = corpus.shared[corpus.key_of[one]][corpus.key_of[other]]
    assert shares.is_form
    assert shares.overlap >= REPORT_THRESHOLD


MARKET = (
    "Shares in Velden {} on Friday, with the benchmark V-20 index closing {} percent {} at {} points in a session of {} bn crowns.",
    "Trading is watched by the Supervisory Board, which was founded after the crash of the grain bank and can halt it for an hour.",
    "The heaviest stock of the index, the port operator, ended at {} crowns; the crown was quoted at {} to the euro in late dealings.",
    "Dealers look to the harvest report of the ministry, the price of diesel and the dredging of the canal for where it goes next.",
    "Prices are given by the exchange without any warranty, delayed by a quarter of an hour, and are not an offer to buy or to sell.",
)
WEEKS = {
    "first": (1, ("rose", "1.2", "higher", "1,871.3", "3.9"), ("212.4", "7.4615")),
    "second": (8, ("fell", "0.8", "lower", "1,856.4", "3.1"), ("207.0", "7.4502")),
}


def _market(name: str, week: str) -> dict[str, object]:
    day, lead, stock = WEEKS[week]
    paragraphs = (MARKET[0].format(*lead), MARKET[1], MARKET[2].format(*stock), *MARKET[3:])
    title = f"Shares in Velden close {lead[2]}"
    return samples.body(name, paragraphs, name, f"{name}.example", title=title, published_at=f"2026-05-{day:02}T17:00:00Z")


def test_weekly_reports_on_a_market_are_as_many_reports_however_much_of_them_stays():
    bodies = {f"{week}_{outlet}": _market(f"{week}_{outlet}", week) for week in WEEKS for outlet in ("desk", "paper")}
    corpus = Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies)
    one, other = corpus.key_of["first_desk"], corpus.key_of["second_paper"]
    assert corpus.shared[one][other].copied >= 0.5
    assert partitions(corpus)[0] == {frozenset({f"{week}_desk", f"{week}_paper"}) for week in WEEKS}


@pytest.mark.parametrize("day", [4, 5])
def test_news_that_goes_on_within_days_keeps_its_report_and_its_story(day):
    """Other figures and other names in the lead, above what was there before."""
    lead = "At least {} people died and {} are missing after a ferry capsized off Marwick on Monday, {} said."
    rest = (
        "The ship lay on its side within minutes of leaving the breakwater, and fishermen were the first to pull people out.",
        "Divers had to wait for the tide to turn, while relatives filled the hall of the harbour office and were given tea and blankets.",
        "The owner bought the ferry from a line in the north, where it had carried cars across a fjord until a tunnel was dug.",
    )
    bodies = {
        name: samples.body(
            name,
            (lead.format(*said), *rest),
            name,
            f"{name}.example",
            title=title,
            published_at=f"2026-05-{date:02}T{hour:02}:00:00Z",
        )
        for name, said, title, date, hour in (
            ("first", (12, 31, "police chief Rudo Salis"), "Ferry capsizes off Marwick", 4, 6),
            ("second", (27, 16, "coast guard commander Ada Brink"), "Toll of Marwick ferry rises", day, 13),
        )
    }
    corpus = Shelf.of({name: samples.prepared(one) for name, one in bodies.items()}).filled(bodies)
    assert partitions(corpus) == ({frozenset(bodies)}, {frozenset(bodies)})
