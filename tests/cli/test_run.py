"""`run` as a real process: stdout is the answer, whatever comes in."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.support.shared import ROOT

from .asked import SCHEMA

WEATHER = str(ROOT / "examples" / "weather_tools.py")
#: A file that calls sys.exit() when it is loaded.
LEAVES = str(ROOT / "tests" / "support" / "leaves.py")
QUESTION = "Hey, what's the temperature in Paris right now?"


def test_the_cards_example_calls_the_function_and_answers_from_its_result(hermes):
    options = ["--tools", WEATHER, "--temperature", "0", "--json"]
    done = hermes("run", "-m", "tiny", *options, QUESTION)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [(s["name"], s["result"]) for s in result["trace"]] == [
        ("get_current_temperature", "22.0")
    ]
    assert result["trace"][0]["arguments"] == {
        "location": "Paris, France",
        "unit": "celsius",
    }
    assert "22.0" in result["answer"]


def test_run_with_a_schema_prints_one_valid_document_and_nothing_else(
    hermes, model, tmp_path
):
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    options = ["--schema", str(tmp_path / "s.json"), "--max-tokens", "200"]
    done = hermes("run", "-m", model, "--seed", "1", *options, "hi")
    assert done.returncode == 0, done.stderr
    jsonschema.validate(json.loads(done.stdout), SCHEMA)
    assert done.stdout.count("\n") == 1


def test_run_with_a_python_type_prints_one_valid_document(hermes, model, tmp_path):
    source = "import pydantic\nclass P(pydantic.BaseModel):\n    n: int\n    ok: bool\n"
    (tmp_path / "types_here.py").write_text(source)
    target = f"{tmp_path / 'types_here.py'}:P"
    options = ["--schema", target, "--max-tokens", "200"]
    done = hermes("run", "-m", model, "--seed", "1", *options, "hi")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == {"n", "ok"}


def test_run_whose_answer_is_cut_fails_and_says_so(hermes, model):
    done = hermes("run", "-m", model, "--max-tokens", "3", "hi")
    assert done.returncode == 1
    assert "cut" in done.stderr
    assert "--max-tokens" in done.stderr


def test_run_takes_its_question_from_a_pipe(hermes, model):
    done = hermes(
        "run", "-m", model, "--max-tokens", "3", "--json", stdin=None, input="hi"
    )
    assert json.loads(done.stdout)["messages"][0]["content"] == "hi"


def test_piped_code_keeps_the_indentation_of_its_first_line(hermes, model):
    code = "    if x:\n        y()"
    options = ["--max-tokens", "3", "--json", "What is it?"]
    done = hermes("run", "-m", model, *options, stdin=None, input=f" \n\n{code}\n \n")
    asked = json.loads(done.stdout)["messages"][0]["content"]
    assert asked == f"{code}\n\nWhat is it?"


def test_the_dialect_can_be_named_by_hand(hermes, model):
    read = {}
    for dialect in ("chatml", "llama3"):
        options = ["--dialect", dialect, "--max-tokens", "1", "--json"]
        done = hermes("run", "-m", model, *options, "hi")
        read[dialect] = json.loads(done.stdout)["usage"]["prompt_tokens"]
    # This vocabulary has ChatML's marks as tokens, and spells Llama 3's out.
    assert read["llama3"] > 2 * read["chatml"]


def test_run_keeps_its_stdout_from_functions_and_programs_that_print(hermes, tmp_path):
    source = Path(WEATHER).read_text() + "\nprint('loaded')\n"
    chatty = tmp_path / "chatty.py"
    program = "__import__('subprocess').run(['echo', 'a program'])"
    chatty.write_text(source.replace("return ", f"print('called'); {program}; return "))
    options = ["--tools", str(chatty), "--temperature", "0", "--json"]
    done = hermes("run", "-m", "tiny", *options, QUESTION)
    assert json.loads(done.stdout)["trace"][0]["status"] == "ok", done.stderr
    assert {"loaded", "called", "a program"} <= set(done.stderr.splitlines())


def test_run_shows_a_call_before_it_runs(hermes, tmp_path):
    source = Path(WEATHER).read_text()
    chatty = tmp_path / "chatty.py"
    chatty.write_text(source.replace("return ", "print('called'); return "))
    options = ["--tools", str(chatty), "--temperature", "0"]
    done = hermes("run", "-m", "tiny", *options, QUESTION)
    call, *rest = done.stderr.splitlines()
    assert call.startswith("→ get_current_temperature(")
    assert rest == ["called", "← 22.0"]


def test_run_without_a_stdin_is_no_bug(home, model):
    command = [sys.executable, "-m", "hermes_gguf", "run", "-m", model]
    line = f"{shlex.join(command)} --max-tokens 3 --json hi <&-"
    done = subprocess.run(line, shell=True, env=home, capture_output=True, timeout=60)
    assert json.loads(done.stdout)["messages"][0]["content"] == "hi"
    assert b"Internal error" not in done.stderr


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "de_DE.ISO-8859-1"])
def test_pipes_speak_utf_8_in_every_locale(home, model, locale):
    command = [sys.executable, "-m", "hermes_gguf", "run", "-m", model]
    done = subprocess.run(
        [*command, "--max-tokens", "3", "--json"],
        env={**home, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        input="Grüße, 世界".encode(),
        capture_output=True,
        timeout=60,
    )
    report = json.loads(done.stdout.decode())
    assert report["messages"][0]["content"] == "Grüße, 世界"


def test_bytes_that_are_not_utf_8_are_refused(home, model):
    done = subprocess.run(
        [sys.executable, "-m", "hermes_gguf", "run", "-m", model],
        env=home,
        input=b"hi\xff",
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert b"not in UTF-8, at character 2" in done.stderr


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--schema", "/no/such.json", "hi"], "No such file"),
        (["--schema", "json:Nope", "hi"], "json has no Nope"),
        (["--schema", "json:decoder", "hi"], "--schema: no JSON Schema for <module"),
        (["--schema", f"{LEAVES}:Type", "hi"], "SystemExit"),
        (["--tools", LEAVES, "hi"], "SystemExit"),
        (["--tools", "/no/such.py", "hi"], "such.py"),
        (["--temperature", "-1", "hi"], "temperature"),
        (["--system", "@/no/such", "hi"], "--system"),
        (["--kv-type", "q9", "hi"], "--kv-type"),
        (["--dialect", "alpaca", "hi"], "chatml, llama3"),
        ([], "QUESTION"),
        (["what", "is", "up?"], "hermes-gguf run 'what is up?'"),
        (["tiny", "Say hello"], "hermes-gguf run --model tiny 'Say hello'"),
        (["--schema", WEATHER, "hi"], f"{WEATHER}:Type"),
    ],
)
def test_a_wrong_option_of_run_ends_with_2_and_is_named(
    hermes, model, options, problem
):
    done = hermes("run", "-m", model, *options)
    assert done.returncode == 2, done.stderr
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (
            {"type": "object", "propertes": {"a": {"type": "null"}}},
            "#/propertes is no keyword of JSON Schema; did you mean properties?",
        ),
        ({"name": "Ada", "age": 41}, "it has no keyword of JSON Schema"),
        ({"type": "null", "x-note": "mine", "title": "Nothing"}, ""),
        ({}, ""),
    ],
)
def test_run_tells_of_a_schema_that_says_less_than_it_looks(
    hermes, tmp_path, schema, told
):
    path = tmp_path / "s.json"
    path.write_text(json.dumps(schema))
    done = hermes("run", "-m", "tiny", "--temperature", "0", "--schema", path, "hi")
    assert done.stderr.startswith(f"Note: --schema: {told}" if told else "")
    assert told or "Note" not in done.stderr


def test_a_keyword_that_no_grammar_holds_can_be_left_to_a_check(hermes, tmp_path):
    tags = {"type": "array", "items": {"type": "string"}, "maxItems": 2}
    schema = tmp_path / "tags.json"
    schema.write_text(
        json.dumps(
            {"type": "object", "properties": {"tags": {**tags, "uniqueItems": True}}}
        )
    )
    asked = ["-m", "tiny", "--temperature", "0", "--schema", str(schema), "red, blue"]
    refused = hermes("run", *asked)
    assert refused.returncode == 2
    assert "uniqueItems at #/properties/tags" in refused.stderr
    checked = hermes("run", "--on-unsupported", "check", *asked)
    if checked.returncode == 0:
        jsonschema.validate(json.loads(checked.stdout), json.loads(schema.read_text()))
    else:
        assert "not of the schema" in checked.stderr


def test_a_pattern_that_takes_for_ever_is_an_error_with_its_pointer(hermes, tmp_path):
    # Four ways for each character, and a back reference that no automaton decides.
    text = {"type": "string", "pattern": r"^(.|.|.|.)*(!!)\2$", "minLength": 30}
    schema = tmp_path / "s.json"
    schema.write_text(json.dumps({"properties": {"text": text}, "required": ["text"]}))
    asked = ["-m", "tiny", "--temperature", "0", "--on-unsupported", "check"]
    done = hermes("run", *asked, "--schema", str(schema), "Say something.")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pattern at #/properties/text/pattern: no answer can be" in done.stderr


def test_a_draft_model_changes_no_answer_and_must_share_the_vocabulary(hermes, model):
    asked = ["--temperature", "0", "--max-tokens", "30", "--json", "hi"]
    plain = json.loads(hermes("run", "-m", model, *asked).stdout)
    with_draft = hermes("run", "-m", model, "--draft-model", model, *asked)
    assert json.loads(with_draft.stdout)["messages"] == plain["messages"]
    done = hermes("run", "-m", model, "--draft-model", "tiny", *asked)
    assert done.returncode == 1
    assert "tiny.gguf: it cannot guess for" in done.stderr
    assert "--draft-model" in done.stderr


def test_a_file_that_is_no_model_is_refused_by_name(hermes, tmp_path):
    (tmp_path / "bad.gguf").write_bytes(b"not a model at all")
    done = hermes("run", "-m", str(tmp_path / "bad.gguf"), "hi")
    assert done.returncode == 1
    assert "bad.gguf" in done.stderr
