"""Requests that a person wrote, and the model card's example.

`handwritten.json` holds forty requests over six functions, in no generator's words.
Training is never tuned to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hermes_gguf.messages import AssistantMessage, Tool, UserMessage

from .dialogues import Dialogue

_PATH = Path(__file__).with_name("handwritten.json")

#: Source: model card of NousResearch/Hermes-2-Pro-Llama-3-8B.
CARD_RESULT = "22.0"
CARD_ANSWER = "The current temperature in Paris, France is 22.0 degrees Celsius."


def handwritten_cases() -> Iterator[tuple[Dialogue, str, dict[str, Any]]]:
    """Dialogues with an empty last turn, the right function, and its arguments."""
    body = json.loads(_PATH.read_text(encoding="utf-8"))
    tools = tuple(
        Tool(t["name"], t["description"], t["parameters"], t.get("return"))
        for t in body["tools"]
    )
    for text, name, arguments in body["cases"]:
        turns = [UserMessage(text), AssistantMessage("")]
        yield Dialogue("handwritten", list(turns), tools), name, arguments
