"""The composition root: the only place where parts meet. Nothing is opened before the lifespan begins.

With `service/parts`, which builds what runs. Imported by the entry point and by tests, by no other room.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from service import __version__
from service.api import (
    articles,
    batches,
    changes,
    check,
    corrections,
    fetch,
    health,
    organisations,
    outlets,
    problems,
    stories,
    webhooks,
)
from service.api.fetch import FetchRequest
from service.api.middleware import Admission, Authentication, Permit, RequestContext, SizeLimit
from service.api.passing_on import PassingOn
from service.api.rate_limit import RateLimit
from service.api.requests import ArticleRequest
from service.api.services import Services
from service.api.vocabulary import describe
from service.errors import ConfigurationError
from service.keys import KeyRing
from service.ops.metrics import Metrics
from service.parts.roles import open_parts
from service.settings import Settings

Parts = Callable[[Settings, Metrics], AbstractAsyncContextManager[Services]]

_DESCRIPTION = (
    "Finds reused news copy: which articles are one event (story), which of them carry the same piece of reporting (report), "
    "who carried whose copy, by which evidence, and how sure that is."
)


def create_app(settings: Settings, parts: Parts | None = None) -> FastAPI:
    """The ASGI application. `parts` replaces what `open_parts` builds.

    Raises ConfigurationError when `settings` would serve other machines without API keys.
    """
    refuse_open_door(settings)
    metrics = Metrics()
    build = parts or open_parts

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with build(settings, metrics) as services:
            app.state.bell = services.following.bell if services.following else None
            app.state.watch = services.watch
            yield {"services": services}

    app = FastAPI(
        title="Wiretrace",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.metrics = metrics
    problems.install(app)
    for router in (
        articles.router,
        batches.router,
        fetch.router,
        stories.router,
        changes.router,
        corrections.router,
        webhooks.router,
        outlets.router,
        organisations.router,
        check.router,
        health.router,
    ):
        app.include_router(router)
    # The last one added is the outermost.
    app.add_middleware(PassingOn, metrics=metrics)
    sizes = {"/v1/batches": settings.max_batch_bytes}
    app.add_middleware(SizeLimit, max_body_bytes=settings.max_body_bytes, batches=sizes)
    limits: dict[Permit, int] = {
        "read": settings.max_concurrent_reads,
        "write": settings.max_concurrent_writes,
        "stream": settings.max_streams,
    }
    app.add_middleware(Admission, metrics=metrics, limits=limits, retry_after_s=settings.retry_after_s)
    app.add_middleware(RateLimit, per_s=settings.rate_limit_per_s, burst=settings.rate_limit_burst)
    app.add_middleware(Authentication, keys=_keys(settings))
    app.add_middleware(RequestContext, metrics=metrics)
    _document(app)
    return app


def refuse_open_door(settings: Settings) -> None:
    """Without keys anybody who reaches the port could write."""
    if not settings.is_loopback() and not settings.keys() and settings.api_keys_file is None:
        raise ConfigurationError(
            f"Listening on {settings.host} needs API keys: set WIRETRACE_API_KEYS to read:KEY,write:KEY, or listen on 127.0.0.1."
        )


def _keys(settings: Settings) -> KeyRing:
    try:
        return KeyRing(settings.keys(), settings.api_keys_file)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The file of API keys cannot be used: {error}") from error


def _document(app: FastAPI) -> None:
    """Adds to the generated OpenAPI what the framework cannot know: the body it does not parse and the problem document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            schemas = schema["components"]["schemas"]
            for model in (ArticleRequest, FetchRequest, problems.ProblemView):
                described = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(described.pop("$defs", {}))
                schemas[model.__name__] = described
            schema["components"]["securitySchemes"] = {
                "key": {"type": "http", "scheme": "bearer", "description": "Needed when the service was started with API keys."}
            }
            schema["security"] = [{}, {"key": []}]
            _without_null_parameters(schema)
            describe(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _without_null_parameters(schema: dict[str, Any]) -> None:
    """An optional parameter is left away; unlike a field of a body, it cannot be null."""
    operations = (operation for path in schema["paths"].values() for operation in path.values())
    for parameter in (parameter for operation in operations for parameter in operation.get("parameters", ())):
        kinds = parameter["schema"].pop("anyOf", None)
        if kinds is not None:
            (kind,) = (kind for kind in kinds if kind != {"type": "null"})
            parameter["schema"] |= kind
