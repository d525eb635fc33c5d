"""What callers may send, and how it becomes an `ArticleInput`. Every refusal names the place and the reason.

Reads and checks bodies; stores nothing and knows no use case.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.domain.models import ArticleInput
from service.domain.urls import UrlError, canonical_url, site_of
from service.errors import Fault, InvalidInput, MalformedJson, MissingBody, UnsupportedMediaType
from service.settings import Settings

Model = TypeVar("Model", bound=BaseModel)

_MAX_FAULTS = 50
_MAX_DEPTH = 32
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# `metadata` passes through untouched, so it may hold what our own text may not; these two cannot be stored or sent back.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_RFC3339 = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:)(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SITE = re.compile(r"(?<![\w-])[\w-]{1,63}(\.[\w-]{1,63}){1,126}")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_REASONS = {
    "extra_forbidden": "is not a field of this request",
    "string_type": "must be a string",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be a JSON object",
}


def _given(*names: str) -> list[dict[str, Any]]:
    """JSON Schemas, each of which says that one of these fields is there."""
    return [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]


_ONE_OF_EACH: list[Any] = [{"anyOf": _given("url", "external_id")}, {"oneOf": _given("paragraphs", "text", "html")}]


class ArticleRequest(BaseModel):
    """One published page. `url` is required unless `external_id` is given; exactly one of `paragraphs`, `text`
    and `html`.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, json_schema_extra={"allOf": _ONE_OF_EACH})

    url: str | None = Field(None, description="Absolute http(s) address of the page.", json_schema_extra={"format": "uri"})
    external_id: str | None = Field(None, description="The caller's own key.", json_schema_extra={"pattern": r"\S"})
    outlet: str | None = Field(None, description="Display name or site of the outlet; default: the site of `url`.")
    title: str | None = None
    authors: list[str] | None = None
    language: str | None = Field(
        None, description="BCP 47 tag.", json_schema_extra={"pattern": f"^{LANGUAGE.pattern}$", "maxLength": 35}
    )
    published_at: str | None = Field(
        None, description="RFC 3339 with zone, as claimed by the publisher.", json_schema_extra={"format": "date-time"}
    )
    paragraphs: list[str] | None = Field(None, description="The body's blocks; indices in answers are those given here.")
    text: str | None = Field(None, description="The body; blank lines part the paragraphs, and where there are none, lines do.")
    html: str | None = Field(
        None,
        description="The page; its text is found in it, and its metadata fills the fields left away.",
        json_schema_extra={"pattern": r"\S"},
    )
    metadata: dict[str, Any] | None = Field(None, description="Passed through untouched; 16 KiB of JSON at most.")


async def read_json(request: Request) -> Any:
    """The body as JSON. Raises MissingBody, UnsupportedMediaType, MalformedJson, BodyTooLarge."""
    body = await request.body()
    if not body.strip():
        raise MissingBody
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != "application/json":
        given = media_type.strip()[:100] or "no Content-Type"
        raise UnsupportedMediaType(
            f"This call takes application/json, not {given}.", [Fault("Content-Type", "must be application/json")]
        )
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType("JSON is always UTF-8.", [Fault("Content-Type", f"charset must be utf-8, not {charset[:40]}")])
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Bodies are taken uncompressed.", [Fault("Content-Encoding", "must be left away")])
    return parse_json(body)


def parse_json(body: bytes) -> Any:
    """Raises MalformedJson with the place of the mistake."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        _malformed(f"byte {error.start} is not UTF-8")
    except json.JSONDecodeError as error:
        _malformed(f"{error.msg} at line {error.lineno}, column {error.colno}")
    except RecursionError:
        _malformed("it is nested too deeply")
    except ValueError as error:
        _malformed(str(error)[:200])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _malformed(reason: str) -> NoReturn:
    raise MalformedJson(f"The body is not JSON: {reason}.", [Fault("#", reason)])


def article_input(data: Any, limits: Settings) -> ArticleInput:
    """The validated article, whose text must be `paragraphs` or `text`: see intake.py for `html` and the other forms.

    Raises InvalidInput that lists every fault found.
    """
    if isinstance(data, dict) and isinstance(data.get("text"), str):
        data = {**data, "text": data["text"].replace("\r\n", "\n")}
    faults = list(_character_faults(data))
    _refuse(faults)
    try:
        given = ArticleRequest.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        faults.extend(Fault(_pointer(item["loc"]), _REASONS.get(item["type"], item["msg"])) for item in wrong)
        _refuse(faults)
        raise
    checks = _Checks(given, limits)
    content = checks.content()
    _refuse(checks.faults)
    return content


def checked_body(data: Any, model: type[Model]) -> Model:
    """A small body as its model. Raises InvalidInput that lists every fault found."""
    _refuse(list(_character_faults(data)))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        _refuse([Fault(_pointer(item["loc"]), _REASONS.get(item["type"], item["msg"])) for item in wrong])
        raise


def _refuse(faults: Sequence[Fault]) -> None:
    if not faults:
        return
    first = f"{faults[0].pointer} {faults[0].detail}"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    raise InvalidInput(f"{first}{more}", faults[:_MAX_FAULTS])


def _pointer(place: Sequence[str | int]) -> str:
    tokens = (str(part).replace("~", "~0").replace("/", "~1")[:100] for part in place)
    return "#" + "".join("/" + quote(token, safe="~!$&'()*+,;=:@", errors="backslashreplace") for token in tokens)


def _character_faults(data: Any) -> Iterator[Fault]:
    """Characters that no answer can carry or no text should hold, wherever they stand."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), data)]
    while waiting:
        place, value = waiting.pop()
        is_metadata = place[:1] == ("metadata",)
        if isinstance(value, str):
            yield from _faults_of_text(place, value, is_metadata=is_metadata)
        elif len(place) > _MAX_DEPTH and isinstance(value, dict | list):
            yield Fault(_pointer(place[:3]), f"is nested deeper than {_MAX_DEPTH} levels")
        elif isinstance(value, dict):
            for key in value:
                yield from _faults_of_text((*place, key), key, is_metadata=True)
            waiting.extend(((*place, key), value[key]) for key in reversed(value))
        elif isinstance(value, list):
            waiting.extend(((*place, index), value[index]) for index in range(len(value) - 1, -1, -1))


def _faults_of_text(place: Sequence[str | int], text: str, *, is_metadata: bool) -> Iterator[Fault]:
    found = (_UNSTORABLE if is_metadata else _CONTROL).search(text)
    if found:
        code = ord(found[0])
        kind = "lone surrogate" if code >= 0xD800 else "control character"
        yield Fault(_pointer(place), f"contains the {kind} U+{code:04X} at character {found.start()}")


class _Checks:
    """The rules that a schema cannot say. Collects every fault, so that a caller repairs them in one go."""

    def __init__(self, given: ArticleRequest, limits: Settings) -> None:
        self.given = given
        self.limits = limits
        self.faults: list[Fault] = []

    def content(self) -> ArticleInput:
        given = self.given
        url, canonical = self._url()
        if given.url is None and given.external_id is None:
            self._fault("url", "is required unless `external_id` is given")
        if given.external_id is not None and not given.external_id.strip():
            self._fault("external_id", "must not be empty")
        for name in ("external_id", "outlet", "title"):
            self._bounded((name,), getattr(given, name))
        if len(given.authors or ()) > self.limits.max_authors:
            self._fault("authors", f"holds {len(given.authors or ())} entries, the limit is {self.limits.max_authors}")
        for index, author in enumerate((given.authors or ())[: self.limits.max_authors]):
            self._bounded(("authors", index), author)
        paragraphs = self._paragraphs()
        published_at, language = self._published_at(), self._language()
        self._metadata()
        outlet = (given.outlet or "").strip()
        site = site_of(url) if url and canonical else outlet_site(outlet)
        return ArticleInput(
            paragraphs=paragraphs,
            external_id=given.external_id,
            url=url,
            canonical_url=canonical,
            outlet_site=site,
            outlet_name=outlet or site,
            title=(given.title or "").strip(),
            authors=tuple(given.authors or ()),
            language=language,
            published_at=published_at,
            metadata=given.metadata or {},
        )

    def _fault(self, place: str | tuple[str | int, ...], detail: str) -> None:
        self.faults.append(Fault(_pointer((place,) if isinstance(place, str) else place), detail))

    def _bounded(self, place: tuple[str | int, ...], value: str | None) -> None:
        limit = self.limits.max_title_characters
        if value is not None and len(value) > limit:
            self._fault(place, f"has {len(value)} characters, the limit is {limit}")

    def _url(self) -> tuple[str | None, str | None]:
        url = self.given.url
        if url is None:
            return None, None
        if len(url) > self.limits.max_url_characters:
            self._fault("url", f"has {len(url)} characters, the limit is {self.limits.max_url_characters}")
            return url, None
        try:
            return url.strip(" "), canonical_url(url)
        except UrlError as error:
            self._fault("url", str(error))
            return url, None

    def _paragraphs(self) -> tuple[str, ...]:
        given, limits = self.given, self.limits
        if (given.paragraphs is None) == (given.text is None):
            detail = "exactly one of `paragraphs`, `text` and `html` must be given, not " + (
                "both" if given.text is not None else "none"
            )
            self._fault("paragraphs", detail)
            return ()
        paragraphs = given.paragraphs if given.paragraphs is not None else split_text(given.text or "")
        field = "paragraphs" if given.paragraphs is not None else "text"
        if len(paragraphs) > limits.max_paragraphs:
            self._fault(field, f"holds {len(paragraphs)} paragraphs, the limit is {limits.max_paragraphs}")
            return ()
        for index, paragraph in enumerate(paragraphs):
            if len(paragraph) > limits.max_paragraph_characters:
                place, what = ((field, index), "has") if field == "paragraphs" else ((field,), f"paragraph {index} has")
                self._fault(place, f"{what} {len(paragraph)} characters, the limit is {limits.max_paragraph_characters}")
        total = sum(map(len, paragraphs))
        if total > limits.max_article_characters:
            self._fault(field, f"holds {total} characters, the limit is {limits.max_article_characters}")
        # A flash is a headline alone; an article without either is nothing.
        if not any(paragraph.strip() for paragraph in paragraphs) and not (given.title or "").strip():
            self._fault(field, "holds no text, and there is no title")
        return tuple(paragraphs)

    def _published_at(self) -> datetime | None:
        if self.given.published_at is None:
            return None
        try:
            return rfc3339(self.given.published_at)
        except ValueError as error:
            self._fault("published_at", str(error))
            return None

    def _language(self) -> str | None:
        language = self.given.language
        if language is None:
            return None
        if len(language) > 35 or not LANGUAGE.fullmatch(language):
            self._fault("language", "is not a BCP 47 tag such as `en` or `pt-BR`")
            return None
        first, *rest = language.split("-")
        return "-".join(
            [first.lower(), *(part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in rest)]
        )

    def _metadata(self) -> None:
        try:
            size = len(json.dumps(self.given.metadata or {}, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode())
        except ValueError:
            self._fault("metadata", "holds a number that is too large")
            return
        if size > self.limits.max_metadata_bytes:
            self._fault("metadata", f"has {size} bytes as JSON, the limit is {self.limits.max_metadata_bytes}")


def split_text(text: str) -> list[str]:
    """The paragraphs of a plain text: blocks between blank lines, or lines where there is no blank one."""
    stripped = text.strip()
    parts = _BLANK_LINES.split(stripped) if _BLANK_LINES.search(stripped) else stripped.split("\n")
    return [part.strip() for part in parts if part.strip()]


def rfc3339(text: str) -> datetime:
    """In UTC. Raises ValueError with the reason."""
    found = _RFC3339.fullmatch(text)
    if not found:
        raise ValueError("is not an RFC 3339 time with zone, such as 2026-05-04T10:00:00Z or 2026-05-04T12:00:00+02:00")
    day, minutes, seconds, fraction, zone = found.groups()
    # A leap second is a valid time that the calendar here cannot hold.
    seconds = "59" if seconds == "60" else seconds
    try:
        at = datetime.fromisoformat(f"{day}T{minutes}{seconds}{(fraction or '')[:7]}{'+00:00' if zone in 'Zz' else zone}")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"is not a time that exists: {error}") from error


def outlet_site(outlet: str) -> str:
    """What identifies an outlet that is named without an address: its site, or its name in plain letters."""
    outlet = outlet.strip()
    try:
        if outlet.lower().startswith(("http://", "https://")):
            return site_of(outlet)
        if _SITE.fullmatch(outlet):
            return site_of(f"https://{outlet}")
    except UrlError:
        pass
    plain = unicodedata.normalize("NFKC", outlet).casefold()
    return "-".join(re.findall(r"\w+", plain))


def checked_text(parameter: str, value: str | None) -> str | None:
    """A query parameter without characters that no stored text holds. Raises InvalidInput."""
    if value is not None and (found := _CONTROL.search(value)):
        detail = f"contains the control character U+{ord(found[0]):04X}"
        raise InvalidInput(f"{parameter} {detail}", [Fault(f"?{parameter}", detail)])
    return value


__all__ = ["ArticleRequest", "article_input", "checked_text", "outlet_site", "parse_json", "read_json", "rfc3339"]
