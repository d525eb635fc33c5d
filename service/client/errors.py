# ruff: noqa: N818 - a class is named after what is wrong
"""What a call can end in besides its answer. Knows no HTTP library; the same for both clients.

ClientError
├── InvalidArgument    found before anything was sent; also a ValueError
├── NoAnswer           nobody answered, however often it was tried
├── UnexpectedAnswer   somebody answered who is no Wiretrace of this version
├── NotInTime          what was waited for did not come to its end; also a TimeoutError
├── InvalidSignature   a message that was not sent by the webhook, or long ago
└── Problem            the service refused: a problem document (RFC 9457)
    ├── InvalidRequest   400 406 413 415 422
    ├── NotAllowed       401 403
    ├── NotFound         404 410
    ├── Conflict         409
    ├── Busy             429 503
    └── ServiceFault     500 502 504, and what else a service cannot help
"""

from __future__ import annotations

from dataclasses import dataclass


class ClientError(Exception):
    """The root of all that this client raises by itself."""


class InvalidArgument(ClientError, ValueError):
    """An argument that no service could take; nothing was sent."""


class NoAnswer(ClientError):
    """No answer came, however often it was tried. `reason` says what happened the last time."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"no answer from {server}: {reason}")
        self.server = server
        self.reason = reason


class UnexpectedAnswer(ClientError):
    """The answer is none that the interface knows: another program answered, or a service of a later version. `body` holds it."""

    def __init__(self, detail: str, status: int, body: bytes) -> None:
        super().__init__(detail)
        self.status = status
        self.body = body


class NotInTime(ClientError, TimeoutError):
    """What was waited for is not done yet. It goes on; ask again later."""


class InvalidSignature(ClientError):
    """The message is not one that the webhook sent within the tolerated time. Answer 400 and do not act on it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place of the request: `#/paragraphs/3` in the body, `?limit` of the query, or a header's name."""

    pointer: str
    detail: str


class Problem(ClientError):
    """The service refused or failed: the problem document (RFC 9457) as it came, `about:blank` where none came.

    `type` is `/problems/{slug}`; `errors` names each place; `retry_after_s` is what the service asked to wait.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        type: str = "about:blank",  # noqa: A002 - the name in the document
        errors: tuple[Fault, ...] = (),
        instance: str = "",
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        places = "; ".join(f"{fault.pointer} {fault.detail}" for fault in errors[:5])
        is_said = type != "about:blank"
        super().__init__(f"{status} {title}: {places or detail}" if is_said else f"{status} {title}")
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors
        self.instance = instance
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    @property
    def slug(self) -> str:
        """The last part of `type`: the name of the problem's page."""
        return self.type.rpartition("/")[2]


class InvalidRequest(Problem):
    """The request is not one that the service can take; `errors` names each place. Do not repeat it."""


class NotAllowed(Problem):
    """The key is missing, unknown, or a read key."""


class NotFound(Problem):
    """There is no such thing, or no more."""


class Conflict(Problem):
    """The same request is still being worked on."""


class Busy(Problem):
    """Too much to do just now, and it stayed so however often it was tried; `retry_after_s` says when to come back."""


class ServiceFault(Problem):
    """Something failed behind the interface: a defect, a gateway, or the page that was to be fetched."""


def problem_class(status: int) -> type[Problem]:
    """The class for a status; the ranges are those of the tree above."""
    named: dict[int, type[Problem]] = {401: NotAllowed, 403: NotAllowed, 404: NotFound, 410: NotFound, 409: Conflict}
    named |= {429: Busy, 503: Busy}
    return named.get(status, InvalidRequest if 400 <= status < 500 else ServiceFault)
