"""JSON values → what pydantic makes of them: models, validators, unions of models.

pydantic is imported only when a type needs it. Values are read in its JSON mode, in
which strict models take dates and tuples too, as they must come in JSON.
"""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

#: Problems of one value that are told; a model mends no more at once.
_TOLD = 5


class UnknownToPydantic(Exception):  # noqa: N818 - a signal, not a public error
    """pydantic cannot describe the type."""


def is_pydantic(kind: Any) -> bool:
    """Whether `kind` is a pydantic model, dataclass, or type such as `HttpUrl`."""
    marks = ("__pydantic_core_schema__", "__get_pydantic_core_schema__")
    return inspect.isclass(kind) and any(hasattr(kind, mark) for mark in marks)


def validate(value: Any, hint: Any) -> Any:
    """`value` as pydantic reads it from JSON.

    Raises:
        ValueError: The value cannot be of this type.
        UnknownToPydantic: pydantic does not know the type, or a part of it.
    """
    from pydantic import PydanticUserError, TypeAdapter, ValidationError
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(hint)
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError) as error:
        raise UnknownToPydantic(str(error)) from error
    try:
        return adapter.validate_json(json.dumps(value))
    except ValidationError as error:
        raise ValueError(describe_invalid(error)) from error


def describe_invalid(error: ValidationError) -> str:
    """One line for a model: where the value is wrong and what is wanted there.

    pydantic's own text adds types of errors and addresses of its website.
    """
    rows = error.errors(include_url=False, include_context=False, include_input=False)
    told = []
    for row in rows[:_TOLD]:
        place = ".".join(map(str, row["loc"]))
        told.append(f"{place}: {row['msg']}" if place else row["msg"])
    return "; ".join(told)


def describe_error(error: BaseException) -> str:
    """The error's text; in one line where it is pydantic's, from whatever function."""
    pydantic = sys.modules.get("pydantic")
    if pydantic is not None and isinstance(error, pydantic.ValidationError):
        return describe_invalid(error)
    try:
        return str(error)
    except Exception as problem:  # it is anybody's class
        return f"(its text cannot be told: {type(problem).__name__})"
