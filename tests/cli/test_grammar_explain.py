"""`hermes-gguf grammar --explain`: what becomes of each keyword, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .grammar_command import call


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
