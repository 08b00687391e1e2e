"""A source and the command's options → a grammar with all that is asked of it.

The only place of the command that calls the compilers. It refuses options that have
no meaning for a source instead of ignoring them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import OptionError
from ..grammar.compile import Whitespace, compile_schema
from ..grammar.compiled import Report
from ..grammar.constraint import Constraint
from ..grammar.constraints import GrammarConstraint
from ..grammar.gbnf import GbnfGrammar
from ..grammar.gbnf_parser import parse_gbnf
from ..grammar.tool_calls import tool_call_constraint
from ..messages import NamedTool, ToolChoice
from ..prompt import DEFAULT_STYLE, get_style
from .grammar_source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class GrammarOptions:
    """What the user asked for; None is "not said".

    Attributes:
        closed: Whether objects that do not say otherwise allow no extra keys.
        whitespace: A style of white space, as in `compile_schema`.
        on_unsupported: "refuse" or "check", as in `compile_schema`.
        choice: "auto", "required" or a tool's name.
        one_call: Whether there is one call at most.
        style: The prompt style whose order of keys calls follow.
    """

    closed: bool | None = None
    whitespace: Whitespace | None = None
    on_unsupported: Literal["refuse", "check"] = "refuse"
    choice: str | None = None
    one_call: bool = False
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """A grammar, and what is known about it.

    Attributes:
        nodes: The grammar.
        constraint: What judges a whole answer; for tools free text may come first.
        reports: What became of each keyword, by tool; a schema's is under None.
        schema: The JSON Schema, or None for tools and for a grammar's text.
        whitespace: The style of white space in force.
        closed: Whether open objects were shut.
    """

    nodes: GbnfGrammar
    constraint: Constraint
    reports: Mapping[str | None, Report] = field(default_factory=dict)
    schema: Any = None
    whitespace: Whitespace = "hermes"
    closed: bool = False


def build_grammar(source: Source, options: GrammarOptions) -> Built:
    """Compile a source.

    Raises:
        OptionError: an option that means nothing for this source.
        SchemaError: a schema has no grammar.
        GrammarSyntaxError: a GBNF text is no usable grammar.
    """
    check_options(source, options)
    if source.kind == "tools":
        return _build_tools(source, options)
    if source.kind == "gbnf":
        nodes = parse_gbnf(source.gbnf)
        return Built(nodes, GrammarConstraint(nodes))
    closed, whitespace = is_closed(source, options), options.whitespace or "hermes"
    grammar = compile_schema(
        source.schema,
        closed=closed,
        whitespace=whitespace,
        on_unsupported=options.on_unsupported,
    )
    return Built(
        grammar.nodes,
        grammar.constraint(),
        reports={None: grammar.report},
        schema=source.schema,
        whitespace=whitespace,
        closed=closed,
    )


def is_closed(source: Source, options: GrammarOptions) -> bool:
    """What the user said; else a schema is open, and a type closed as in `extract`."""
    return source.kind != "schema" if options.closed is None else options.closed


def tool_choice(options: GrammarOptions) -> ToolChoice:
    """The tool choice that `--choice` names; "auto" when it does not."""
    match options.choice:
        case None | "auto":
            return "auto"
        case "required":
            return "required"
    return NamedTool(options.choice)


def check_options(source: Source, options: GrammarOptions) -> None:
    """Refuse options that this source would ignore.

    Raises:
        OptionError: naming the option.
    """
    for_tools: dict[str, object] = {
        "--choice": options.choice,
        "--one-call": options.one_call or None,
        "--style": options.style,
    }
    for_schemas: dict[str, object] = {
        "--open/--closed": options.closed,
        "--whitespace": options.whitespace,
    }
    if source.kind == "tools":
        useless, why = for_schemas, "calls are always closed and written as trained"
    elif source.kind == "gbnf":
        useless, why = for_tools | for_schemas, f"{source.name} is a grammar already"
    else:
        useless, why = for_tools, f"{source.name} is no file of tools"
    for option, value in useless.items():
        if value is not None:
            raise OptionError(option, why)


def _build_tools(source: Source, options: GrammarOptions) -> Built:
    built = tool_call_constraint(
        source.tools,
        choice=tool_choice(options),
        parallel=not options.one_call,
        arguments_first=get_style(options.style or DEFAULT_STYLE).arguments_first,
        on_unsupported=options.on_unsupported,
    )
    assert built is not None  # there is at least one tool
    return Built(built.nodes, built, reports=built.reports, closed=True)
