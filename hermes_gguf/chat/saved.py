"""Conversations as files: written whole or not at all, read back with care.

Knows the file's form; what a conversation does with its messages is its own business.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import MessageError, OptionError
from ..files import read_text, write_atomically
from ..messages import Message
from .convert import message_to_openai, messages_from_openai
from .feedback import turn_starts

_FORMAT, _VERSION = "hermes-gguf conversation", 1


def conversation_to_json(messages: Iterable[Message]) -> dict[str, Any]:
    """A conversation as plain data, messages in OpenAI's form."""
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "messages": [message_to_openai(message) for message in messages],
    }


def save_messages(messages: Iterable[Message], *, path: Path) -> None:
    """Write a conversation to a file, whole or not at all.

    Raises:
        OptionError: its folder does not exist.
        OSError: the disk refuses; what was in the file stays.
    """
    if not path.parent.is_dir():
        raise OptionError("path", f"there is no folder {path.parent}")
    data = conversation_to_json(messages)
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    # Half a surrogate pair is no text, but JSON has an escape for it.
    write_atomically(path, [text.encode(errors="backslashreplace")])


def load_messages(path: Path) -> list[Message]:
    """The messages of a saved conversation, or of a bare list in OpenAI's form.

    Raises:
        OSError: the file cannot be read.
        OptionError: it holds no conversation.
        MessageError: a message is malformed, or the last turn has no answer.
    """
    try:
        data = json.loads(read_text(path))
    except UnicodeDecodeError as error:
        raise OptionError("path", f"{path} is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise OptionError("path", f"{path} is not JSON: {error}") from error
    rows = _rows(data, path)
    messages = messages_from_openai(rows)
    if messages and turn_starts(messages)[-1:] == [len(messages) - 1]:
        raise MessageError("the last turn has no answer", index=len(rows) - 1)
    return messages


def _rows(data: Any, path: Path) -> list[Any]:
    """The list of messages in a file's document.

    Raises:
        OptionError: there is none, or a later version of this program wrote it.
    """
    rows = data.get("messages") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise OptionError("path", f"{path} holds no conversation")
    version = data.get("version", _VERSION) if isinstance(data, dict) else _VERSION
    if version != _VERSION:
        raise OptionError(
            "path",
            f"{path} has version {version!r} of a conversation's form, not {_VERSION}",
            hint="read it with the hermes-gguf that wrote it",
        )
    return rows
