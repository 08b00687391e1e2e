"""The rows of the evaluation: which dialogues, and what counts as a hit.

Every row draws from the held-out split. A row's scorer may fill several lines of the
table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import jsonschema

from hermes_gguf.chat.completion import Completion
from hermes_gguf.messages import AssistantMessage

from . import dialogues
from .dialogues import Dialogue

#: Lines of the table, and whether each was a hit.
Hits = dict[str, bool]


@dataclass(frozen=True)
class Row:
    """Draws dialogues of one kind, and judges the model's last turn."""

    draw: Callable[[Random], Dialogue]
    judge: Callable[[Completion, Dialogue], Hits]


def is_valid(value: Any, schema: Any) -> bool:
    return not list(jsonschema.Draft202012Validator(schema).iter_errors(value))


def expected_turn(dialogue: Dialogue) -> AssistantMessage:
    """The turn that a perfect model would write."""
    last = dialogue.messages[-1]
    assert isinstance(last, AssistantMessage)
    return last


def _judge_call(answer: Completion, dialogue: Dialogue) -> Hits:
    expected, calls = expected_turn(dialogue).tool_calls, answer.tool_calls
    schemas = {tool.name: tool.parameters for tool in dialogue.tools}
    good = all(
        c.name in schemas and is_valid(dict(c.arguments), schemas[c.name])
        for c in calls
    )
    return {
        "right function among 3 to 6": [c.name for c in calls]
        == [c.name for c in expected],
        "whole call exact": calls == expected,
        "valid against the schema (calls)": bool(calls) and good,
    }


def _judge_json(answer: Completion, dialogue: Dialogue) -> Hits:
    try:
        value = json.loads(answer.text)
    except ValueError:
        value = None
    return {
        "JSON mode: every field exact": value
        == json.loads(expected_turn(dialogue).content),
        "valid against the schema (JSON mode)": is_valid(value, dialogue.json_schema),
    }


def _judge_no_call(answer: Completion, dialogue: Dialogue) -> Hits:
    words_only = not answer.tool_calls and bool(answer.text.strip())
    return {"no call when no tool fits": words_only}


def _judge_sentence(answer: Completion, dialogue: Dialogue) -> Hits:
    told = all(text.lower() in answer.text.lower() for text in dialogue.shown)
    return {"final sentence contains the result value": told and not answer.tool_calls}


def _judge_exact(line: str) -> Callable[[Completion, Dialogue], Hits]:
    def judge(answer: Completion, dialogue: Dialogue) -> Hits:
        return {line: answer.tool_calls == expected_turn(dialogue).tool_calls}

    return judge


def _judge_ask_back(answer: Completion, dialogue: Dialogue) -> Hits:
    return {
        "asks back for a missing value": not answer.tool_calls and "?" in answer.text
    }


def _drawn(
    maker: dialogues.Maker, fits: Callable[[Dialogue], bool] = lambda dialogue: True
) -> Callable[[Random], Dialogue]:
    def draw(rng: Random) -> Dialogue:
        while True:
            found = maker(rng, True)
            if fits(found):
                return found

    return draw


def _single_request(rng: Random, test: bool) -> Dialogue:
    return dialogues.one_call(rng, test, rounds=1)


ROWS = (
    Row(_drawn(_single_request, lambda d: len(d.tools) >= 3), _judge_call),
    Row(_drawn(dialogues.json_mode), _judge_json),
    Row(_drawn(dialogues.no_tool), _judge_no_call),
    Row(_drawn(dialogues.answer), _judge_sentence),
    Row(
        _drawn(dialogues.several_calls, lambda d: bool(expected_turn(d).tool_calls)),
        _judge_exact("several calls, all exact"),
    ),
    Row(
        _drawn(dialogues.correction),
        _judge_exact("correction taken up, all exact"),
    ),
    Row(
        _drawn(
            dialogues.ask_back,
            lambda d: d.kind == "ask_back" and "?" in expected_turn(d).content,
        ),
        _judge_ask_back,
    ),
)
