"""JSON values → what pydantic makes of them: models, validators, unions of models.

pydantic is imported only when a type needs it. Values are read in its JSON mode, in
which strict models take dates and tuples too, as they must come in JSON.
"""

from __future__ import annotations

import inspect
import json
from typing import Any


class UnknownToPydantic(Exception):  # noqa: N818 - a signal, not a public error
    """pydantic cannot describe the type."""


def is_pydantic(kind: Any) -> bool:
    """Whether `kind` is a pydantic model, or a dataclass under pydantic's decorator."""
    return inspect.isclass(kind) and hasattr(kind, "__pydantic_core_schema__")


def validate(value: Any, hint: Any) -> Any:
    """`value` as pydantic reads it from JSON.

    Raises:
        ValueError: The value cannot be of this type; it is pydantic's own error.
        UnknownToPydantic: pydantic does not know the type, or a part of it.
    """
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(hint)
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError) as error:
        raise UnknownToPydantic(str(error)) from error
    return adapter.validate_json(json.dumps(value))
