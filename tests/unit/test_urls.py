"""The canonical URL: one spelling, same site, nothing but reviewed trackers dropped."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.urls import TRACKERS, UrlError, canonical_url, site_of, whole_site

LABEL = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?", fullmatch=True)
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
PIECE = TEXT.map(lambda text: "".join(character for character in text if character not in "/?#&="))
NAME = PIECE.filter(
    lambda name: name and not name.lower().startswith("utm_") and name.lower() not in TRACKERS and "%" not in name
)


@st.composite
def urls(draw: st.DrawFn) -> str:
    host = ".".join(draw(st.lists(LABEL, min_size=2, max_size=4)))
    port = draw(st.sampled_from(["", ":80", ":443", ":8080"]))
    segments = draw(st.lists(PIECE | st.sampled_from([".", "..", "", "%2e%2E", "%41", "%%341", "a%2fb"]), max_size=6))
    query = "&".join(f"{name}={value}" for name, value in draw(st.lists(st.tuples(NAME, PIECE), max_size=4)))
    fragment = draw(st.sampled_from(["", "#top", "#!/story/1"]))
    scheme = draw(st.sampled_from(["http", "https", "HTTPS"]))
    return f"{scheme}://{host}{port}/{'/'.join(segments)}?{query}{fragment}"


@given(urls())
def test_it_is_idempotent(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@given(urls())
def test_it_never_changes_the_site(url: str) -> None:
    assert site_of(canonical_url(url)) == site_of(url)
    assert urlsplit(canonical_url(url)).hostname == (urlsplit(url).hostname or "").lower()


@given(urls())
@example("http://gazette.example/?page= ")
def test_it_never_drops_or_alters_a_content_parameter(url: str) -> None:
    def parameters(text: str) -> list[tuple[str, str]]:
        return sorted(parse_qsl(urlsplit(text).query, keep_blank_values=True))

    # A space at the end is no part of a URL (WHATWG URL, basic parser, step 1).
    assert parameters(canonical_url(url)) == parameters(url.rstrip(" "))


@given(urls(), st.sampled_from([*sorted(TRACKERS), "utm_source", "UTM_Campaign"]), PIECE)
def test_a_tracker_makes_no_difference(url: str, tracker: str, value: str) -> None:
    head, mark, fragment = url.partition("#")
    assert canonical_url(f"{head}&{tracker}={value}{mark}{fragment}") == canonical_url(url)


@given(st.text(max_size=40))
def test_any_text_gives_a_url_or_a_url_error(text: str) -> None:
    for given_text in (text, "https://" + text, "https://example.com/" + text):
        try:
            once = canonical_url(given_text)
        except UrlError:
            continue
        assert canonical_url(once) == once
        assert once.isascii()


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("HTTPS://Example.COM:443/a/./b/../c", "https://example.com/a/c"),
        ("http://example.com", "http://example.com/"),
        ("http://example.com:8080/../../x", "http://example.com:8080/x"),
        ("https://example.com/a?b=2&a=1&utm_source=x&fbclid=y#part", "https://example.com/a?a=1&b=2"),
        ("https://example.com/a?x=2&x=1", "https://example.com/a?x=2&x=1"),
        ("https://example.com/a?next=https://other.example/b", "https://example.com/a?next=https://other.example/b"),
        ("https://example.com/?keyword=k&cid=1&source=s&b=2", "https://example.com/?b=2&cid=1&keyword=k&source=s"),
        ("https://example.com/#!/story/1", "https://example.com/#!/story/1"),
        ("https://example.com/%7euser/%c3%a9", "https://example.com/~user/%C3%A9"),
        ("https://example.com/é x", "https://example.com/%C3%A9%20x"),
        ("https://Straße.example/", "https://xn--strae-oqa.example/"),
        ("https://münchen.example./", "https://xn--mnchen-3ya.example/"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://example.com/a//b/", "https://example.com/a//b/"),
        ("https://example.com/a/..", "https://example.com/"),
    ],
)
def test_known_spellings(url: str, wanted: str) -> None:
    assert canonical_url(url) == wanted


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/a", "ftp:"),
        ("javascript:alert(1)", "javascript:"),
        ("example.com/a", "without a scheme"),
        ("https:///a", "no host name"),
        ("https://user:secret@example.com/", "user name or password"),
        ("https://example.com:99999/", "not a URL"),
        ("https://exa mple.com/", "no valid host name"),
        ("https://example.com/\x00", "control character"),
        ("https://example.com/\ud800", "control character"),
        ("https://[::1/", "not a URL"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(UrlError, match=reason.replace("(", r"\(")):
        canonical_url(url)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.Reuters.com/world/x", "reuters.com"),
        ("https://www2.example.com/", "example.com"),
        ("https://m.example.com/x", "example.com"),
        ("https://Mobile.example.com/x", "example.com"),
        ("https://amp.example.co.uk/x", "example.co.uk"),
        ("https://wap.example.com/", "example.com"),
        ("https://touch.example.com/", "example.com"),
        ("https://www.m.example.com/", "example.com"),
        ("https://m.news.example.com/", "news.example.com"),
        ("https://news.example.co.uk/", "news.example.co.uk"),
        ("https://edition-m.example.com/", "edition-m.example.com"),
        ("https://www.com/", "www.com"),
        ("https://m.com/", "m.com"),
        ("https://mobile.de/", "mobile.de"),
        ("https://www.amp.com.au/", "amp.com.au"),
        ("https://touch.com.lb/", "touch.com.lb"),
        ("https://m.gen.nz/", "m.gen.nz"),
        ("https://amp.github.io/x", "amp.github.io"),
        ("https://www2.com.au/", "www2.com.au"),
        ("https://www.foo-com.cdn.ampproject.org/x", "foo.com"),
        ("https://m.yle.fi/a/1", "yle.fi"),
        ("http://localhost:8000/", "localhost"),
        ("http://127.0.0.1/", "127.0.0.1"),
        ("https://example-com.cdn.ampproject.org/c/s/example.com/x", "example.com"),
        ("https://www-my--paper-co-uk.cdn.ampproject.org/c/s/www.my-paper.co.uk/x", "my-paper.co.uk"),
        ("https://0-en--us-example-com-0.cdn.ampproject.org/c/x", "en-us.example.com"),
        ("https://xn--99999.cdn.ampproject.org/c/x", "xn--99999.cdn.ampproject.org"),
        ("https://ktqgcgqvbbyudcgztyq5hqhrpyb7ekpqxtcqgsehkrdjrvtaaoma.cdn.ampproject.org/x", None),
        ("https://cdn.ampproject.org/c/s/example.com/x", "cdn.ampproject.org"),
    ],
)
def test_the_site_is_the_host_without_labels_that_name_a_rendering(url: str, site: str | None) -> None:
    assert site_of(url) == (site or urlsplit(url).hostname)


@pytest.mark.parametrize("host", ["example.com", "bücher-welt.example", "en-us.example.com", "a-b.example"])
def test_a_page_of_the_amp_cache_is_of_the_site_that_it_was_taken_from(host: str) -> None:
    """The way there, as amp.dev describes it."""
    label = host.replace("-", "--").replace(".", "-")
    label = f"0-{label}-0" if label[2:4] == "--" else label
    label = label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
    address = f"https://{label}.cdn.ampproject.org/c/s/x"
    assert site_of(address) == site_of(f"https://{host}/x")
    assert canonical_url(address) == address, "the page stays another address"


@given(urls())
def test_the_site_of_a_site_is_itself(url: str) -> None:
    assert whole_site(site_of(url)) == site_of(url)
