"""MCP servers as tools: real processes and web services, asked through the portal."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hermes_gguf.errors import ToolServerError
from hermes_gguf.mcp import McpServers, ServerConfig
from hermes_gguf.tools import PythonTool

SCRIPT = str(Path(__file__).with_name("demo_server.py"))


def demo(**keys: Any) -> ServerConfig:
    return ServerConfig.model_validate(
        {"command": sys.executable, "args": [SCRIPT], **keys}
    )


def connect(tmp_path: Path, **configs: ServerConfig) -> McpServers:
    return McpServers(configs, log_folder=tmp_path)


def tool(servers: McpServers, name: str) -> PythonTool:
    return next(tool for tool in servers.tools if tool.name == name)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpServers]:
    folder = tmp_path_factory.mktemp("mcp")
    config = demo(env={"GREETING": "hello"}, autoApprove=["add"])
    with connect(folder, demo=config) as connected:
        yield connected


def test_a_tool_is_shown_as_the_server_describes_it_without_remarks(
    servers: McpServers,
) -> None:
    add = tool(servers, "add").tool
    assert add.description == "Add two numbers."
    assert add.parameters == {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "b": {"default": 1, "minimum": 0, "type": "integer"},
        },
        "required": ["a"],
    }


def test_a_parameter_that_is_called_title_stays(servers: McpServers) -> None:
    parameters = tool(servers, "describe").tool.parameters
    assert list(parameters["properties"]) == ["title", "colour", "tags"]
    assert parameters["properties"]["colour"]["enum"] == ["red", "blue"]


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("add", {"a": 2, "b": 3}, 5),
        ("add", {"a": 2}, 3),
        ("read_note", {"name": "shopping"}, "milk and bread"),
        ("describe", {"title": "x"}, {"title": "x", "colour": "red", "tags": []}),
        ("draw", {}, "[image image/png, 3 bytes: not shown]"),
        ("variable", {"name": "GREETING"}, "hello"),
    ],
)
def test_what_a_call_gives_back(
    servers: McpServers, name: str, arguments: dict[str, Any], value: Any
) -> None:
    assert tool(servers, name).call(arguments) == value


def test_our_own_environment_is_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "a secret")
    with connect(tmp_path, demo=demo()) as connected:
        assert tool(connected, "variable").call({"name": "HF_TOKEN"}) == "(not set)"


def test_a_failing_tool_fails_its_call_alone(servers: McpServers) -> None:
    with pytest.raises(Exception, match="Error executing tool read_note"):
        tool(servers, "read_note").call({"name": "nothing"})
    assert tool(servers, "add").call({"a": 1}) == 2


def odd(method: str, answer: dict[str, Any]) -> ServerConfig:
    """A server that answers requests of one method so."""
    script = str(Path(__file__).with_name("odd_server.py"))
    return demo(args=[script, method, json.dumps(answer)])


def test_an_answer_that_breaks_the_protocol_is_the_servers_error(
    tmp_path: Path,
) -> None:
    broken = odd("tools/list", {"result": {"tools": "none"}})
    with pytest.raises(ToolServerError, match="breaks the protocol"):
        connect(tmp_path, odd=broken).__enter__()
    broken = odd("tools/call", {"result": {"content": [{"type": "text", "text": 7}]}})
    with connect(tmp_path, odd=broken) as connected:
        with pytest.raises(Exception, match="breaks the protocol"):
            tool(connected, "look").call({})


def test_an_error_with_the_number_of_a_lost_connection_is_told_as_it_is(
    tmp_path: Path,
) -> None:
    refuses = odd("tools/call", {"error": {"code": -32000, "message": "no disk"}})
    with connect(tmp_path, odd=refuses) as connected:
        with pytest.raises(Exception, match="no disk"):
            tool(connected, "look").call({})


def test_only_listed_tools_run_without_approval(servers: McpServers) -> None:
    free = [tool.name for tool in servers.tools if not tool.requires_approval]
    assert free == ["add"]


def test_a_server_that_died_is_started_again_by_the_next_call(
    servers: McpServers,
) -> None:
    with pytest.raises(Exception, match="has ended"):
        tool(servers, "die").call({})
    assert tool(servers, "add").call({"a": 1}) == 2
    # Why it died is not lost.
    log = servers.connections[0].log
    assert "it dies" in log.read_text(encoding="utf-8")
    assert sys.platform == "win32" or log.stat().st_mode & 0o077 == 0


def test_two_servers_with_the_same_tools_and_a_choice_of_them(tmp_path: Path) -> None:
    one = demo(includeTools=["add", "draw"])
    other = demo(excludeTools=["draw", "die", "wait", "describe", "variable"])
    before = psutil.Process().children(recursive=True)
    with connect(tmp_path, **{"one": one, "my other": other}) as connected:
        names = [tool.name for tool in connected.tools]
        assert names == ["one_add", "draw", "read_note", "my_other_add"]
        assert tool(connected, "my_other_add").call({"a": 1, "b": 1}) == 2
        children = set(psutil.Process().children(recursive=True)) - set(before)
        assert len(children) == 2
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


def test_a_call_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    config = demo(includeTools=["wait"])
    with connect(tmp_path, demo=config) as connected:
        # Less than a start takes, so it is set after it.
        connection = connected.connections[0]
        connection.config = config.model_copy(update={"timeout_s": 0.5})
        with pytest.raises(TimeoutError, match=r"0\.5 seconds"):
            tool(connected, "wait").call({"seconds": 30})
        connection.config = config
        assert tool(connected, "wait").call({"seconds": 0}) == "done"


@pytest.mark.parametrize("kind", ["http", "sse"])
def test_a_web_service(tmp_path: Path, kind: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, SCRIPT, kind, str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for_port(port)
        url = f"http://127.0.0.1:{port}/" + ("mcp" if kind == "http" else "sse")
        config = ServerConfig.model_validate({"url": url, "type": kind})
        with connect(tmp_path, web=config) as connected:
            assert tool(connected, "add").call({"a": 20, "b": 22}) == 42
    finally:
        process.kill()
        process.wait()


def _wait_for_port(port: int) -> None:
    for _ in range(600):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server does not listen")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"command": "/nowhere/x", "args": []}, "no program or folder '/nowhere/x'"),
        ({"args": ["-c", "import sys; sys.exit('no key')"]}, "it said: no key"),
        ({"args": ["-c", "print('hello')"]}, "it ended before it answered"),
        (
            {"args": ["-c", "import time; time.sleep(60)"], "timeoutSeconds": 1},
            "no answer within 1 seconds",
        ),
        ({"includeTools": ["nothing"]}, "it has no tool 'nothing'"),
        (
            {"command": None, "args": [], "url": "http://127.0.0.1:9/mcp"},
            "http://127.0.0.1:9/mcp: ",
        ),
    ],
)
def test_a_server_that_cannot_be_used_is_named_with_the_reason(
    tmp_path: Path, keys: dict[str, Any], problem: str
) -> None:
    before = psutil.Process().children(recursive=True)
    with pytest.raises(ToolServerError, match="MCP server 'demo': ") as caught:
        connect(tmp_path, demo=demo(**keys)).__enter__()
    assert problem in caught.value.message
    assert not set(psutil.Process().children(recursive=True)) - set(before)


def test_without_the_library_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "hermes_gguf.mcp.connection", raising=False)
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(ToolServerError, match="mcp is not installed") as caught:
        connect(tmp_path, demo=demo()).__enter__()
    assert caught.value.hint == "pip install 'hermes-gguf[mcp]'"


def test_no_servers_are_no_tools(tmp_path: Path) -> None:
    with connect(tmp_path) as connected:
        assert connected.tools == ()


def test_a_home_that_cannot_be_written_costs_the_messages_only(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file in the folder's place")
    with McpServers({"demo": demo()}, log_folder=tmp_path / "log") as servers:
        assert tool(servers, "add").call({"a": 1, "b": 2}) == 3
    ended = ServerConfig.model_validate({"command": sys.executable, "args": ["-c", ""]})
    with (
        pytest.raises(ToolServerError, match=r"it ended before it answered$"),
        McpServers({"demo": ended}, log_folder=tmp_path / "log") as servers,
    ):
        assert servers.tools
