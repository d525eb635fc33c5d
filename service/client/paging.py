"""Lists without their pages: one item after the other, as far as somebody asks. Knows no list by name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from service.client.policy import Policy
from service.client.steps import Emit, Feed, Flow

P = ParamSpec("P")
Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Listed(Protocol[Item_co]):
    """A page of any list."""

    @property
    def items(self) -> Sequence[Item_co]: ...

    @property
    def next_cursor(self) -> str | None: ...


def unpaged(ask: Callable[Concatenate[Policy, P], Flow[Listed[Item]]]) -> Callable[Concatenate[Policy, P], Feed[Item]]:
    """`ask` gives one page and takes a `cursor`; what comes back gives its items and those of all pages behind it."""

    def feed(policy: Policy, /, *args: P.args, **kwargs: P.kwargs) -> Feed[Item]:
        again: Any = ask
        page: Listed[Item] = yield from ask(policy, *args, **kwargs)
        while True:
            for item in page.items:
                yield Emit(item)
            if page.next_cursor is None:
                return
            page = yield from again(policy, *args, **{**kwargs, "cursor": page.next_cursor})

    functools.update_wrapper(feed, ask)
    feed.__doc__ = f"All items of `{ask.__name__}`, page by page as far as they are asked for. `limit` is the size of a page."
    page_name = str(inspect.signature(ask).return_annotation).removeprefix("Flow[").removesuffix("]")
    [item] = ask.__globals__[page_name].model_fields["items"].annotation.__args__
    shown = inspect.signature(ask).replace(return_annotation=f"Feed[{item.__name__}]")
    vars(feed)["__signature__"] = shown
    return feed
