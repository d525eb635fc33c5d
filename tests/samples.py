"""Invented articles for the tests of the pipeline: one event with several pieces of reporting, and other events beside it.

Each is a body of POST /v1/articles; `content` and `prepared` turn it into what the flows take.
"""

from __future__ import annotations

from typing import Any

from service.api.requests import article_input
from service.domain.models import ArticleInput
from service.flows.preparing import Prepared, prepare_article
from service.registry_files import load_registry
from service.settings import Settings

REGISTRY = load_registry()
SETTINGS = Settings(encoder="hashing")

BACKGROUND = (
    "Velden, a city of 210,000 people at the mouth of the Lys, ships a third of the country's grain and has lived from its port "
    "since the canal to the northern provinces was finished in 1887."
)
WIRE = (
    (
        "VELDEN, May 4 (Reuters) - A fire tore through the largest grain terminal in the port of Velden early on Monday, destroying "
        "some 48,000 tons of wheat and closing the harbor to ships for the first time in nine years, officials said."
    ),
    (
        "The blaze broke out shortly after 4 a.m. in a conveyor tower at the eastern quay and spread through the loading galleries "
        "before the sprinklers could be switched on, according to the port authority."
    ),
    (
        "Fire crews from three counties pumped sea water onto the gray silos for eleven hours, and a tug with a water cannon was "
        "brought in from the naval base at Orrin to cool the steel walls from the river side."
    ),
    (
        "Wheat futures rose 2.3% as traders counted eighteen ships waiting in the roads, most of them bound for mills in North "
        "Africa that had bought heavily ahead of a harvest which is expected to be poor."
    ),
    (
        "Insurers said that the owner of the terminal, a cooperative of 640 farmers, had canceled part of its cover last autumn "
        "to save money after two years of falling prices."
    ),
)
FOOTER = "(Reporting by Jonas Haberl in Velden; Editing by Mira Stolz)"
RESPELT = tuple(
    paragraph.replace("harbor", "harbour").replace("gray", "grey").replace("canceled", "cancelled").replace("tons", "tonnes")
    for paragraph in WIRE
)
REWORDED = (
    (
        "Early on Monday a blaze ripped through the biggest grain terminal in Velden's port, wiping out around 48,000 tons of wheat "
        "and shutting the harbor to shipping for the first time in nine years, according to officials."
    ),
    (
        "The fire started soon after 4 a.m. in a conveyor tower on the eastern quay, the port authority said, and raced through the "
        "loading galleries before anyone could turn the sprinklers on."
    ),
    (
        "For eleven hours firefighters from three counties sprayed sea water on the gray silos, while a tug equipped with a water "
        "cannon came from the Orrin naval base to cool the steel walls from the side of the river."
    ),
    (
        "Wheat futures climbed 2.3% after traders counted eighteen ships waiting in the roads, the majority heading to North African "
        "mills that had purchased heavily before a harvest expected to be poor."
    ),
)
LOCAL = (
    (
        "Hanne Brook was feeding her hens on Tollgate Lane when the sky over the port of Velden turned orange on Monday, and she knew "
        "at once that the grain terminal was on fire."
    ),
    (
        "By breakfast half the street stood in her garden, watching soot from burning wheat settle on the washing, while a tug from Orrin "
        "sprayed the silos at the eastern quay and the harbor stayed closed."
    ),
    (
        "The parish priest opened the church hall for crane drivers who had run from the terminal in their socks. Nobody was hurt, "
        "said the foreman, Piet Alder, counting his crew for the third time."
    ),
    (
        "Farmers of the cooperative meet tonight at the corn exchange. Several told this newspaper that they had warned the port "
        "authority for years about dust in the conveyor tower, and that no one had listened."
    ),
)
STRIKE = (
    (
        "Drivers of the city's trams and night buses will stay at home on Thursday after talks about rosters collapsed, their union "
        "said, the second walkout within a month."
    ),
    (
        "The transport company offered an extra week of leave but refused to give up split shifts, which four fifths of the members "
        "had voted against in a ballot in March."
    ),
    (
        "School buses and the ferry to the islands run as usual, the mayor's office said, and taxis may use the tram lanes from "
        "six in the morning."
    ),
    BACKGROUND,
)
ORCHID = (
    (
        "A retired postman has found a ghost orchid in a beech wood above the village of Lund, the first seen in the country for "
        "thirty-one years, the botanical society announced."
    ),
    (
        "The single stem carries two pale flowers and stands under a wire cage that volunteers guard day and night, for a bulb of "
        "the plant fetches thousands among collectors."
    ),
    "Botanists believe that the seed slept in the soil until a storm let light through the canopy, and hope for more next summer.",
)
UPDATE = (
    *WIRE[:3],
    "One dock worker was missing on Monday evening, the port authority said, after divers searched the basin.",
    *WIRE[3:],
)


def body(name: str, paragraphs: tuple[str, ...], outlet: str, site: str, hour: int = 6, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "url": f"https://{site}/{name}",
        "outlet": outlet,
        "title": "Fire destroys grain terminal in port of Velden",
        "language": "en",
        "published_at": f"2026-05-04T{hour:02}:00:00Z",
        "paragraphs": list(paragraphs),
    }
    return found | changes


def plain(paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """Without the dateline."""
    return (paragraphs[0].split(" - ", 1)[-1], *paragraphs[1:])


SAMPLES: dict[str, dict[str, Any]] = {
    "wire": body("wire", (*WIRE, BACKGROUND, FOOTER), "Reuters", "reuters.example", 5),
    "reprint": body("reprint", (*WIRE, BACKGROUND, FOOTER), "Harbour Gazette", "harbour-gazette.example", 6),
    "cut": body("cut", (*plain(WIRE)[:3], "Source: Reuters"), "Radio Orrin", "radio-orrin.example", 7),
    "respelt": body("respelt", plain(RESPELT), "The Lys Post", "lys-post.example", 8),
    "reworded": body(
        "reworded", REWORDED, "Newsfeed Daily", "newsfeed-daily.example", 9, title="Blaze wrecks grain terminal in Velden's port"
    ),
    "local": body(
        "local",
        LOCAL,
        "The Velden Echo",
        "velden-echo.example",
        8,
        title="Soot on the washing: Velden watches its grain terminal burn",
    ),
    "strike": body(
        "strike", STRIKE, "Harbour Gazette", "harbour-gazette.example", 10, title="Trams and night buses stand still on Thursday"
    ),
    "orchid": body("orchid", ORCHID, "The Lys Post", "lys-post.example", 11, title="Ghost orchid found after thirty-one years"),
    "orchid_copy": body(
        "orchid_copy", ORCHID, "Radio Orrin", "radio-orrin.example", 12, title="Ghost orchid found after thirty-one years"
    ),
}
EVENTS = {
    "fire": {"wire", "reprint", "cut", "respelt", "reworded", "local"},
    "strike": {"strike"},
    "orchid": {"orchid", "orchid_copy"},
}


def content(article: dict[str, Any]) -> ArticleInput:
    return article_input(article, SETTINGS)


def prepared(article: dict[str, Any]) -> Prepared:
    return prepare_article(content(article), REGISTRY)
