r"""Keeps foreign text from being mistaken for the prompt's own markup.

JSON stays equal JSON: a tag's `<` becomes `\u003c`. Nothing here decides where a
text goes, only how it is spelled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_WORDS = "tools|tool_call|tool_response|schema|think|scratch_pad"
_TAG = re.compile(rf"<(?=/?(?:{_WORDS})>|\|[A-Za-z0-9_]+\|>)")
_RESPONSE_TAG = re.compile(r"<(?=/?tool_response>)")
# A raw newline is the training format; other controls and backslashes are not.
_AMBIGUOUS = re.compile(r"[\\\x00-\x09\x0b-\x1f\x7f]")


def escape_tags(json_text: str) -> str:
    r"""JSON text with the `<` of every Hermes tag and special token as `\u003c`."""
    return _TAG.sub(r"\\u003c", json_text)


def render_json(value: Any, *, compact: bool = False) -> str:
    """`value` as one line of JSON: UTF-8 kept, keys in order, tags escaped."""
    separators = (",", ":") if compact else (", ", ": ")
    return escape_tags(json.dumps(value, ensure_ascii=False, separators=separators))


def render_python(value: Any) -> str:
    r"""`value` as Python prints it, tags escaped as `\x3c`."""
    return _TAG.sub(r"\\x3c", repr(_plain(value)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def escape_description(text: str) -> str:
    """A description as the training format has it, escaped only if ambiguous.

    The official template prints descriptions raw inside a JSON string. A text
    with a tag, a backslash or a control character is JSON-escaped instead.
    """
    if not _AMBIGUOUS.search(text) and not _TAG.search(text):
        return text
    return render_json(text)[1:-1]


def escape_response(text: str) -> str:
    """A tool result that cannot close its own `<tool_response>`."""
    return _RESPONSE_TAG.sub(r"\\u003c", text)
