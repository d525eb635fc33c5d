"""The page of the Python client, from its own code. Write it with `python -m tests.docs.client_page`."""

from __future__ import annotations

import inspect
from typing import Any

from service import client
from service.client import AsyncWiretrace, Wiretrace, errors
from service.client import operations as of
from tests.docs.reading import ROOT

PAGE = ROOT / "docs/reference/python-client.md"
_HEAD = """# Python client

`service.client` is installed with Wiretrace and loads neither the model nor a web framework. `Wiretrace` is for threads,
`AsyncWiretrace` for asyncio: the same calls, with `await` and `async for`.

```python
import os

from service.client import Wiretrace

with Wiretrace(os.environ["WIRETRACE"]) as client:
    text = "By Reuters\\n\\nTwo ships broke loose at Port Ansel on Monday."
    sent = client.ingest_article({"url": "https://coast-herald.example/ships", "text": text})
    for chain in client.get_article_provenance(sent.article.id).chains:
        print(" > ".join([chain[0].source, *(link.target for link in chain)]))
```

- **Answers** are frozen models with the fields of [openapi/openapi.json](../../openapi/openapi.json), under the names that the schemas
  have there (`ArticleView`). Times are aware datetimes. Fields that a later service adds are left out; a *value* that this version
  does not know raises `UnexpectedAnswer`, so update the clients before the service.
- **Refusals** are exceptions: `Problem` and its classes, with `type`, `slug`, `title`, `status`, `detail`, `errors` (each with
  `pointer` and `detail`), `request_id` and `retry_after_s`. Each `slug` has a page in [problems](../problems/).
- **Repeating**: when no answer came, and on `429`, `503` and a gateway's `502` and `504`, a call is sent again with exponential backoff and
  full jitter, at least as late as `Retry-After` says, six times in all. Only what may happen twice is repeated: what takes articles in,
  merges, splits, creates a webhook or exchanges its secret carries an `Idempotency-Key` of the client's making.
- **Lists** come as pages (`list_articles`) or item by item (`articles`). Whoever leaves a stream of an `AsyncWiretrace` before its end
  closes it with `contextlib.aclosing`.
- **The environment** is not asked for proxies or certificates, unless you say `trust_env=True`.

This page is written by `python -m tests.docs.client_page` from the code; a test compares them.
"""
_TITLES = {
    "articles": "Articles",
    "batches": "Batches and jobs",
    "stories": "Stories and corrections",
    "changes": "Changes",
    "records": "Outlets and organisations",
    "webhooks": "Webhooks",
    "health": "The service itself",
}


def page() -> str:
    parts = [_HEAD, "## Opening\n", _shown("Wiretrace", Wiretrace), _shown("AsyncWiretrace", AsyncWiretrace)]
    parts.append(_shown("Retries", client.Retries))
    listed: set[str] = set()
    for module, title in _TITLES.items():
        parts.append(f"## {title}\n")
        for name in _calls(module):
            listed.add(name)
            parts.append(_shown(name, getattr(Wiretrace, name)))
    parts += [
        "## Articles in other forms\n",
        *(_shown(name, getattr(client, name)) for name in ("Page", "JsonLd", "Ninjs", "NewsFeed")),
    ]
    parts += [_shown("Intake", client.Intake)]
    parts += [
        "## Receiving webhooks\n",
        _shown("verify_webhook", client.verify_webhook),
        _shown("WebhookMessage", client.WebhookMessage),
    ]
    tree = inspect.cleandoc(errors.__doc__ or "").partition("\n\n")[2]
    parts += ["## Exceptions\n", f"```text\n{tree}\n```\n"]
    return "\n".join(parts)


def _calls(module: str) -> list[str]:
    """The calls of a module in the order in which the client lists them."""
    home = f"service.client.operations.{module}"
    return [name for name, found in vars(Wiretrace).items() if getattr(found, "__module__", "") == home]


def _shown(name: str, found: Any) -> str:
    words = inspect.cleandoc(found.__doc__ or "")
    return f"### {name}\n\n```text\n{_signature(name, found)}\n```\n\n{words}\n"


def _signature(name: str, found: Any) -> str:
    signature = inspect.signature(found)
    given = [_parameter(one) for one in signature.parameters.values() if one.name != "self"]
    keyword = [place for place, one in enumerate(signature.parameters.values()) if one.kind is one.KEYWORD_ONLY]
    if keyword:
        given.insert(keyword[0] - ("self" in signature.parameters), "*")
    result = "" if inspect.isclass(found) else f" -> {signature.return_annotation}"
    line = f"{name}({', '.join(given)}){result}"
    return line if len(line) <= 110 else f"{name}(\n    " + ",\n    ".join(given) + f",\n){result}"


def _parameter(one: inspect.Parameter) -> str:
    shown = f"{one.name}: {one.annotation}"
    if one.default is one.empty:
        return shown
    # What is only there for tests has no value that a reader could write.
    default = one.default.__name__ if callable(one.default) else repr(one.default)
    return f"{shown} = {default}"


assert set(_TITLES) == set(of.__all__)

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf8")
