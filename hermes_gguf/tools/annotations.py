"""Python annotations → JSON Schema, one rule for each kind of type.

What `transformers.utils.get_json_schema` can convert looks as it does there, but for
the length of tuples and the keys of dictionaries, which it drops; beyond that:
dataclasses, TypedDict, NamedTuple (an object of its fields), pydantic's models and
types, dates, sets, `Annotated`. Raises `UnsupportedAnnotation` alone; who asked for
which function is not known here.
"""

from __future__ import annotations

import collections.abc as abc
import dataclasses
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
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from .docstring import parse_docstring
from .pydantic_schema import INTEGER_KEY, constraints, model_schema
from .pydantic_values import UnknownToPydantic, is_pydantic

_PLAIN: Mapping[Any, dict[str, Any]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    None: {"type": "null"},
    Any: {},
    object: {},
    datetime.date: {"type": "string", "format": "date"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    datetime.time: {"type": "string", "format": "time"},
    datetime.timedelta: {"type": "string", "format": "duration"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    ipaddress.IPv4Address: {"type": "string", "format": "ipv4"},
    ipaddress.IPv6Address: {"type": "string", "format": "ipv6"},
    decimal.Decimal: {"type": "number"},
    pathlib.Path: {"type": "string"},
}
_ARRAYS = (
    *(list, tuple, set, frozenset, deque),
    *(abc.Sequence, abc.Iterable, abc.Collection, abc.Set, abc.MutableSequence),
)
_OBJECTS = (dict, abc.Mapping, abc.MutableMapping)


class UnsupportedAnnotation(Exception):  # noqa: N818 - a signal, not a public error
    """No JSON Schema describes the annotation; the text says why."""


class AnnotationConverter:
    """Converts the annotations of one function.

    Attributes:
        definitions: Schemas of types that contain themselves, by name, for the
            `$defs` of the parameters.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self._open: list[Any] = []

    def convert(self, hint: Any) -> dict[str, Any]:
        """The JSON Schema of the annotation.

        Raises:
            UnsupportedAnnotation: JSON has no such values.
        """
        hint = unwrap_alias(hint)
        try:
            if hint in _PLAIN:
                return dict(_PLAIN[hint])
        except TypeError:
            pass  # Annotated with an unhashable remark
        origin = get_origin(hint)
        if origin is typing.Annotated:
            return self._convert_annotated(hint)
        if origin in (Union, types.UnionType):
            return self._convert_union(get_args(hint))
        if origin is Literal:
            return self._convert_values(get_args(hint))
        if (origin or hint) in _ARRAYS:
            return self._convert_array(origin or hint, get_args(hint))
        if (origin or hint) in _OBJECTS:
            return self._convert_object(get_args(hint))
        if inspect.isclass(hint):
            return self._convert_class(hint)
        raise UnsupportedAnnotation(f"{_name(hint)} has no counterpart in JSON")

    def _convert_annotated(self, hint: Any) -> dict[str, Any]:
        inner, *remarks = get_args(hint)
        schema = self.convert(inner)
        for remark in remarks:
            if isinstance(remark, str):
                schema["description"] = remark
            else:
                added = constraints(inner, remark, definitions=self.definitions)
                if "oneOf" in added:  # a discriminator, for the same branches
                    schema.pop("anyOf", None)
                schema |= added
        return schema

    def _convert_union(self, args: Sequence[Any]) -> dict[str, Any]:
        branches = [self.convert(arg) for arg in args if arg is not type(None)]
        if len(branches) == 1:
            schema = branches[0]
        elif all(branch.keys() == {"type"} for branch in branches):
            schema = _type_of(
                {str(branch["type"]): None for branch in branches}, sort=True
            )
        else:
            schema = {"anyOf": branches}
        if type(None) in args:
            schema["nullable"] = True
        return schema

    def _convert_values(self, members: Sequence[Any]) -> dict[str, Any]:
        values = [plain_value(member) for member in members]
        for value in values:
            if type(value) not in (str, int, float, bool, type(None)):
                raise UnsupportedAnnotation(f"the value {value!r} is no plain value")
        if not values:
            raise UnsupportedAnnotation("no value at all is possible")
        kinds = {str(_PLAIN[type(value)]["type"]): None for value in values}
        return {**_type_of(kinds), "enum": values}

    def _convert_array(self, origin: Any, args: Sequence[Any]) -> dict[str, Any]:
        if not args:
            return {"type": "array"}
        if origin is not tuple or (len(args) == 2 and args[1] is Ellipsis):
            return {"type": "array", "items": self.convert(args[0])}
        items = [self.convert(arg) for arg in args]
        length = {"minItems": len(items), "maxItems": len(items)}
        return {"type": "array", "prefixItems": items, **length}

    def _convert_object(self, args: Sequence[Any]) -> dict[str, Any]:
        if not args:
            return {"type": "object"}
        values = {"additionalProperties": self.convert(args[1])}
        return {"type": "object", **values, **self._convert_keys(args[0])}

    def _convert_keys(self, hint: Any) -> dict[str, Any]:
        keys = self.convert(hint)
        if keys in ({}, {"type": "string"}):
            return {}
        if keys == {"type": "integer"}:
            return {"propertyNames": {"pattern": INTEGER_KEY}}
        if keys.get("type") != "string" or "nullable" in keys:
            raise UnsupportedAnnotation(f"JSON's keys are texts, no {_name(hint)}")
        return {"propertyNames": keys}

    def _convert_class(self, hint: type) -> dict[str, Any]:
        if issubclass(hint, enum.Enum):
            return self._convert_values(list(hint))
        if is_pydantic(hint):
            return self._convert_model(hint)
        if not has_fields(hint) and not typing.is_typeddict(hint):
            raise UnsupportedAnnotation(f"{_name(hint)} has no counterpart in JSON")
        if hint in self._open:
            self.definitions.setdefault(hint.__name__, {})
            return {"$ref": f"#/$defs/{hint.__name__}"}
        self._open.append(hint)
        try:
            schema = self._convert_fields(hint)
        finally:
            self._open.pop()
        if hint.__name__ in self.definitions:
            self.definitions[hint.__name__] = schema
            return {"$ref": f"#/$defs/{hint.__name__}"}
        return schema

    def _convert_model(self, hint: type) -> dict[str, Any]:
        try:
            return model_schema(hint, definitions=self.definitions)
        except UnknownToPydantic as error:
            raise UnsupportedAnnotation(f"{_name(hint)}: {error}") from error

    def _convert_fields(self, hint: type) -> dict[str, Any]:
        described = parse_docstring(inspect.cleandoc(hint.__doc__ or "")).parameters
        hints = typing.get_type_hints(hint, include_extras=True)
        properties: dict[str, Any] = {}
        required = []
        for name, needed in _fields(hint):
            annotation = hints.get(name, Any)
            if get_origin(annotation) in (typing.Required, typing.NotRequired):
                needed = get_origin(annotation) is typing.Required
                annotation = get_args(annotation)[0]
            schema = self.convert(annotation)
            if name in described and "description" not in schema:
                schema["description"] = described[name]
            properties[name] = schema
            if needed:
                required.append(name)
        converted: dict[str, Any] = {"type": "object", "properties": properties}
        return {**converted, "required": required} if required else converted


def _type_of(names: Mapping[str, Any], *, sort: bool = False) -> dict[str, Any]:
    listed = sorted(names) if sort else list(names)
    return {"type": listed[0] if len(listed) == 1 else listed}


def _fields(hint: Any) -> list[tuple[str, bool]]:
    """The names that the type is made from, and which of them are required."""
    if typing.is_typeddict(hint):
        names = typing.get_type_hints(hint)
        return [(name, name in hint.__required_keys__) for name in names]
    if not dataclasses.is_dataclass(hint):
        return [(name, name not in hint._field_defaults) for name in hint._fields]
    missing = dataclasses.MISSING
    return [
        (field.name, field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(hint)
        if field.init
    ]


def has_fields(hint: Any) -> bool:
    """Whether it is a dataclass or a NamedTuple: made from its fields, by name."""
    is_tuple = inspect.isclass(hint) and issubclass(hint, tuple)
    return dataclasses.is_dataclass(hint) or (is_tuple and hasattr(hint, "_fields"))


def plain_value(member: Any) -> Any:
    """What stands in JSON for a value of an enumeration, or of a `Literal`."""
    return member.value if isinstance(member, enum.Enum) else member


def unwrap_alias(hint: Any) -> Any:
    """The type behind NewType and `type X = ...`."""
    while True:
        if hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        elif type(hint).__name__ == "TypeAliasType":
            hint = hint.__value__
        else:
            return hint


def _name(hint: Any) -> str:
    return getattr(hint, "__name__", None) or str(hint)
