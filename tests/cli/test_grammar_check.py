"""`hermes-gguf grammar --check`: documents judged, and what may come next in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hermes_gguf.cli.grammar_walk import describe_next, next_texts, walk_text
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.constraints import GrammarConstraint

from .grammar_command import call


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
