"""`hermes-gguf grammar`: a schema as a grammar; explained, checked, tried out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import typer

from ..errors import (
    OptionError,
    SchemaBudgetError,
    SchemaError,
    UnsupportedSchemaError,
)
from ..grammar.compile import Whitespace
from . import grammar_options as options
from .grammar_build import (
    Built,
    GrammarOptions,
    build_grammar,
    check_options,
    is_closed,
)
from .grammar_source import Source, load_source
from .output_file import is_stdout, write_output
from .terminal import tell

app = typer.Typer()


@app.command()
def grammar(
    source: options.SourceName,
    documents: options.Documents = None,
    explain: options.Explain = False,
    check: options.Check = False,
    test: options.Test = False,
    output: options.Output = None,
    as_json: options.AsJson = False,
    lines: options.Lines = False,
    as_values: options.AsValues = False,
    closed: options.Closed = None,
    whitespace: options.SpaceStyle = None,
    on_unsupported: options.OnUnsupported = options.Unsupported.refuse,
    choice: options.Choice = None,
    one_call: options.OneCall = False,
    style: options.Style = None,
) -> None:
    """Turn a JSON Schema, a Python type or tools into a GBNF grammar.

    hermes-gguf grammar person.json                    prints the grammar

    hermes-gguf grammar person.json --explain          says what each keyword does

    hermes-gguf grammar person.json --check ada.json   checks a document

    hermes-gguf grammar my_tools.py --test             lets you type an answer
    """
    _check_modes(
        explain=explain, check=check, test=test, output=output, documents=documents
    )
    _check_companions(
        check=check, explain=explain, as_json=as_json, lines=lines, as_values=as_values
    )
    if source == "-" and (test or "-" in (documents or ())):
        raise OptionError("-", "stdin cannot hold the schema and the documents too")
    wanted = GrammarOptions(
        closed=closed,
        whitespace=cast("Whitespace | None", whitespace and whitespace.value),
        on_unsupported=on_unsupported.value,
        choice=choice,
        one_call=one_call,
        style=style,
    )
    loaded = load_source(source)
    if explain:
        _explain(loaded, wanted, as_json=as_json)
        return
    try:
        built = build_grammar(loaded, wanted)
    except SchemaError as error:
        error.hint = f"hermes-gguf grammar {source} --explain"
        raise
    if check:
        _check(built, documents or [], lines, as_json=as_json, as_values=as_values)
    elif test:
        _test(built)
    else:
        _print(built, output)


def _check_modes(*, documents: list[str] | None, **modes: Any) -> None:
    chosen = [f"--{name}" for name, value in modes.items() if value]
    if len(chosen) > 1:
        raise OptionError(chosen[1], f"cannot be combined with {chosen[0]}")
    if modes["check"] and not documents:
        raise OptionError("--check", "name the documents, or - for stdin")
    if documents and not modes["check"]:
        raise OptionError(documents[0], "documents are read with --check only")


def _check_companions(*, check: bool, explain: bool, **given: bool) -> None:
    allowed = {"as_json": check or explain, "lines": check, "as_values": check}
    for name, value in given.items():
        if value and not allowed[name]:
            option = "--" + name.removeprefix("as_")
            with_what = "--check or --explain" if name == "as_json" else "--check"
            raise OptionError(option, f"goes with {with_what} only")


def _print(built: Built, output: Path | None) -> None:
    text = built.nodes.to_gbnf()
    if output is None or is_stdout(output):
        tell(text, end="" if text.endswith("\n") else "\n")
    else:
        write_output(output, text)
        tell(f"Written to {output}", err=True)
    for name, report in built.reports.items():
        for entry in report.checked:
            where = f"{name or ''}#{entry.pointer}"
            tell(f"Note: {where} is not in the grammar; check it.", err=True)


def _explain(source: Source, options: GrammarOptions, *, as_json: bool) -> None:
    from .grammar_explain import Explanation, explain_schema, explain_tools
    from .grammar_table import explanation_json, print_explanation

    check_options(source, options)
    if source.kind == "gbnf":
        raise OptionError("--explain", f"{source.name} has no keywords")
    explanation: Explanation
    closed = is_closed(source, options)
    if source.kind == "tools":
        explanation = explain_tools(source.tools, options.on_unsupported)
    else:
        explanation = explain_schema(
            source.schema,
            closed=closed,
            whitespace=options.whitespace or "hermes",
            on_unsupported=options.on_unsupported,
        )
    if as_json:
        tell(json.dumps(explanation_json(explanation), indent=2))
    else:
        print_explanation(explanation)
    if explanation.error is not None:
        raise _next_step(explanation.error)


def _next_step(error: SchemaError) -> SchemaError:
    if isinstance(error, UnsupportedSchemaError | SchemaBudgetError):
        error.hint = "change the schema, or add --on-unsupported check"
    return error


def _check(
    built: Built,
    documents: list[str],
    lines: bool,
    *,
    as_json: bool,
    as_values: bool,
) -> None:
    from .grammar_check import (
        DocumentJudge,
        read_documents,
        render_verdict,
        verdict_json,
    )

    verdicts, judge = [], DocumentJudge(built).judge
    for name, text in read_documents(documents, lines=lines):
        verdicts.append(judge(name, text, as_value=as_values))
        if not as_json:
            tell("\n".join(render_verdict(verdicts[-1], as_values=as_values)))
    if as_json:
        found = [verdict_json(verdict, as_values=as_values) for verdict in verdicts]
        tell(json.dumps(found, indent=2, ensure_ascii=False))
    n_refused = sum(not v.passes(as_values=as_values) for v in verdicts)
    if len(verdicts) > 1:
        tell(f"{len(verdicts)} documents, {n_refused} refused.", err=True)
    if not verdicts:
        raise OptionError("--check", "there is no document in there")
    if n_refused:
        raise typer.Exit(1)


def _test(built: Built) -> None:
    from .grammar_check import DocumentJudge, render_verdict
    from .grammar_try import run_test_loop

    judge = DocumentJudge(built).judge

    def report(text: str) -> None:
        tell("\n".join(render_verdict(judge("", text))))

    run_test_loop(built.constraint, report)
