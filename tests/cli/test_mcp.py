"""`--mcp FILE`: the tools of a real MCP server, called through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from hermes_gguf.cli.mcp_option import tools_of_servers
from tests.support.shared import ROOT

SERVER = ROOT / "tests" / "mcp" / "demo_server.py"
QUESTION = "Please add 14 and 28."


@pytest.fixture
def servers(tmp_path: Path) -> Path:
    entry = {
        "command": sys.executable,
        "args": [str(SERVER)],
        "env": {"STARTS": str(tmp_path / "starts")},
        "includeTools": ["add"],
    }
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"demo": entry}}), encoding="utf-8")
    return path


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hermes_gguf", *words, "--temperature", "0"]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, input=stdin
    )


def test_a_server_starts_once_and_runs_as_long_as_its_tools_are_needed(
    servers: Path, tmp_path: Path
) -> None:
    before = set(psutil.Process().children(recursive=True))
    with tools_of_servers(str(servers)) as tools:
        started = set(psutil.Process().children(recursive=True)) - before
        assert [tool.name for tool in tools] == ["add"]
        assert len(started) == 1
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not alive
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "started\n"


def test_run_calls_a_servers_tool_and_answers_from_its_result(servers: Path) -> None:
    done = run("run", "--model", "tiny", "--mcp", str(servers), "--yes", QUESTION)
    assert "→ add(a=14, b=28)\n← 42" in done.stderr
    assert "42" in done.stdout
    assert done.returncode == 0


def test_run_leaves_a_call_alone_that_nobody_approved(servers: Path) -> None:
    done = run("run", "--model", "tiny", "--mcp", str(servers), QUESTION)
    assert "← denied: it needs approval, which --yes gives" in done.stderr


def test_chat_has_a_servers_tools_beside_python_functions(servers: Path) -> None:
    own = str(ROOT / "examples" / "weather_tools.py")
    words = ("chat", "tiny", "--tools", own, "--mcp", str(servers), "--yes")
    weather = "Hey, what's the temperature in Paris right now?"
    done = run(*words, stdin=f"{QUESTION}\n{weather}\n")
    assert "→ add(a=14, b=28)\n← 42" in done.stdout
    assert "→ get_current_temperature(" in done.stdout


def test_a_server_that_cannot_start_ends_the_command_with_the_reason(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mcp.json"
    path.write_text('{"mcpServers": {"demo": {"command": "/nowhere/x"}}}')
    done = run("chat", "tiny", "--mcp", str(path))
    assert "MCP server 'demo': there is no program or folder '/nowhere/x'" in (
        done.stderr
    )
    assert done.returncode == 2
