"""Where the HTTP library comes in, as far as threads and asyncio share it: addresses, keys, limits, and what an error means.

Opens nothing by itself.
"""

from __future__ import annotations

import functools
import inspect
import re
import ssl
from collections.abc import Callable
from typing import Any

import httpx

from service import __version__
from service.client.errors import InvalidArgument
from service.client.steps import Answer, Lost, Request

DEFAULT_SERVER = "http://127.0.0.1:8000"
DEFAULT_TIMEOUT_S = 120.0
"""For an answer: an article waits for the writer, and the service itself gives up earlier."""
_CONNECT_S = 10.0
_SILENCE_S = 60.0
"""After which a stream counts as dead. The service gives a sign of life every 15 seconds unless it was set otherwise."""
_KEPT_CONNECTIONS = 32
_KEPT_S = 3.0
"""For an idle connection. Servers close theirs after 5 seconds: a request that meets the close may or may not have arrived."""
# Before any of these a request has not left this machine.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_FINAL = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects, httpx.DecodingError)


def options(
    server: str, api_key: str | None, timeout_s: float, *, trust_env: bool, verify: ssl.SSLContext | bool
) -> dict[str, Any]:
    """What both of the library's clients are opened with. Raises InvalidArgument, which never repeats a key."""
    headers = {"User-Agent": f"wiretrace-client/{__version__}"}
    if api_key is not None:
        if not (api_key and api_key.isascii() and api_key.isprintable() and " " not in api_key):
            raise InvalidArgument("the API key is empty, or holds something else than visible ASCII characters")
        headers["Authorization"] = f"Bearer {api_key}"
    try:
        address = httpx.URL(server)
    except httpx.InvalidURL as error:
        raise InvalidArgument(f"{server} is no address: {error}") from error
    return {
        "base_url": address,
        "headers": headers,
        "timeout": httpx.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_S), pool=None),
        # Nobody waits for the pool: when waiting is cancelled it can be lost for good (httpcore #1093).
        "limits": httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT_CONNECTIONS, keepalive_expiry=_KEPT_S),
        # Proxies and certificates of the environment are for browsers; a proxy that stands before 127.0.0.1 is a mistake.
        "trust_env": trust_env,
        "verify": _authorities(trust_env) if verify is True else verify,
    }


@functools.cache
def _authorities(trust_env: bool) -> ssl.SSLContext:
    """Read once: it takes 40 ms, and the library would do it for every client, also where no TLS is spoken."""
    return httpx.create_ssl_context(trust_env=trust_env)


def built(http: httpx.Client | httpx.AsyncClient, request: Request, content: Any, *, is_stream: bool = False) -> httpx.Request:
    """The library's request; `content` is the body in the form that its client takes."""
    timeout = _patient(http.timeout) if is_stream else http.timeout
    return http.build_request(
        request.method,
        request.path,
        params=dict(request.params) or None,
        headers=dict(request.headers),
        content=content,
        timeout=timeout,
    )


def _patient(timeout: httpx.Timeout) -> httpx.Timeout:
    return httpx.Timeout(connect=timeout.connect, read=_SILENCE_S, write=timeout.write, pool=timeout.pool)


def answer_of(response: httpx.Response, body: bytes = b"") -> Answer:
    return Answer(response.status_code, dict(response.headers), body)


def lost(error: httpx.RequestError) -> Lost:
    """What the library's error means for the question whether to ask again."""
    reason = str(error) or type(error).__name__
    return Lost(reason, may_be_done=not isinstance(error, _UNSENT), is_final=isinstance(error, _FINAL))


def presented(method: Callable[..., Any], operation: Callable[..., Any], shown: str) -> None:
    """Gives a method name, words and signature of its operation. `shown` is how the result is written: `{}` is its type."""
    functools.update_wrapper(method, operation)
    signature = inspect.signature(operation)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = re.fullmatch(r"(?:Flow|Feed)\[(.*)\]", str(signature.return_annotation))
    result = shown.format(found[1] if found else signature.return_annotation)
    parameters = [own, *list(signature.parameters.values())[1:]]
    vars(method)["__signature__"] = signature.replace(parameters=parameters, return_annotation=result)
