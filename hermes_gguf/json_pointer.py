"""JSON Pointers: a place in a JSON document, as text.

Source: RFC 6901.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_INDEX = re.compile(r"0|[1-9][0-9]*")


def escape_token(token: str | int) -> str:
    """A key or an index as it is written between two slashes."""
    text = str(token)
    if "~" in text or "/" in text:
        return text.replace("~", "~0").replace("/", "~1")
    return text


def split_pointer(pointer: str) -> list[str]:
    """Keys and indexes from the root on; `""` is the root and has none."""
    tokens = pointer.split("/")[1:]
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def step_into(value: Any, token: str) -> Any:
    """What stands in an object under the key `token`, or in an array at that index.

    Raises:
        LookupError: there is nothing.
    """
    if isinstance(value, Mapping):
        return value[token]
    is_array = isinstance(value, Sequence) and not isinstance(value, str)
    if is_array and _INDEX.fullmatch(token):
        return value[int(token)]
    raise LookupError(token)
