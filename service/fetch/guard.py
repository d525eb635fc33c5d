"""Which addresses this service may connect to. Pages, feeds and webhooks go through these rules and no others.

Judges what the resolver returns, never how a host is spelt, and hands out the very address that was judged. Opens no connection.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from service.domain.urls import DEFAULT_PORTS, UrlError, canonical_url
from service.errors import FetchFailed, FetchRefused

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to all addresses of the host."""

Network = IPv4Network | IPv6Network

# The standard library calls these global or does not call them private (measured); each leads, or may lead, somewhere else.
DENIED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # carrier NAT
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4: an IPv4 address within
        "64:ff9b::/96",  # NAT64: an IPv4 address within
        "64:ff9b:1::/48",
        "::/96",  # IPv4-compatible
        "fec0::/10",  # site-local
    )
)


@dataclass(frozen=True, slots=True)
class Rules:
    """`allowed` are networks that an operator opens on purpose; `ports` those that may be asked for."""

    ports: frozenset[int] = frozenset({80, 443})
    allowed: tuple[Network, ...] = ()
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Target:
    """An address that passed the rules that need no resolver. `host` is in ASCII, without brackets."""

    url: str
    scheme: str
    host: str
    port: int


def is_literal(host: str) -> bool:
    """Whether the host is an address and not a name."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def may_connect(text: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether the address (not a name) is a public one."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    # A v4-mapped address is the IPv4 address to the system, so it is judged as that.
    address = getattr(address, "ipv4_mapped", None) or address
    if any(address.version == net.version and address in net for net in allowed):
        return True
    if not address.is_global or address.is_multicast or address.is_reserved or "%" in text:
        return False
    return not any(address.version == net.version and address in net for net in DENIED)


def check_url(url: str, rules: Rules) -> Target:
    """Scheme, user name, port and spelling. Raises FetchRefused."""
    try:
        canonical_url(url)
        parts = urlsplit(url.strip(" "))
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
    except (UrlError, ValueError) as error:
        raise FetchRefused(f"The address {error}.") from error
    if port not in rules.ports:
        raise FetchRefused(f"Port {port} is not one that this service connects to.")
    ascii_host = urlsplit(canonical_url(url)).hostname or host
    return Target(url.strip(" "), parts.scheme, ascii_host, port)


async def resolve_with_system(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def checked_addresses(target: Target, rules: Rules, resolve: Resolve) -> list[str]:
    """All addresses of the host, every one of them judged: one that may not be reached refuses the host, because which of them a
    later connection takes is not ours to choose. Resolves exactly once. Raises FetchRefused, FetchFailed.
    """
    try:
        addresses = list(await resolve(target.host, target.port))
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"The host {target.host} cannot be resolved.") from error
    if not addresses:
        raise FetchFailed(f"The host {target.host} has no address.")
    if not all(may_connect(address, rules.allowed) for address in addresses):
        raise FetchRefused(f"The host {target.host} leads to an address that is not public.")
    return addresses
