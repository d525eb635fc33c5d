# ruff: noqa: N818, D404 - a class is named after what is wrong, and its docstring is the message that a caller reads
"""Everything that can go wrong in a way a caller should understand; the docstring of a class is its message.

Each class owns a `slug` (its page under /problems/ and docs/problems/), an HTTP `status` number and a `title`.
Knows no HTTP framework; `service/api/problems.py` turns these into RFC 9457 documents, the command line into one line.

    WiretraceError
    ├── RequestError            the caller can repair it
    │   ├── MalformedJson       MissingBody        UnsupportedMediaType   BodyTooLarge
    │   ├── InvalidInput        InvalidCursor
    │   ├── UnreadablePage      FetchRefused       RobotsDisallowed       FetchFailed
    │   ├── UnreadableFeed      ChangesGone        TooManyWebhooks
    │   ├── RouteNotFound       ArticleNotFound    StoryNotFound          MethodNotAllowed
    │   ├── StoryGone           ConstraintNotFound WebhookNotFound        DeliveryNotFound
    │   ├── OutletNotFound      OrganisationNotFound                      NotAcceptable
    │   ├── JobNotFound         IdempotencyKeyReused                      IdempotencyKeyInFlight
    │   └── Unauthenticated     Forbidden
    ├── Unavailable             try again later; carries `retry_after_s`
    │   ├── Overloaded          EncoderUnavailable StoreUnavailable       NotReady
    │   └── RateLimited         WriterAway
    └── InternalError           ours to repair
        └── ConfigurationError  ModelMismatch      SchemaMismatch
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in the request that is wrong. `pointer` is a JSON Pointer (RFC 6901) in URI fragment form: `#/paragraphs/3`,
    or names a query parameter: `?limit`, or a header: `Content-Type`.
    """

    pointer: str
    detail: str


class WiretraceError(Exception):
    """The request could not be served."""

    slug: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str | None = None, faults: Sequence[Fault] = ()) -> None:
        self.detail = detail or " ".join(inspect.cleandoc(type(self).__doc__ or "").split())
        self.faults = tuple(faults)
        super().__init__(self.detail)


class RequestError(WiretraceError):
    """The request is not one that this service can serve as it stands."""

    slug = "bad-request"
    status = 400
    title = "Bad request"


class MalformedJson(RequestError):
    """The body is not JSON."""

    slug = "malformed-json"
    status = 400
    title = "Body is not JSON"


class MissingBody(RequestError):
    """This call needs a body and came without one, or with nothing but blanks."""

    slug = "missing-body"
    status = 422
    title = "Body is missing"


class UnsupportedMediaType(RequestError):
    """The body's Content-Type is none that this call takes; `detail` names those that it does."""

    slug = "unsupported-media-type"
    status = 415
    title = "Media type is not supported"


class BodyTooLarge(RequestError):
    """The body is larger than this service accepts."""

    slug = "body-too-large"
    status = 413
    title = "Body is too large"


class InvalidInput(RequestError):
    """The request names something this service cannot accept; `errors` lists every place with the reason."""

    slug = "invalid-input"
    status = 422
    title = "Request is not valid"


class InvalidCursor(RequestError):
    """The cursor is not one that this list gave out; leave it away to begin from the top."""

    slug = "invalid-cursor"
    status = 400
    title = "Cursor is not valid"


class UnreadablePage(RequestError):
    """The page could not be turned into an article: no text was found on it, or reading it took too much time or memory."""

    slug = "unreadable-page"
    status = 422
    title = "Page cannot be read"


class UnreadableFeed(RequestError):
    """The body is no RSS or Atom feed that can be read: it is not XML, has a document type, or holds too many items."""

    slug = "unreadable-feed"
    status = 422
    title = "Feed cannot be read"


class FetchRefused(RequestError):
    """The service does not connect to this address: only public hosts on the usual ports, without user names."""

    slug = "fetch-refused"
    status = 422
    title = "Address is not fetched"


class RobotsDisallowed(RequestError):
    """The site's robots.txt does not allow this service to read the page."""

    slug = "robots-disallowed"
    status = 422
    title = "Site does not allow reading"


class FetchFailed(RequestError):
    """The page's site did not send a page: it could not be reached, answered with an error, or sent something else."""

    slug = "fetch-failed"
    status = 502
    title = "Page could not be fetched"


class RouteNotFound(RequestError):
    """There is no such address in this service; /docs lists those that exist."""

    slug = "not-found"
    status = 404
    title = "No such address"


class ArticleNotFound(RequestError):
    """No article has this id."""

    slug = "article-not-found"
    status = 404
    title = "No such article"


class StoryNotFound(RequestError):
    """No story has this id."""

    slug = "story-not-found"
    status = 404
    title = "No such story"


class StoryGone(RequestError):
    """This story holds no article any more: all of them were deleted. Its history is still there."""

    slug = "story-gone"
    status = 410
    title = "Story has ended"


class ChangesGone(RequestError):
    """The change feed does not go back that far any more; read the stories anew, then go on from where `detail` says."""

    slug = "changes-gone"
    status = 410
    title = "Changes are not kept any more"


class ConstraintNotFound(RequestError):
    """No constraint has this id; it may have been taken back."""

    slug = "constraint-not-found"
    status = 404
    title = "No such constraint"


class WebhookNotFound(RequestError):
    """No webhook has this id."""

    slug = "webhook-not-found"
    status = 404
    title = "No such webhook"


class TooManyWebhooks(RequestError):
    """There are as many webhooks as this service tells; delete one that is not needed."""

    slug = "too-many-webhooks"
    status = 409
    title = "No room for another webhook"


class DeliveryNotFound(RequestError):
    """This webhook has no delivery with this id."""

    slug = "delivery-not-found"
    status = 404
    title = "No such delivery"


class OutletNotFound(RequestError):
    """No article of this outlet was ingested in the period asked for."""

    slug = "outlet-not-found"
    status = 404
    title = "No such outlet"


class OrganisationNotFound(RequestError):
    """No organisation has this id, name, alias or site."""

    slug = "organisation-not-found"
    status = 404
    title = "No such organisation"


class JobNotFound(RequestError):
    """No job has this id."""

    slug = "job-not-found"
    status = 404
    title = "No such job"


class IdempotencyKeyReused(RequestError):
    """This Idempotency-Key came before with another request; use a new key for a new request."""

    slug = "idempotency-key-reused"
    status = 422
    title = "Idempotency-Key was used for another request"


class IdempotencyKeyInFlight(RequestError):
    """A request with this Idempotency-Key is still being worked on; ask again in a moment."""

    slug = "idempotency-key-in-flight"
    status = 409
    title = "Request is still being worked on"


class NotAcceptable(RequestError):
    """The Accept header allows none of the representations that this resource has."""

    slug = "not-acceptable"
    status = 406
    title = "No acceptable representation"


class MethodNotAllowed(RequestError):
    """This address exists, but not for this method; the Allow header names those it takes."""

    slug = "method-not-allowed"
    status = 405
    title = "Method is not allowed"


class Unauthenticated(RequestError):
    """This call needs an API key: send it as `Authorization: Bearer KEY`."""

    slug = "unauthenticated"
    status = 401
    title = "API key is missing or unknown"


class Forbidden(RequestError):
    """This API key may read but not write."""

    slug = "forbidden"
    status = 403
    title = "API key does not allow this"


class Unavailable(WiretraceError):
    """The service cannot do this now; try again after the time that Retry-After names."""

    slug = "unavailable"
    status = 503
    title = "Temporarily unavailable"

    def __init__(self, detail: str | None = None, retry_after_s: int = 1, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail, faults)
        self.retry_after_s = retry_after_s


class Overloaded(Unavailable):
    """More work is waiting than this service can take on; nothing of this request was stored."""

    slug = "overloaded"
    title = "Too much load"


class RateLimited(Unavailable):
    """This API key has made more calls than it may; wait as long as Retry-After says."""

    slug = "rate-limited"
    status = 429
    title = "Too many calls"


class EncoderUnavailable(Unavailable):
    """The encoder does not answer; nothing of this request was stored."""

    slug = "encoder-unavailable"
    title = "Encoder is unavailable"


class WriterAway(Unavailable):
    """This process reads; the one that writes cannot be reached now, and another takes its place. Nothing of this request was
    stored, unless the detail says that it is not known.
    """

    slug = "writer-away"
    title = "Nobody writes now"


class StoreUnavailable(Unavailable):
    """The database cannot be reached or written now; nothing of this request was stored."""

    slug = "store-unavailable"
    title = "Store is unavailable"


class NotReady(Unavailable):
    """At least one part of the service does not work; `errors` names it."""

    slug = "not-ready"
    title = "Service is not ready"


class InternalError(WiretraceError):
    """Something went wrong on our side; the log has the request id and the reason."""

    slug = "internal"
    status = 500
    title = "Internal error"


class ConfigurationError(InternalError):
    """The settings contradict each other or name something that is not there."""

    slug = "configuration"
    title = "Configuration is not valid"


class ModelMismatch(InternalError):
    """The encoder's model file is not the one that was asked for."""

    slug = "model-mismatch"
    title = "Model file differs"


class SchemaMismatch(InternalError):
    """The database has another schema revision than this version of the service; run `wiretrace migrate`."""

    slug = "schema-mismatch"
    title = "Database schema differs"


def problem_classes() -> Iterator[type[WiretraceError]]:
    """Every class with a slug of its own, in the order of definition; the abstract ones are left out."""
    abstract = {RequestError, Unavailable}
    waiting: list[type[WiretraceError]] = list(WiretraceError.__subclasses__())
    while waiting:
        kind = waiting.pop(0)
        waiting.extend(kind.__subclasses__())
        if kind not in abstract and kind.__module__ == __name__:
            yield kind
