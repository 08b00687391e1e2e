"""Function sets of the Berkeley function-calling leaderboard, and what a model makes
of them when it is made to call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import Draft202012Validator

from hermes_gguf.chat.completion import Completion
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.errors import SchemaError
from hermes_gguf.messages import Tool, ToolCall, UserMessage
from hermes_gguf.options import SamplingOptions

from .shared import shared_path

CATEGORIES = ("simple_python", "multiple", "parallel")
#: The leaderboard's names of types; "any" is no type at all.
TYPES = {"dict": "object", "float": "number", "tuple": "array"}

Outcome = Literal["valid", "refused", "cut", "invalid"]


@dataclass(frozen=True)
class Case:
    """One question and its functions."""

    id: str
    question: str
    tools: list[Tool]


@dataclass(frozen=True)
class Verdict:
    """What became of one case; `why` names the keyword or the broken rule."""

    case: Case
    outcome: Outcome
    why: str = ""
    n_calls: int = 0


def json_schema(schema: Any) -> Any:
    """The leaderboard's schema as JSON Schema; only the types are renamed."""
    if not isinstance(schema, dict):
        return schema
    out = {key: value for key, value in schema.items() if key != "optional"}
    kind = out.pop("type", "any")
    if kind != "any":
        out["type"] = TYPES.get(kind, kind)
    if "items" in out:
        out["items"] = json_schema(out["items"])
    if "properties" in out:
        out["properties"] = {k: json_schema(v) for k, v in out["properties"].items()}
    return out


def load_cases(category: str) -> Iterator[Case]:
    """The cases of a category, in order; a function that comes twice is kept once."""
    for line in shared_path(f"bfcl/BFCL_v4_{category}.json").read_text().splitlines():
        row = json.loads(line)
        functions = {f["name"]: f for f in row["function"]}
        tools = [
            Tool(name, f["description"], json_schema(f["parameters"]))
            for name, f in functions.items()
        ]
        yield Case(row["id"], row["question"][0][-1]["content"], tools)


def force_call(
    model: ChatModel, case: Case, *, temperature: float, max_tokens: int, seed: int
) -> Verdict:
    """Make the model call, and have an independent validator judge the calls."""
    sampling = SamplingOptions(
        temperature=temperature, top_k=0, top_p=1.0, min_p=0.0, seed=seed
    )
    try:
        completion = model.complete(
            [UserMessage(case.question)],
            tools=case.tools,
            tool_choice="required",
            sampling=sampling,
            max_tokens=max_tokens,
        )
    except SchemaError as error:
        return Verdict(case, "refused", str(error))
    return judge(case, completion)


def judge(case: Case, completion: Completion) -> Verdict:
    """Valid, cut (and said so), or invalid with the first reason."""
    n_calls = len(completion.tool_calls)
    for call in completion.tool_calls:
        if problem := call_problem(case, call):
            return Verdict(case, "invalid", problem, n_calls)
    if completion.finish_reason == "length":
        return Verdict(case, "cut", "max_tokens", n_calls)
    if not completion.complete or completion.failures or completion.text or not n_calls:
        return Verdict(case, "invalid", f"no whole call: {completion.text!r}", n_calls)
    return Verdict(case, "valid", n_calls=n_calls)


def call_problem(case: Case, call: ToolCall) -> str:
    """Why the call is wrong; empty when it is right."""
    schemas = {tool.name: tool.parameters for tool in case.tools}
    if call.name not in schemas:
        return f"no function {call.name!r}"
    validator = Draft202012Validator(dict(schemas[call.name]))
    errors = validator.iter_errors(call.arguments)
    return next((f"{call.name}: {error.message}" for error in errors), "")
