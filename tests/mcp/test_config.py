"""The file of MCP servers: what other programs write in it is read, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hermes_gguf.errors import ToolServerError
from hermes_gguf.mcp import ServerConfig, read_config
from tests.support.shared import ROOT


def read(tmp_path: Path, document: Any, **environment: str) -> dict[str, ServerConfig]:
    path = tmp_path / "mcp.json"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return read_config(path, environment=environment)


def test_a_command_and_a_url_as_other_programs_write_them(tmp_path: Path) -> None:
    servers = read(
        tmp_path,
        {
            "globalShortcut": "",
            "mcpServers": {
                "files": {"command": "npx", "args": ["-y", "x"], "env": {"A": "1"}},
                "web": {"type": "http", "url": "https://a/mcp", "headers": {"K": "v"}},
                "old": {"command": "x", "disabled": True},
            },
        },
    )
    assert list(servers) == ["files", "web"]
    assert servers["files"].args == ("-y", "x")
    assert servers["files"].env == {"A": "1"}
    assert not servers["files"].is_remote
    assert servers["web"].headers == {"K": "v"}


def test_the_editors_key_and_its_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = "\ufeff" + json.dumps({"servers": {"a": {"command": "x", "type": "stdio"}}})
    assert list(read(tmp_path, text)) == ["a"]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${HOME}/notes", "/home/ada/notes"),
        ("${env:HOME}", "/home/ada"),
        ("${NAME:-nobody}", "nobody"),
        ("${HOME:-nobody}", "/home/ada"),
        ("${NAME:-}", ""),
        ("$HOME and {HOME}", "$HOME and {HOME}"),
    ],
)
def test_variables_of_the_environment(tmp_path: Path, text: str, filled: str) -> None:
    entry = {"command": "x", "args": [text], "env": {"K": text}}
    server = read(tmp_path, {"mcpServers": {"a": entry}}, HOME="/home/ada")["a"]
    assert server.args == (filled,)
    assert server.env == {"K": filled}


def test_a_disabled_server_needs_no_variable(tmp_path: Path) -> None:
    entry = {"command": "${NOT_SET}", "disabled": True}
    assert read(tmp_path, {"mcpServers": {"a": entry}}) == {}


def test_a_server_that_waits_for_its_tools_is_told_by_its_own_keys(
    tmp_path: Path,
) -> None:
    entry = {
        "command": "x",
        "includeTools": ["a", "b"],
        "disabledTools": ["b"],
        "alwaysAllow": ["a"],
        "timeoutSeconds": 5,
    }
    server = read(tmp_path, {"mcpServers": {"s": entry}})["s"]
    assert server.include_tools == ("a", "b")
    assert server.exclude_tools == ("b",)
    assert server.auto_approve == ("a",)
    assert server.timeout_s == 5


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it has no table mcpServers"),
        ({"mcpServers": []}, "it has no table mcpServers"),
        ({"mcpServers": {"a": "npx"}}, "a: Input should be"),
        ({"mcpServers": {"a": {}}}, "a: it needs either a command or a url"),
        ({"mcpServers": {"a": {"command": "x", "url": "y"}}}, "either a command or"),
        ({"mcpServers": {"a": {"command": "x", "args": [1]}}}, "a: args.0: "),
        ({"mcpServers": {"a": {"command": "x", "type": "http"}}}, "type 'http' does"),
        ({"mcpServers": {"a": {"url": "x", "type": "stdio"}}}, "type 'stdio' does"),
        ({"mcpServers": {"a": {"url": "x", "type": "pigeon"}}}, "a: type: "),
        ({"mcpServers": {"a": {"command": "x", "timeoutSeconds": 0}}}, "timeoutSec"),
        ({"mcpServers": {"a": {"command": "${KEY}"}}}, "no variable KEY is set"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_its_place(
    tmp_path: Path, document: Any, problem: str
) -> None:
    with pytest.raises(ToolServerError, match=r"mcp\.json: ") as caught:
        read(tmp_path, document)
    assert problem in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ToolServerError, match="No such file"):
        read_config(tmp_path / "nothing.json", environment={})


def test_the_example_of_the_docs_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    servers = read(tmp_path, example, HOME="/home/ada")
    assert servers["notes"].args[-1] == "/home/ada/notes"
    assert servers["notes"].auto_approve == ("list_directory",)
    assert servers["search"].headers == {"Authorization": "Bearer "}
