"""The Python client of Wiretrace: `Wiretrace` for threads, `AsyncWiretrace` for asyncio, and `verify_webhook` for receivers.

Imports no part of the service but the shapes of its answers: neither a model nor a web framework is loaded.
"""

from service.client.arguments import ArticleFields, ArticleSource, Batch, JsonLd, NewsFeed, Ninjs, Page
from service.client.asynchronous import AsyncWiretrace
from service.client.blocking import Wiretrace
from service.client.errors import (
    Busy,
    ClientError,
    Conflict,
    Fault,
    InvalidArgument,
    InvalidRequest,
    InvalidSignature,
    NoAnswer,
    NotAllowed,
    NotFound,
    NotInTime,
    Problem,
    ServiceFault,
    UnexpectedAnswer,
)
from service.client.operations.articles import Intake
from service.client.policy import Retries
from service.client.verifying import WebhookMessage, verify_webhook

__all__ = [
    "ArticleFields",
    "ArticleSource",
    "AsyncWiretrace",
    "Batch",
    "Busy",
    "ClientError",
    "Conflict",
    "Fault",
    "Intake",
    "InvalidArgument",
    "InvalidRequest",
    "InvalidSignature",
    "JsonLd",
    "NewsFeed",
    "Ninjs",
    "NoAnswer",
    "NotAllowed",
    "NotFound",
    "NotInTime",
    "Page",
    "Problem",
    "Retries",
    "ServiceFault",
    "UnexpectedAnswer",
    "WebhookMessage",
    "Wiretrace",
    "verify_webhook",
]
