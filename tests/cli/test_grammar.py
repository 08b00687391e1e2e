"""`hermes-gguf grammar`: transcripts of the real command, exit codes included."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from typer.testing import CliRunner

from hermes_gguf.cli.app import main
from hermes_gguf.cli.grammar import app
from hermes_gguf.cli.grammar_try import status
from hermes_gguf.cli.grammar_typing import Judge, typed_documents
from hermes_gguf.cli.grammar_walk import describe_next, next_texts, walk_text
from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.constraints import GrammarConstraint
from hermes_gguf.grammar.gbnf_parser import parse_gbnf

from .conftest import Run

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
    },
    "required": ["name", "age"],
}
REFUSED = {
    "type": "object",
    "title": "Bag",
    "properties": {
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "twice": {"type": "string", "pattern": r"^(a+)b\1$"},
    },
}
CODE = '''
import dataclasses
from typing import TypedDict
from pydantic import BaseModel

class Person(BaseModel):
    name: str
    age: int

@dataclasses.dataclass
class Point:
    x: float

class Movie(TypedDict):
    title: str

RAW = {"const": 1}

def add(a: int, b: int) -> int:
    """Add.

    Args:
        a: One
        b: Two
    """
    return a + b

def now() -> str:
    """Tell the time."""
    return ""
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a schema, a refused one, and Python code, to work in."""
    (tmp_path / "person.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "bag.json").write_text(json.dumps(REFUSED))
    (tmp_path / "code.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(
    capsys: pytest.CaptureFixture[str], *args: str
) -> tuple[int | str | None, str, str]:
    """Exit code, stdout and stderr of `hermes-gguf grammar ARGS`, in this process."""
    with pytest.raises(SystemExit) as end:
        main(["grammar", *args])
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err


# What is printed ------------------------------------------------------------------


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


# --explain ------------------------------------------------------------------------


def test_explain_lists_every_keyword_and_every_culprit(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "bag.json", "--explain")
    assert code == 2
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in out.splitlines()}
    assert rows["#/type"] == ["enforced"]
    assert rows["#/title"] == ["annotation", "describes; constrains nothing"]
    tags = rows["#/properties/tags/uniqueItems"]
    assert tags[0] == "refused"
    assert "possible values" in tags[1]
    assert rows["#/properties/twice/pattern"][0] == "refused"
    assert "backreference" in rows["#/properties/twice/pattern"][1]
    assert "2 refused, 2 annotations." in out
    assert "1 object is open to undeclared keys; --closed shuts that." in out
    assert err.startswith("Error: ")
    assert err.endswith("Next:  change the schema, or add --on-unsupported check\n")


def test_explain_calls_them_checked_when_that_is_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ("bag.json", "--on-unsupported", "check")
    code, out, err = call(capsys, *args, "--explain", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["error"] is None
    checked = [k["keyword"] for k in found["keywords"] if k["treatment"] == "checked"]
    assert checked == ["uniqueItems", "pattern"]
    code, out, err = call(capsys, *args)
    assert code == 0
    assert err.splitlines() == [
        "Note: #/properties/tags/uniqueItems is not in the grammar; check it.",
        "Note: #/properties/twice/pattern is not in the grammar; check it.",
    ]


def test_explain_finds_misspelt_keywords_and_the_impossible(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("typo.json").write_text('{"type": "string", "maxlength": 3}')
    code, out, _ = call(capsys, "typo.json", "--explain")
    assert code == 0
    assert "no keyword of JSON Schema; did you mean maxLength?" in out
    Path("never.json").write_text('{"type": "integer", "minimum": 3, "maximum": 2}')
    code, out, err = call(capsys, "never.json", "--explain")
    assert code == 2
    assert "no value satisfies it" in out
    assert "the other keywords were not judged" in out
    assert "on-unsupported" not in err


def test_explain_names_the_tool(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, "code.py", "--explain")
    assert code == 0
    assert "add#/properties/a/type " in out


# --check --------------------------------------------------------------------------


def test_check_shows_where_a_text_stops_and_what_may_come(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.json").write_text('{"name": "Ada", "age": "x"}\n')
    Path("good.json").write_text('{"name": "Ada", "age": 36}\n')
    assert call(capsys, "person.json", "--check", "good.json", "bad.json") == (
        1,
        "good.json: accepted\n"
        "bad.json: refused at line 1, column 24\n"
        '  {"name": "Ada", "age": "x"}\n'
        "                         ^\n"
        '  expected a digit; found `"`\n'
        "  jsonschema: age: 'x' is not of type 'integer'\n",
        "2 documents, 1 refused.\n",
    )
    assert call(capsys, "person.json", "--check", "good.json")[0] == 0


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            '{"name": "", "age": 1}',
            ['expected any character but `"` and control characters; found `"`'],
        ),
        ('{"name": "Ada"', ['expected `, "age": `; found the end']),
        ('{"name": "日本", "x": 1}', ['  {"name": "日本", "x": 1}', " " * 19 + "^"]),
        (
            '{"age": 1, "name": "A"}',
            ['same value, accepted: {"name": "A", "age": 1}'],
        ),
        (
            '{\n  "name": "A",\n  "age": 1\n}',
            ["line 1, column 2", "found a line break", "same value, accepted: "],
        ),
    ],
)
def test_a_refused_document_is_explained(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, lines: list[str]
) -> None:
    Path("d.json").write_text(text)
    code, out, _ = call(capsys, "person.json", "--closed", "--check", "d.json")
    assert code == 1
    for line in lines:
        assert line in out


def test_values_are_judged_whatever_their_spelling(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("d.json").write_text('{\n  "age": 1,\n  "name": "A"\n}\n')
    Path("e.json").write_text('{\n  "age": 151,\n  "name": "A"\n}\n')
    code, out, _ = call(capsys, "person.json", "--values", "--check", "d.json")
    assert (code, out) == (0, "d.json: accepted, in another spelling\n")
    code, out, _ = call(capsys, "person.json", "--values", "--check", "e.json")
    assert code == 1
    assert out.splitlines()[0] == "e.json: refused"
    assert "found `1`" in out


def test_jsonschema_is_quoted_when_it_disagrees(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("d.json").write_text('{"name": "A", "age": 1, "x": 2}')
    code, out, _ = call(capsys, "person.json", "--closed", "--check", "d.json")
    assert code == 1
    assert out.endswith(
        "jsonschema accepts it: it allows undeclared keys, try --open\n"
    )
    Path("d.json").write_text('{"tags": ["a", "a"]}')
    args = ("bag.json", "--on-unsupported", "check", "--check", "d.json")
    code, out, _ = call(capsys, *args)
    assert code == 0
    assert "accepted\n  jsonschema refuses it: tags: ['a', 'a'] has non-unique" in out


def test_many_documents_and_programs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("d.jsonl").write_text('{"name": "A", "age": 1}\n\n{"name": 1}\n')
    code, out, _ = call(capsys, "person.json", "--json", "--check", "d.jsonl")
    assert code == 1
    first, second = json.loads(out)
    assert first == {"name": "d.jsonl:1", "accepted": True, "jsonschema": "valid"}
    assert second["name"] == "d.jsonl:3"
    assert second["stop"] == {
        "offset": 9,
        "line": 1,
        "column": 10,
        "expected": '`"`',
        "forced": '"',
        "may_end": False,
    }


def test_an_answer_with_calls_may_begin_with_free_text(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_text = '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n'
    Path("a.txt").write_text(f"Let me see.\n{call_text}</tool_call>\n")
    assert call(capsys, "code.py", "--check", "a.txt")[0] == 0
    code, out, _ = call(capsys, "code.py", "--choice", "required", "--check", "a.txt")
    assert code == 1
    assert 'expected `<tool_call>\\n{"name": "`; found `L`' in out


# What may come next, in words ------------------------------------------------------


@pytest.mark.parametrize(
    ("gbnf", "text", "words"),
    [
        ('root ::= "ab" "c"', "", "`abc`"),
        ('root ::= "a" | "bc" | "d"', "", "`a`, `bc` or `d`"),
        ('root ::= "a" "b"?', "a", "`b` or the end"),
        ('root ::= "a"', "a", "the end"),
        (
            "root ::= [0-9] | [a-f] | [1-9A-Z]",
            "",
            "a digit, a letter A-Z or a letter a-f",
        ),
        ("root ::= [1-9]", "", "a digit 1-9"),
        ("root ::= .", "", "any character"),
        (r"root ::= [^\x00-\x1f]", "", "any character but control characters"),
        ("root ::= [α-ω]", "", "a character U+03B1 to U+03C9"),
        (r"root ::= [\n\t]", "", r"`\t` or `\n`"),
        ('root ::= "' + "x" * 99 + '"', "", "`" + "x" * 59 + "…`"),
    ],
)
def test_what_may_come_is_said_in_words(gbnf: str, text: str, words: str) -> None:
    walk = walk_text(GrammarConstraint.from_gbnf(gbnf), text)
    assert walk.alive
    assert describe_next(walk.state) == words


def test_choices_are_offered_with_what_must_follow() -> None:
    constraint = compile_schema({"enum": ["red", "rose", 7]}).constraint()
    assert set(next_texts(constraint.start())) == {'"r', "7"}
    assert set(next_texts(walk_text(constraint, '"r').state)) == {'ed"', 'ose"'}


# --test ---------------------------------------------------------------------------


def test_lines_of_stdin_are_tested_one_by_one(hermes: Run, folder: Path) -> None:
    lines = '{"name": "A", "age": 1}\n{"age"\n'
    done = hermes(
        "grammar", "person.json", "--test", cwd=folder, stdin=None, input=lines
    )
    assert done.returncode == 0
    assert done.stdout.startswith("accepted\nrefused at line 1, column 3\n")
    assert done.stderr == ""


def test_tab_writes_what_must_come() -> None:
    properties = {**SCHEMA["properties"], "unit": {"enum": ["m", "ft"]}}
    constraint = compile_schema(
        {"type": "object", "properties": properties, "required": ["name", "unit"]},
        closed=True,
    ).constraint()
    with create_pipe_input() as keys, create_app_session(keys, DummyOutput()):
        keys.send_text('\tAda", "u\tf\t\r\x04')
        assert list(typed_documents(constraint)) == ['{"name": "Ada", "unit": "ft"}']


def test_what_is_wrong_is_red_from_there_on() -> None:
    styled = Judge(compile_schema(SCHEMA).constraint()).lex_document(
        Document('{"name": 1\n}')
    )
    assert styled(0) == [("", '{"name": '), ("class:bad", "1")]
    assert styled(1) == [("", ""), ("class:bad", "}")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 'next: `{"name": "` (Tab)'),
        ('{"name": "A", "age": x', "stops at column 22: expected a digit"),
        ('{"name": "A", "age": 7}', "complete"),
        ("\n", 'stops at line 1, column 1: expected `{"name": "`'),
    ],
)
def test_the_line_below_says_what_may_come(text: str, words: str) -> None:
    constraint = compile_schema(SCHEMA, closed=True).constraint()
    assert status(walk_text(constraint, text)).startswith(words)


def test_it_works_on_a_terminal(home: dict[str, str], folder: Path) -> None:
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "-m", "hermes_gguf", "grammar", "person.json", "--test"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=home | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        cwd=folder,
        start_new_session=True,
    )
    os.close(terminal)
    try:
        _wait_for(screen, ">")
        os.write(screen, b'\tAda"\t7}\r')
        _wait_for(screen, "accepted")
        deadline = time.monotonic() + 20
        while child.poll() is None and time.monotonic() < deadline:
            # What comes before the next prompt is ready is lost.
            os.write(screen, b"\x04")
            time.sleep(0.2)
        assert child.poll() == 0
    finally:
        child.kill()
        child.wait()
        os.close(screen)


def _wait_for(screen: int, text: str, *, timeout_s: float = 30) -> None:
    seen = b""
    deadline = time.monotonic() + timeout_s
    while text.encode() not in seen:
        ready, _, _ = select.select([screen], [], [], deadline - time.monotonic())
        assert ready, f"{text!r} is not in {seen!r}"
        seen += os.read(screen, 4096)


# Cost -----------------------------------------------------------------------------


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
