"""`hermes-gguf grammar`: transcripts of the real command, exit codes included."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hermes_gguf.cli.grammar import app
from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.gbnf_parser import parse_gbnf

from .conftest import Run
from .grammar_command import SCHEMA, call


def test_a_schema_is_printed_as_the_grammar_and_nothing_else(
    hermes: Run, folder: Path
) -> None:
    done = hermes("grammar", "person.json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == compile_schema(SCHEMA).gbnf
    assert Automaton(parse_gbnf(done.stdout)).accepts('{"name": "Ada", "age": 36}')


@pytest.mark.parametrize(
    ("source", "good", "bad"),
    [
        ("code.py:Person", '{"name": "A", "age": 1}', '{"name": "A"}'),
        ("code.py:Point", '{"x": 1.5}', '{"x": 1.5, "y": 2}'),
        ("code:Movie", '{"title": "M"}', '{"title": 1}'),
        ("code.py:RAW", "1", "2"),
        (
            "code.py:add",
            '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>',
            '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
        ),
        (
            "code.py",
            '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
            '<tool_call>\n{"name": "later", "arguments": {}}\n</tool_call>',
        ),
    ],
)
def test_python_types_and_functions_have_grammars(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    good: str,
    bad: str,
) -> None:
    code, out, _ = call(capsys, source)
    assert code == 0
    printed = Automaton(parse_gbnf(out))
    assert printed.accepts(good)
    assert not printed.accepts(bad)


def test_stdin_may_hold_a_schema_or_openai_tools(hermes: Run) -> None:
    done = hermes("grammar", "-", stdin=None, input='{"const": true}')
    assert done.stdout.endswith('root ::= "true"\n')
    tools = [{"type": "function", "function": {"name": "go"}}]
    done = hermes("grammar", "-", stdin=None, input=json.dumps(tools))
    assert '"<tool_call>\\n{\\"name\\": \\"go\\"' in done.stdout


def test_options_shape_the_grammar(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = '{"name":"A","age":1,"x":2}'
    for options, accepted in (("--open", True), ("--closed", False)):
        _, out, _ = call(capsys, "person.json", options, "--whitespace", "compact")
        assert Automaton(parse_gbnf(out)).accepts(extra) is accepted
    one = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    for options in (["--one-call"], ["--choice", "now"]):
        _, out, _ = call(capsys, "code.py", *options)
        assert Automaton(parse_gbnf(out)).accepts(one)
        assert not Automaton(parse_gbnf(out)).accepts(f"{one}\n{one}")


def test_a_file_receives_the_grammar(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(capsys, "person.json", "-o", "out.gbnf") == (
        0,
        "",
        "Written to out.gbnf\n",
    )
    assert Path("out.gbnf").read_text() == compile_schema(SCHEMA).gbnf
    code, out, _ = call(capsys, "out.gbnf")
    assert (code, Automaton(parse_gbnf(out)).accepts('{"name": "A", "age": 1}')) == (
        0,
        True,
    )


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["nope.json"], "Error: nope.json: there is no such file\n"),
        (["nope.py"], "Error: tool 'nope.py': there is no such file\n"),
        (["code.py:Nope"], "Error: SCHEMA: code.py has no Nope; "),
        (["person.json", "--choice", "x"], "Error: --choice: person.json is no file"),
        (["code.py", "--closed"], "Error: --open/--closed: calls are always closed"),
        (["code.py", "--open"], "Error: --open/--closed: calls are always closed"),
        (["code.py", "--choice", "x"], "Error: tool_choice: there is no tool named"),
        (["person.json", "--check"], "Error: --check: name the documents"),
        (["person.json", "x.json"], "Error: x.json: documents are read with --check"),
        (["person.json", "--explain", "--test"], "Error: --test: cannot be combined"),
        (["person.json", "--json"], "Error: --json: goes with --check or --explain"),
        (["bag.json"], "Error: "),
        (["-", "--check", "-"], "Error: -: stdin cannot hold the schema and"),
    ],
)
def test_wrong_usage_says_what_and_exits_with_2(
    folder: Path, capsys: pytest.CaptureFixture[str], args: list[str], error: str
) -> None:
    code, out, err = call(capsys, *args)
    assert (code, out) == (2, "")
    assert err.startswith(error)


@pytest.mark.parametrize(
    ("source", "next_step"),
    [
        ("nope.py", "SCHEMA.json, file.py:Model, module:Model or TOOLS.py"),
        ("no_such_module", "SCHEMA.json, file.py:Model, module:Model or TOOLS.py"),
        ("models.py", "for a model in it: hermes-gguf grammar models.py:MODEL"),
        ("broken.py", ""),
    ],
)
def test_code_without_a_tool_leads_to_what_this_command_takes(
    folder: Path, capsys: pytest.CaptureFixture[str], source: str, next_step: str
) -> None:
    Path("models.py").write_text("class Person: ...")
    Path("broken.py").write_text("1 / 0")
    code, out, err = call(capsys, source)
    assert (code, out) == (2, "")
    assert err.partition("Next:  ")[2] == (f"{next_step}\n" if next_step else "")


def test_a_refused_schema_leads_to_its_explanation(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("set.json").write_text('{"type": "array", "uniqueItems": true}')
    code, out, err = call(capsys, "set.json")
    assert (code, out) == (2, "")
    assert err.startswith("Error: uniqueItems at #/uniqueItems: the items have more")
    assert err.endswith("\nNext:  hermes-gguf grammar set.json --explain\n")


def test_a_json_error_has_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.json").write_text('{\n  "type": }')
    assert call(capsys, "bad.json") == (
        2,
        "",
        "Error: bad.json: it is not JSON, line 2, column 11: Expecting value\n",
    )


def test_help_shows_the_command_without_importing_it() -> None:
    code = (
        "import sys\n"
        "from hermes_gguf.cli.app import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "wrong = [m for m in sys.modules if m.startswith('hermes_gguf.cli.grammar')\n"
        "         or m in ('hermes_gguf.grammar', 'prompt_toolkit', 'jsonschema')]\n"
        "assert not wrong, wrong\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Turn a schema into a grammar." in done.stdout


def test_the_commands_help_names_every_way_to_use_it() -> None:
    out = CliRunner().invoke(app, ["--help"]).output
    for option in ("--explain", "--check", "--test", "--closed", "--whitespace"):
        assert option in out
