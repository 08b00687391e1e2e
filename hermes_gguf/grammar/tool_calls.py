"""Tools and an answer's schema → the constraint that one request needs.

Decides what the model may write: calls, an answer, or either, after reasoning or
at once. How a call is spelled is in `call_grammar`, how a schema becomes a grammar in
`compile`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ..errors import OptionError, SchemaBudgetError, SchemaError, ToolDefinitionError
from ..messages import NamedTool, Tool, ToolChoice
from .arguments import arguments_schema
from .call_grammar import CallGrammar
from .compiled import Report
from .constraint import Constraint, ConstraintState
from .constraints import GrammarConstraint
from .gbnf import GbnfGrammar
from .lazy import LazyConstraint

#: Constraints that are kept for the next request with the same tools.
N_KEPT = 8


@dataclass(frozen=True, slots=True)
class ToolCallConstraint:
    """What one request's answer must look like; a `constraint.Constraint`.

    Attributes:
        constraint: The constraint on the whole answer.
        nodes: The grammar; for a lazy constraint what holds from `<tool_call>` on.
        is_lazy: Whether free text may come first (tool_choice "auto").
        reports: What became of each schema's keywords, by the tool's name; the
            answer's schema is under None.
    """

    constraint: Constraint
    nodes: GbnfGrammar
    is_lazy: bool
    reports: Mapping[str | None, Report]

    @property
    def gbnf(self) -> str:
        """The grammar as text that llama.cpp parses."""
        return self.nodes.to_gbnf()

    def start(self) -> ConstraintState:
        """The state before the first character."""
        return self.constraint.start()


def tool_call_constraint(
    tools: Sequence[Tool],
    *,
    choice: ToolChoice = "auto",
    parallel: bool = True,
    arguments_first: bool = False,
    json_schema: Any = None,
    closed_schema: bool = True,
    thinking: bool = False,
    scratch_pad: bool = False,
    on_unsupported: Literal["refuse", "check"] = "refuse",
) -> ToolCallConstraint | None:
    """The constraint for an answer that may call `tools`, or None for free text.

    The same request again gets the same object, with all that it has learnt.

    Args:
        tools: What may be called, with arguments as `arguments_schema` reads them.
        choice: "auto" leaves text free up to `<tool_call>`, and the answer ends
            after the calls; "required" and `NamedTool` ask for calls from the first
            token; "none" allows no call.
        parallel: Whether several calls may follow each other.
        arguments_first: Whether `arguments` comes before `name` in a call.
        json_schema: Schema of an answer that is no call. With "auto" the answer is
            calls or a document of the schema.
        closed_schema: Whether objects of that answer that do not say otherwise allow
            no extra keys; arguments are always closed so.
        thinking: Allow `<think>…</think>` before constrained output.
        scratch_pad: Allow `<scratch_pad>…</scratch_pad>` before constrained output.
        on_unsupported: As in `compile_schema`.

    Raises:
        OptionError: `choice` asks for a tool that is not there.
        ToolDefinitionError: two tools have one name, or a tool's parameters do not
            describe an object.
        SchemaError: a schema has no grammar; `tool` names the tool.
    """
    offered = _offered_tools(tools, choice)
    if not offered and json_schema is None:
        return None
    request = _Request(
        tools=tuple((tool.name, _arguments_text(tool)) for tool in offered),
        answer=None if json_schema is None else _schema_text(json_schema),
        closed_schema=closed_schema,
        calls_only=choice not in ("auto", "none"),
        is_one_call=isinstance(choice, NamedTool) or not parallel,
        arguments_first=arguments_first,
        tags=("think",) * thinking + ("scratch_pad",) * scratch_pad,
        on_unsupported=on_unsupported,
    )
    return _compile(request)


@dataclass(frozen=True, slots=True)
class _Request:
    """All that the constraint depends on, comparable; schemas as JSON text."""

    tools: tuple[tuple[str, str], ...]
    answer: str | None
    closed_schema: bool
    calls_only: bool
    is_one_call: bool
    arguments_first: bool
    tags: tuple[str, ...]
    on_unsupported: Literal["refuse", "check"]


def _arguments_text(tool: Tool) -> str:
    try:
        return _schema_text(arguments_schema(tool.parameters))
    except SchemaError as error:
        error.name_tool(tool.name)
        raise


def _schema_text(schema: Any) -> str:
    try:
        return json.dumps(schema, default=dict)
    except RecursionError as error:
        raise SchemaBudgetError.too_deep() from error


def _offered_tools(tools: Sequence[Tool], choice: ToolChoice) -> list[Tool]:
    names: set[str] = set()
    for tool in tools:
        if tool.name in names:
            raise ToolDefinitionError(tool.name, "is defined more than once")
        names.add(tool.name)
    if choice == "none":
        return []
    if isinstance(choice, NamedTool):
        if choice.name not in names:
            raise OptionError("tool_choice", f"there is no tool named {choice.name!r}")
        return [tool for tool in tools if tool.name == choice.name]
    if choice == "required" and not tools:
        raise OptionError("tool_choice", '"required" needs at least one tool')
    return list(tools)


@lru_cache(maxsize=N_KEPT)
def _compile(request: _Request) -> ToolCallConstraint:
    grammar = CallGrammar(on_unsupported=request.on_unsupported)
    wanted = []
    if request.tools:
        tools = [(name, json.loads(schema)) for name, schema in request.tools]
        calls = grammar.calls(
            tools,
            is_one_call=request.is_one_call,
            arguments_first=request.arguments_first,
        )
        wanted.append(calls)
    if request.answer is not None and not request.calls_only:
        answer = json.loads(request.answer)
        wanted.append(grammar.answer(answer, closed=request.closed_schema))
    is_lazy = not request.calls_only and request.answer is None
    nodes = grammar.build(wanted, tags=() if is_lazy else request.tags)
    constraint: Constraint = GrammarConstraint(nodes)
    if is_lazy:
        constraint = LazyConstraint(constraint)
    return ToolCallConstraint(constraint, nodes, is_lazy, grammar.reports)
