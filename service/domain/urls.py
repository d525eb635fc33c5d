"""The canonical form of an article's address, and the site it belongs to.

A hint for "the same page", so it errs on the side of keeping: it never changes the site and drops nothing but trackers that a
person has reviewed. Never resolves names. Why not a library: of three measured, each dropped content or changed the site.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import SplitResult, urlsplit, urlunsplit

from tld import is_tld

DEFAULT_PORTS = {"http": 80, "https": 443}

# Reviewed one by one: set by mail, advertising and analytics vendors, never read by a publisher to choose the content.
# Names such as `ref`, `source`, `cid`, `b` or `keyword` are not here, because somewhere they do choose it.
TRACKER_PREFIXES = ("utm_",)
TRACKERS = frozenset(
    {
        *(
            "fbclid",
            "gclid",
            "gclsrc",
            "gbraid",
            "wbraid",
            "dclid",
            "msclkid",
            "yclid",
            "twclid",
            "ttclid",
            "li_fat_id",
            "igshid",
        ),
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "_ga", "_gl", "vero_id", "oly_enc_id", "oly_anon_id"),
    }
)

_RENDERING = re.compile(r"www\d?|m|mobile|amp|wap|touch")
"""The same pages from another server or for another device. Each may be somebody's own name as well, below a public suffix."""
_AMP_CACHE = ".cdn.ampproject.org"

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|(.)", re.DOTALL)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = _UNRESERVED | frozenset("/:@!$&'()*+,;=")
_QUERY_SAFE = _PATH_SAFE | frozenset("?")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class UrlError(ValueError):
    """The text is not the absolute http(s) address of a page; the message says why."""


def canonical_url(url: str) -> str:
    """The same address in one spelling; idempotent. Raises UrlError."""
    parts, host = _split(url)
    netloc = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != DEFAULT_PORTS[parts.scheme]:
        netloc += f":{parts.port}"
    path = _without_dot_segments(_escaped(parts.path, _PATH_SAFE)) or "/"
    pieces = [_escaped(piece, _QUERY_SAFE) for piece in parts.query.split("&") if piece]
    # The sort is stable and by name only: the order of a repeated parameter may mean something.
    query = "&".join(sorted((piece for piece in pieces if not _is_tracker(piece)), key=_name))
    # `#!` once addressed a page of a script-driven site; any other fragment is a place within the page.
    fragment = _escaped(parts.fragment, _QUERY_SAFE) if parts.fragment.startswith("!") else ""
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def site_of(url: str) -> str:
    """What identifies an outlet: the host in lower case and ASCII, without labels in front that only say how its pages are
    rendered (`www.`, `m.`, `amp.` …). A page of the AMP cache is of the site that it was taken from. Raises UrlError.
    """
    return whole_site(_split(url)[1])


def whole_site(host: str) -> str:
    """The site of a host (lower case, ASCII). Anything else, such as an outlet's name, is returned as it is."""
    while True:
        host = _of_amp_cache(host)
        label, _, rest = host.partition(".")
        # Below a public suffix (publicsuffix.org: co.uk, github.io) anybody's name is registered: amp.com.au is a site.
        if "." not in rest or not _RENDERING.fullmatch(label) or is_tld(rest, search_private=True):
            return host
        host = rest


def _of_amp_cache(host: str) -> str:
    """The host whose page the AMP cache serves, where its name can be read from the cache's: dots stand there as `-`, hyphens as
    `--`, in Unicode (amp.dev, "AMP Cache URL Format and Request Handling"). Long names are hashes, which are kept.
    """
    prefix = host.removesuffix(_AMP_CACHE)
    if prefix == host or "." in prefix:
        return host
    try:
        name = prefix[4:].encode().decode("punycode") if prefix.startswith("xn--") else prefix
        if name.startswith("0-") and name.endswith("-0"):
            name = name[2:-2]
        served = _ascii_host("-".join(part.replace("-", ".") for part in name.split("--")))
    except UnicodeError:
        return host
    return served if "." in served and _HOST.fullmatch(served) else host


def _split(url: str) -> tuple[SplitResult, str]:
    url = url.strip(" ")
    if _FORBIDDEN.search(url):
        raise UrlError("contains a control character")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UrlError(f"is not a URL: {error}") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise UrlError(f"must begin with http:// or https://, not {parts.scheme + ':' if parts.scheme else 'without a scheme'}")
    if port == 0:
        raise UrlError("names port 0")
    if "@" in parts.netloc:
        raise UrlError("must not contain a user name or password")
    host = _ascii_host(host)
    if ":" not in host and (not _HOST.fullmatch(host) or len(host) > 253):
        raise UrlError("has no valid host name" if host else "has no host name")
    return parts, host


def _ascii_host(host: str) -> str:
    # The built-in codec follows IDNA 2003, which turns `straße` into another site (`strasse`); this keeps them apart.
    if ":" in host or host.isascii():
        return host.lower().removesuffix(".")
    labels = re.split(r"[.\u3002]", unicodedata.normalize("NFKC", host).lower())
    return ".".join(label if label.isascii() else f"xn--{_punycode(label)}" for label in labels).removesuffix(".")


def _punycode(label: str) -> str:
    return unicodedata.normalize("NFC", label).encode("punycode").decode()


def _escaped(text: str, safe: frozenset[str]) -> str:
    """Percent escapes in one spelling: none for unreserved characters, upper case for the others, a lone % as %25."""

    def spell(match: re.Match[str]) -> str:
        if match[1]:
            character = chr(int(match[1], 16))
            return character if character in _UNRESERVED else f"%{match[1].upper()}"
        character = match[2]
        return character if character in safe else "".join(f"%{byte:02X}" for byte in character.encode())

    return _ESCAPE.sub(spell, text)


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        is_last = position == len(segments) - 1
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if is_last:
            kept.append("")
    # A path of `//x` keeps its empty segment; only a relative one (impossible behind a host) would lack the slash.
    return "/".join(kept)


def _name(piece: str) -> str:
    return piece.partition("=")[0]


def _is_tracker(piece: str) -> bool:
    name = _name(piece).lower()
    return name in TRACKERS or name.startswith(TRACKER_PREFIXES)
