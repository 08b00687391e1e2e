"""JSON values → what a function's annotations promise: Enum members, models, dates.

The reverse of `annotations`. Plain values pass unchanged; whether they obey the
tool's schema was checked before, elsewhere. What pydantic describes, pydantic converts.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import inspect
import ipaddress
import pathlib
import types
import typing
import uuid
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from .annotations import has_fields, plain_value, unwrap_alias
from .pydantic_values import UnknownToPydantic, is_pydantic, validate


def _upper(read: typing.Callable[[str], Any]) -> typing.Callable[[str], Any]:
    """JSON Schema's dates may have a small "t" and "z", Python's `time` may not."""
    return lambda text: read(text.upper())


_FROM_TEXT: Mapping[Any, typing.Callable[[str], Any]] = {
    datetime.date: datetime.date.fromisoformat,
    datetime.datetime: _upper(datetime.datetime.fromisoformat),
    datetime.time: _upper(datetime.time.fromisoformat),
    # pydantic reads ISO 8601; Python does not.
    datetime.timedelta: lambda text: validate(text, datetime.timedelta),
    uuid.UUID: uuid.UUID,
    ipaddress.IPv4Address: ipaddress.IPv4Address,
    ipaddress.IPv6Address: ipaddress.IPv6Address,
    pathlib.Path: pathlib.Path,
}
_CONTAINERS = {kind: kind for kind in (list, tuple, set, frozenset, deque)}


def convert_value(value: Any, hint: Any) -> Any:
    """`value` as the type that `hint` promises.

    Raises:
        ValueError: The value cannot be of this type; pydantic's own error is one.
    """
    hint = unwrap_alias(hint)
    origin, args = get_origin(hint), get_args(hint)
    if _is_for_pydantic(hint):
        try:
            return validate(value, hint)
        except UnknownToPydantic:
            pass  # a part of it is; the parts come one by one
    if origin is typing.Annotated:
        return convert_value(value, args[0])
    if origin in (typing.Required, typing.NotRequired):
        return convert_value(value, args[0])
    if origin in (Union, types.UnionType):
        return _convert_union(value, args)
    if origin is Literal:
        return _require_one_of(value, args)
    kind = origin or hint
    if isinstance(value, list):
        return _convert_list(value, kind, args)
    if isinstance(value, dict) and len(args) == 2:
        return {
            _convert_key(key, args[0]): convert_value(item, args[1])
            for key, item in value.items()
        }
    return _convert_plain(value, kind)


def _is_for_pydantic(hint: Any) -> bool:
    """Whether a model, or a remark that may hold a validator, stands anywhere in it.

    A union is decided as a whole: the first model that fits may ignore half the keys.
    """
    hint = unwrap_alias(hint)
    if get_origin(hint) is Literal:
        return False
    if get_origin(hint) is typing.Annotated:
        inner, *remarks = get_args(hint)
        is_remark = any(not isinstance(remark, str) for remark in remarks)
        return is_remark or _is_for_pydantic(inner)
    return is_pydantic(hint) or any(map(_is_for_pydantic, get_args(hint)))


def _convert_key(key: str, hint: Any) -> Any:
    return int(key) if unwrap_alias(hint) is int else convert_value(key, hint)


def _convert_plain(value: Any, kind: Any) -> Any:
    if kind in _FROM_TEXT:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a text")
        return _FROM_TEXT[kind](value)
    if kind in (int, float, decimal.Decimal):
        return _convert_number(value, kind)
    return _convert_class(value, kind) if inspect.isclass(kind) else value


def _convert_number(value: Any, kind: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    if kind is decimal.Decimal:
        return decimal.Decimal(str(value))
    if kind is int and isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value!r} is not an integer")
    return kind(value)


def _convert_class(value: Any, kind: Any) -> Any:
    if issubclass(kind, enum.Enum):
        return kind(value)
    if isinstance(value, dict) and has_fields(kind):
        return _convert_fields(value, kind)
    if isinstance(value, dict) and typing.is_typeddict(kind):
        hints = typing.get_type_hints(kind, include_extras=True)
        return {
            key: convert_value(item, hints.get(key, Any)) for key, item in value.items()
        }
    return _require(value, kind)


def _require(value: Any, kind: type) -> Any:
    plain = (str, bool, list, dict, type(None))
    if kind in plain and not isinstance(value, kind):
        raise ValueError(f"{value!r} is not {kind.__name__}")
    return value


def _require_one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    for item in allowed:
        plain = plain_value(item)
        if value == plain and type(value) is type(plain):
            return item
    names = ", ".join(repr(plain_value(item)) for item in allowed)
    raise ValueError(f"{value!r} is none of {names}")


def _convert_fields(value: Mapping[str, Any], kind: Any) -> Any:
    hints = typing.get_type_hints(kind, include_extras=True)
    try:
        return kind(
            **{
                key: convert_value(item, hints.get(key, Any))
                for key, item in value.items()
            }
        )
    except TypeError as error:
        raise ValueError(str(error)) from error


def _convert_list(value: list[Any], kind: Any, args: tuple[Any, ...]) -> Any:
    if kind is tuple and args and args[-1] is not Ellipsis:
        if len(value) != len(args):
            raise ValueError(f"{value!r} must have {len(args)} items")
        return tuple(map(convert_value, value, args))
    if kind in (str, int, float, bool, dict) or has_fields(kind):
        raise ValueError(f"{value!r} is not {kind.__name__}")
    items = [convert_value(item, args[0]) if args else item for item in value]
    return _CONTAINERS.get(kind, list)(items)


def _convert_union(value: Any, args: tuple[Any, ...]) -> Any:
    if value is None and type(None) in args:
        return None
    # An exact plain type wins, so that "5" stays a text in `int | str`.
    if type(value) in args:
        return value
    problems = []
    for arg in args:
        if arg is type(None):
            continue
        try:
            return convert_value(value, arg)
        except (ValueError, TypeError) as error:
            problems.append(str(error))
    raise ValueError("; ".join(problems) or f"{value!r} is not None")
