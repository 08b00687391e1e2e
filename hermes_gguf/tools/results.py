"""What a function returned → the text that the model reads in `<tool_response>`.

A text stays as it is; everything else becomes JSON, by the least surprising rule
for its type. Nothing here fails: what JSON cannot say is said by `str`.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import json
import math
from collections import deque
from collections.abc import ItemsView, KeysView, Mapping, Set, ValuesView
from typing import Any, Final

DEFAULT_MAX_CHARS: Final = 20_000
_MAX_DECIMAL_BITS: Final = 10_000
#: Told item by item, in their order; the views are those of dictionaries.
_LISTED: Final = (list, tuple, range, deque, KeysView, ValuesView, ItemsView)


def render_result(value: Any, *, max_chars: int | None = DEFAULT_MAX_CHARS) -> str:
    """The text of a tool's result.

    Args:
        value: What the function returned; a str is taken as it is.
        max_chars: Longest text in characters; the rest is cut, and says so. None
            never cuts.
    """
    if isinstance(value, str) and not isinstance(value, enum.Enum):
        text = value
    else:
        text = _render_json(value)
    if max_chars is None or len(text) <= max_chars:
        return text
    return f"{text[:max_chars]}\n[cut: {len(text) - max_chars} more characters]"


def to_valid_text(text: str) -> str:
    """`text` as UTF-8 can say it: names of files may hold bytes that are no text."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _render_json(value: Any) -> str:
    try:
        return json.dumps(_to_plain(value, ()), ensure_ascii=False)
    except RecursionError:
        return str(value)


def _to_plain(value: Any, seen: tuple[int, ...]) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return _to_plain_number(value)
    if isinstance(value, enum.Enum):
        return _to_plain(value.value, seen)
    if id(value) in seen:
        return "..."
    seen = (*seen, id(value))
    if isinstance(value, Mapping):
        return {_to_key(key): _to_plain(item, seen) for key, item in value.items()}
    if isinstance(value, _LISTED):
        return [_to_plain(item, seen) for item in value]
    if isinstance(value, Set):
        return _sorted([_to_plain(item, seen) for item in value])
    return _to_plain_object(value, seen)


def _to_plain_number(value: Any) -> Any:
    # JSON has no NaN and no infinity.
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    # Python refuses to spell longer integers in decimal.
    if isinstance(value, int) and value.bit_length() > _MAX_DECIMAL_BITS:
        return hex(value)
    return value


def _to_plain_object(value: Any, seen: tuple[int, ...]) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: _to_plain(getattr(value, name), seen) for name in names}
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return _to_text(bytes(value))
    for base in (bool, int, float, str):
        if isinstance(value, base):
            return _to_plain_number(base(value))
    return _to_plain_foreign(value, seen)


def _to_plain_foreign(value: Any, seen: tuple[int, ...]) -> Any:
    # pydantic models, then arrays and scalars of numpy and its kind, then tables.
    for method in ("model_dump", "tolist", "item", "to_dict"):
        convert = getattr(value, method, None)
        if callable(convert) and not isinstance(value, type):
            try:
                return _to_plain(convert(), seen)
            except (TypeError, ValueError):
                continue  # it only shares the method's name
    return str(value)


def _to_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode("ascii")


def _to_key(key: Any) -> str:
    plain = key.value if isinstance(key, enum.Enum) else key
    return plain if isinstance(plain, str) else str(plain)


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: (str(type(item)), str(item)))
