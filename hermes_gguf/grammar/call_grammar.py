"""How calls are spelled: `<tool_call>`, a newline, one JSON object, and the close.

The form is the one in which Hermes was trained: `", "` and `": "`, a newline between
calls. Knows GBNF nodes and the tags; which of these texts a request may hold is in
`tool_calls`.

Source: the recorded outputs in the model card of NousResearch/Hermes-2-Pro-Llama-3-8B.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from ..errors import SchemaError, ToolDefinitionError
from ..tags import TOOL_CALL_CLOSE, TOOL_CALL_OPEN
from .compile import compile_schema
from .compiled import Report
from .embed import Embedder
from .gbnf import (
    EMPTY,
    GbnfGrammar,
    GrammarBuilder,
    Node,
    Repeat,
    choice,
    optional,
    seq,
)
from .gbnf import Literal as Text
from .text import factored, text_until
from .watch import let_look_on

_NEWLINES = Repeat(Text("\n"), 0, 2)


class CallGrammar:
    """Collects the rules of one request's grammar.

    Attributes:
        reports: What became of each schema's keywords, by the tool's name; the
            answer's under None.
    """

    def __init__(self, *, on_unsupported: Literal["refuse", "check"]) -> None:
        self.reports: dict[str | None, Report] = {}
        self._on_unsupported = on_unsupported
        self._builder = GrammarBuilder()
        self._embedder = Embedder(self._builder)
        self._by_schema: dict[str, tuple[Node, Report]] = {}

    def calls(
        self,
        tools: Iterable[tuple[str, Any]],
        *,
        is_one_call: bool,
        arguments_first: bool,
    ) -> Node:
        """One call or more of tools, each a name and its parameters' schema."""
        arguments = [(name, self._arguments(name, schema)) for name, schema in tools]
        body = (_arguments_first if arguments_first else _name_first)(arguments)
        call = self._builder.add(
            "call",
            seq(f"{TOOL_CALL_OPEN}\n", body, f"\n{TOOL_CALL_CLOSE}"),
        )
        if is_one_call:
            return call
        return seq(call, Repeat(seq("\n", call)), optional("\n"))

    def answer(self, schema: Any, *, closed: bool = True) -> Node:
        """One JSON document of the schema."""
        return self._compiled("answer", None, schema, closed=closed)

    def build(self, wanted: Sequence[Node], *, tags: Iterable[str]) -> GbnfGrammar:
        """The grammar of one of `wanted`, after optional text between `tags`."""
        reasoning = [optional(self._tagged(tag)) for tag in tags]
        return self._builder.build(seq(*reasoning, choice(wanted)))

    def _tagged(self, tag: str) -> Node:
        inside = text_until(self._builder, f"{tag}-text", f"</{tag}>")
        return self._builder.add(tag, seq(f"<{tag}>", inside, _NEWLINES))

    def _arguments(self, tool: str, schema: Any) -> Node:
        key = json.dumps(schema)
        if key not in self._by_schema:
            node = self._compiled_arguments(tool, schema)
            self._by_schema[key] = (node, self.reports[tool])
        node, self.reports[tool] = self._by_schema[key]
        return node

    def _compiled_arguments(self, tool: str, schema: Any) -> Node:
        if not schema:
            self.reports[tool] = Report()
            return Text("{}")
        return self._compiled(f"{tool}-arguments", tool, _object_schema(tool, schema))

    def _compiled(
        self, hint: str, tool: str | None, schema: Any, *, closed: bool = True
    ) -> Node:
        try:
            grammar = compile_schema(
                schema, closed=closed, on_unsupported=self._on_unsupported
            )
            let_look_on()
        except SchemaError as error:
            if tool is not None:
                error.name_tool(tool)
            raise
        self.reports[tool] = grammar.report
        return self._embedder.add(hint, grammar.nodes)


def _object_schema(tool: str, schema: Any) -> Any:
    """The parameters' schema, narrowed to objects: arguments are nothing else."""
    kind = schema.get("type")
    if kind == "object" or (kind is None and "$ref" in schema):
        return schema
    if kind is None or (isinstance(kind, list) and "object" in kind):
        return {**schema, "type": "object"}
    raise ToolDefinitionError(tool, f"its parameters have type {kind!r}, not 'object'")


def _name_first(arguments: Sequence[tuple[str, Node]]) -> Node:
    names = [(f'{_json_text(n)}", "arguments": ', node) for n, node in arguments]
    return seq('{"name": "', factored(names), "}")


def _arguments_first(arguments: Sequence[tuple[str, Node]]) -> Node:
    groups: dict[Node, list[str]] = {}
    for name, node in arguments:
        groups.setdefault(node, []).append(name)
    options = [
        seq(node, ', "name": "', factored([(_json_text(n), EMPTY) for n in names]))
        for node, names in groups.items()
    ]
    return seq('{"arguments": ', choice(options), '"}')


def _json_text(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)[1:-1]
