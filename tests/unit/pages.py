"""Pages of our own making: one invented article in the mark-up that news sites use."""

from __future__ import annotations

BODY = (
    (
        "PORT ELLERY, May 4 (Reuters) - A section of the old quay wall collapsed on Monday, closing the ferry terminal for the rest of "
        "the week and cutting off three islands from their usual supplies of food and fuel."
    ),
    (
        "Divers were inspecting the remaining wall on Monday evening and ferries were diverted to Stanmouth, two hours to the south, the "
        "harbour authority said in a statement."
    ),
    "Nobody was hurt, but forty parked cars fell into the water and a crane had to be held by two tugs until it could be unloaded.",
    "Engineers had warned in March that the foundations, built in 1911, were being washed out by the propellers of larger ships.",
)
FOOTER = "(Reporting by Jonas Haberl in Port Ellery; Editing by Mira Stolz)"
JSON_LD = """<!--
{"@context": "https://schema.org", "@graph": [
  {"@type": "WebSite", "@id": "#site", "name": "Harbour Gazette",},
  {"@type": ["ReportageNewsArticle"], "headline": "Quay wall collapses &amp; closes terminal",
   "datePublished": "2026-05-04T12:05:07+0200", "dateModified": "2026-05-05T01:00:00Z",
   "author": [{"@type": "Person", "name": "Mira Stolz"}, {"@id": "#jonas"}], "inLanguage": "en-GB",
   "publisher": {"@id": "#site"}, "sourceOrganization": {"@type": "Organization", "name": "Reuters"}, "creditText": "AFP",},
  {"@type": "Person", "@id": "#jonas", "name": "Jonas Haberl"},
]}
-->"""


def page(*, head: str = "", body: tuple[str, ...] = BODY, before: str = "", after: str = "", json_ld: str = JSON_LD) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in body)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quay wall | Harbour Gazette</title>
    <meta property="og:site_name" content="Harbour Gazette"><script type="application/ld+json">{json_ld}</script>{head}</head><body>
    <header><nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li><li><a href="/weather">Weather</a></li></ul></nav>
    </header><main><article><h1>Quay wall collapses &amp; closes terminal</h1>{before}
    <figure><img src="/wall.jpg" alt=""><figcaption>The quay wall on Monday. Photo: AP</figcaption></figure>
    <div class="article-body">{paragraphs}{after}</div></article>
    <aside class="related"><h2>Related stories</h2><p><a href="/a">Ferry captain retires after forty-one years at the helm</a></p></aside>
    <section id="comments"><h3>Comments</h3><p>First! This was bound to happen, I have said so for many years now.</p></section></main>
    <footer><p><a href="/about">About us</a> <a href="/terms">Terms</a></p></footer></body></html>"""
