"""JSON Schema → GBNF, exactly or not at all.

The front of the compiler: options in, `Grammar` out. How each keyword is understood
and enforced is the business of `hermes_gguf.grammar.schema`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from hermes_gguf.errors import UnsatisfiableSchemaError, UnsupportedSchemaError
from hermes_gguf.grammar.compiled import Grammar, Report, ReportEntry
from hermes_gguf.grammar.gbnf import (
    Chars,
    GrammarBuilder,
    Node,
    Repeat,
    RuleRef,
    choice,
    optional,
    seq,
)

Whitespace = Literal["hermes", "compact", "pretty", "flexible"]

_SEPARATORS = {"hermes": (", ", ": "), "compact": (",", ":")}
_TYPES = ("null", "boolean", "number", "integer", "string", "array", "object")
_ANNOTATIONS = frozenset(
    "$schema $id id $comment title description default examples deprecated readOnly"
    " writeOnly $defs definitions".split()
)
_KNOWN = frozenset(
    "type enum const properties required additionalProperties items anyOf $ref".split()
)


def compile_schema(
    schema: Any,
    *,
    closed: bool = False,
    whitespace: Whitespace = "hermes",
    on_unsupported: Literal["refuse", "check"] = "refuse",
    registry: Mapping[str, Any] | Callable[[str], Any] | None = None,
) -> Grammar:
    """The grammar of exactly the documents that `schema` allows.

    Keys come in the order of `properties`; extra keys of an open object come last.

    Args:
        schema: A JSON Schema: a mapping, True or False.
        closed: Whether an object that does not say otherwise allows no extra keys.
        whitespace: `hermes` is `", "` and `": "`, as Hermes was trained.
        on_unsupported: `refuse` raises; `check` leaves exactly the unsupported
            keyword to a check after generation and says so in the report.
        registry: URI → schema, for references out of this document.

    Raises:
        UnsupportedSchemaError: a keyword cannot be enforced by a grammar.
        UnsatisfiableSchemaError: no document satisfies the schema.
        SchemaBudgetError: the grammar would be too large.
    """
    compiler = _Compiler(schema, closed, whitespace, on_unsupported)
    root = compiler.visit(schema, "", "root")
    return Grammar(compiler.builder.build(root), Report(tuple(compiler.entries)))


class _Compiler:
    def __init__(self, root: Any, closed: bool, ws: str, unsupported: str) -> None:
        self.root, self.closed, self.unsupported = root, closed, unsupported
        self.comma, self.colon = _SEPARATORS.get(ws, _SEPARATORS["hermes"])
        self.builder = GrammarBuilder()
        self.entries: list[ReportEntry] = []
        self.references: dict[str, RuleRef] = {}

    def visit(self, schema: Any, pointer: str, hint: str) -> Node:
        if schema is True or schema == {}:
            return self.any_value()
        if schema is False:
            raise UnsatisfiableSchemaError(
                "nothing is allowed here", pointer=pointer, keyword="false"
            )
        for keyword in schema:
            self.note(keyword, schema, pointer)
        if "$ref" in schema:
            return self.reference(schema["$ref"], pointer)
        if "const" in schema:
            return self.literal(schema["const"])
        if "enum" in schema:
            return choice(self.literal(v) for v in schema["enum"])
        if "anyOf" in schema:
            return choice(
                self.visit(s, f"{pointer}/anyOf/{i}", f"{hint}-{i + 1}")
                for i, s in enumerate(schema["anyOf"])
            )
        types = schema.get("type", _infer(schema))
        types = [types] if isinstance(types, str) else types
        return choice([self.of_type(t, schema, pointer, hint) for t in types])

    def note(self, keyword: str, schema: Any, pointer: str) -> None:
        where = f"{pointer}/{keyword}"
        alone = keyword in ("$ref", "const", "enum", "anyOf") and any(
            k in _KNOWN and k not in (keyword, "type") for k in schema
        )
        if keyword in _KNOWN and not alone:
            self.entries.append(ReportEntry(where, keyword, "enforced"))
        elif keyword in _ANNOTATIONS:
            self.entries.append(ReportEntry(where, keyword, "annotation"))
        elif self.unsupported == "check":
            self.entries.append(ReportEntry(where, keyword, "checked"))
        else:
            raise UnsupportedSchemaError(
                "a grammar cannot enforce this", pointer=where, keyword=keyword
            )

    def reference(self, ref: str, pointer: str) -> Node:
        if ref in self.references:
            return self.references[ref]
        target: Any = self.root
        if not ref.startswith("#"):
            raise UnsupportedSchemaError(
                f"{ref} is outside", pointer=pointer, keyword="$ref"
            )
        for part in ref[1:].split("/")[1:]:
            target = target[part.replace("~1", "/").replace("~0", "~")]
        rule = self.references[ref] = self.builder.reserve(ref.rsplit("/")[-1])
        self.builder.define(rule, self.visit(target, ref[1:], rule.name))
        return rule

    def literal(self, value: Any) -> Node:
        separators = (self.comma, self.colon)
        return seq(json.dumps(value, ensure_ascii=False, separators=separators))

    def of_type(self, kind: str, schema: Any, pointer: str, hint: str) -> Node:
        match kind:
            case "object" if "properties" in schema or "required" in schema:
                return self.object(schema, pointer, hint)
            case "object" if self.closed or schema.get("additionalProperties") is False:
                return seq("{}")
            case "array" if "items" in schema:
                item = self.visit(schema["items"], f"{pointer}/items", f"{hint}-item")
                return seq("[", optional(seq(item, Repeat(seq(self.comma, item)))), "]")
            case _:
                return self.plain(kind)

    def object(self, schema: Any, pointer: str, hint: str) -> Node:
        properties = schema.get("properties", {})
        required = set(schema.get("required", ()))
        if not (self.closed or schema.get("additionalProperties") is False):
            raise UnsupportedSchemaError(
                "the object is open", pointer=pointer, keyword="additionalProperties"
            )
        # rest(i, started): what may follow once the properties before i are written.
        tails: tuple[Node, Node] = (seq(), seq())
        for key, sub in reversed(properties.items()):
            where = f"{pointer}/properties/{key}"
            name = f"{hint}-{key}" if hint != "root" else key
            value = self.visit(sub, where, name)
            pair = seq(json.dumps(key, ensure_ascii=False), self.colon, value)
            first, later = seq(pair, tails[1]), seq(self.comma, pair, tails[1])
            if key not in required:
                first, later = (
                    choice([first, tails[0]]),
                    seq(optional(seq(self.comma, pair)), tails[1]),
                )
            tails = (
                self.builder.add(f"{name}-first", first),
                self.builder.add(f"{name}-rest", later),
            )
        return seq("{", tails[0], "}")

    def any_value(self) -> Node:
        return choice([self.plain(t) for t in _TYPES if t != "integer"])

    def plain(self, kind: str) -> Node:
        match kind:
            case "null":
                return seq("null")
            case "boolean":
                return choice(["true", "false"])
            case "integer" | "number":
                whole = seq(
                    optional("-"),
                    choice(["0", seq(Chars(((49, 57),)), Repeat(Chars(((48, 57),))))]),
                )
                digits = Repeat(Chars(((48, 57),)), 1)
                sign = optional(Chars(((43, 43), (45, 45))))
                exponent = seq(Chars(((69, 69), (101, 101))), sign, digits)
                if kind == "integer":
                    return self.builder.add("integer", whole)
                tail = seq(optional(seq(".", digits)), optional(exponent))
                return self.builder.add("number", seq(whole, tail))
            case "string":
                plain = Chars(((0, 31), (34, 34), (92, 92)), negated=True)
                hexa = Chars(((48, 57), (65, 70), (97, 102)))
                short = Chars(tuple((ord(c), ord(c)) for c in '"/\\bfnrt'))
                escape = seq("\\", choice([short, seq("u", Repeat(hexa, 4, 4))]))
                return self.builder.add(
                    "string", seq('"', Repeat(choice([plain, escape])), '"')
                )
            case _:
                return self.plain_container(kind)

    def plain_container(self, kind: str) -> Node:
        if "value" not in self.builder.rules:
            value = self.builder.reserve("value")
            self.builder.define(value, self.any_value())
        value = RuleRef("value")
        if kind == "array":
            inner = optional(seq(value, Repeat(seq(self.comma, value))))
            return self.builder.add("array", seq("[", inner, "]"))
        pair = seq(self.plain("string"), self.colon, value)
        inner = optional(seq(pair, Repeat(seq(self.comma, pair))))
        return self.builder.add("object", seq("{", inner, "}"))


def _infer(schema: Any) -> list[str]:
    return (
        ["object"] if "properties" in schema else [t for t in _TYPES if t != "integer"]
    )
