"""The tables of what happened and who is told: changes, consumers, an editor's constraints, webhooks, deliveries.

Same rules as `service/store/tables.py`, whose metadata these share.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlmodel import Field

from service.store.tables import Ordered, Row, UtcDateTime


class ChangeRow(Row, table=True):
    """The outbox: written in the transaction of the effect, never altered. `sequence` has no gaps."""

    __tablename__ = "change"
    sequence: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    type: str = Field(sa_type=Text)
    story_id: str | None = Field(sa_type=Ordered)
    article_id: str | None = Field(sa_type=Ordered)
    data: str = Field(sa_type=Text)


class ChangeConsumerRow(Row, table=True):
    """How far a named reader of the change feed says that it has come."""

    __tablename__ = "change_consumer"
    name: str = Field(sa_type=Ordered, primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    acknowledged_at: datetime = Field(sa_type=UtcDateTime)


class EditorConstraintRow(Row, table=True):
    """An editor's word about which articles are one event."""

    __tablename__ = "editor_constraint"
    id: str = Field(sa_type=Ordered, primary_key=True)
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
    detail: str = Field(sa_type=Text)


class WebhookRow(Row, table=True):
    """An address that is told of changes; `sequence` is the last change that was dealt with."""

    __tablename__ = "webhook"
    id: str = Field(sa_type=Ordered, primary_key=True)
    url: str = Field(sa_type=Text)
    types: str = Field(sa_type=Text)
    secret: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sequence: int = Field(sa_type=BigInteger)
    disabled_reason: str | None = Field(sa_type=Text)
    # The secret before the present one, which signs too until then.
    last_secret: str | None = Field(sa_type=Text)
    last_secret_until: datetime | None = Field(sa_type=UtcDateTime)


class WebhookDeliveryRow(Row, table=True):
    """One change on its way to one webhook."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index(None, "webhook_id", "state"), Index(None, "state", "last_at"))
    webhook_id: str = Field(sa_type=Ordered, sa_column_args=(ForeignKey("webhook.id", ondelete="CASCADE"),), primary_key=True)
    sequence: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    type: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    attempts: int
    next_at: datetime | None = Field(sa_type=UtcDateTime)
    last_at: datetime | None = Field(sa_type=UtcDateTime)
    status: int | None
    response: str = Field(sa_type=Text)


change = Row.metadata.tables["change"]
change_consumer = Row.metadata.tables["change_consumer"]
editor_constraint = Row.metadata.tables["editor_constraint"]
webhook = Row.metadata.tables["webhook"]
webhook_delivery = Row.metadata.tables["webhook_delivery"]
