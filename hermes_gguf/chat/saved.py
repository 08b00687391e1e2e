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
from ..messages import Message, UserMessage
from .convert import message_to_openai, messages_from_openai

_FORMAT = "hermes-gguf conversation"


def conversation_to_json(messages: Iterable[Message]) -> dict[str, Any]:
    """A conversation as plain data, messages in OpenAI's form."""
    return {
        "format": _FORMAT,
        "version": 1,
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
    write_atomically(path, [text.encode()])


def load_messages(path: Path) -> list[Message]:
    """The messages of a saved conversation, or of a bare list in OpenAI's form.

    Raises:
        OptionError: the file holds no conversation.
        MessageError: a message is malformed, or the last turn has no answer.
    """
    try:
        data = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise OptionError("path", f"{path} is not JSON: {error}") from error
    rows = data.get("messages") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise OptionError("path", f"{path} holds no conversation")
    messages = messages_from_openai(rows)
    if messages and isinstance(messages[-1], UserMessage):
        raise MessageError("the last turn has no answer", index=len(rows) - 1)
    return messages
