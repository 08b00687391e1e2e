"""All servers of a file: started together, their tools under names of their own.

What speaks the protocol is imported only here, and only when a server is wanted.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ToolServerError
from ..files import expand
from ..places import state_folder
from ..tools import PythonTool
from .config import ServerConfig, read_config
from .definitions import read_definition

if TYPE_CHECKING:
    from mcp import types

    from .connection import Connection


class McpServers:
    """Servers and their tools, for as long as a `with` block lasts.

    Each tool is a `PythonTool` that asks for approval, but for those that the file
    lists under `autoApprove`. A server that dies is started again by the next call.

    Example:
        ```python
        with McpServers.from_file("mcp.json") as servers, Hermes("tiny") as hermes:
            hermes.call_tools("What is in my notes?", tools=servers.tools, approve=ask)
        ```
    """

    def __init__(
        self, configs: Mapping[str, ServerConfig], *, log_folder: Path | None = None
    ) -> None:
        """Prepare to start them.

        Args:
            configs: How to start or reach each server, by its name.
            log_folder: Where the stderr of commands goes, a file for each.
        """
        self._configs = dict(configs)
        self._log_folder = log_folder or state_folder() / "mcp"
        self._stack = ExitStack()
        #: One for each server, in the order of the file, while they are open.
        self.connections: list[Connection] = []
        self._tools: tuple[PythonTool, ...] = ()

    @classmethod
    def from_file(
        cls, path: str | Path, *, environment: Mapping[str, str] | None = None
    ) -> McpServers:
        """The servers of a file that has a table `mcpServers`.

        Args:
            path: The file.
            environment: What `${NAME}` in it may stand for; None is this process's.

        Raises:
            ToolServerError: The file cannot be read or understood.
        """
        # The one place beside the command line: the file itself speaks of variables.
        known = os.environ if environment is None else environment  # noqa: TID251
        return cls(read_config(expand(path), environment=known))

    @property
    def tools(self) -> tuple[PythonTool, ...]:
        """What all servers offer, in the order of the file."""
        return self._tools

    def __enter__(self) -> McpServers:
        """Start or reach all of them at once, and ask what they offer.

        Raises:
            ToolServerError: one of them fails; the others are closed again.
        """
        with ExitStack() as stack:
            self.connections = self._connect(stack)
            offers = [(one, _offered(one)) for one in self.connections]
            self._tools = _named_apart(offers)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection, and every program that was started."""
        self._tools, self.connections = (), []
        self._stack.close()

    def _connect(self, stack: ExitStack) -> list[Connection]:
        if not self._configs:
            return []
        try:
            from anyio.from_thread import start_blocking_portal

            from .connection import Connection
        except ImportError as error:
            raise ToolServerError(
                "MCP servers",
                f"{error.name or 'mcp'} is not installed",
                hint="pip install 'hermes-gguf[mcp]'",
            ) from error
        portal = stack.enter_context(start_blocking_portal())
        connections = []
        for name, config in self._configs.items():
            connection = Connection(portal, name, config, self._log_folder)
            stack.callback(connection.close)
            connection.open()
            connections.append(connection)
        return connections


def _offered(connection: Connection) -> list[types.Tool]:
    """The server's tools that the file wants.

    Raises:
        ToolServerError: the server fails, or has no tool of a name that is wanted.
    """
    config, offered = connection.config, connection.tools()
    names = {tool.name for tool in offered}
    wanted = names if config.include_tools is None else set(config.include_tools)
    named = {*wanted, *config.exclude_tools, *config.auto_approve}
    if unknown := sorted(named - names):
        raise ToolServerError(
            f"MCP server {connection.name!r}",
            f"it has no tool {unknown[0]!r}",
            hint=f"it has: {', '.join(sorted(names)) or 'none'}",
        )
    return [
        tool
        for tool in offered
        if tool.name in wanted and tool.name not in config.exclude_tools
    ]


def _named_apart(
    offers: list[tuple[Connection, list[types.Tool]]],
) -> tuple[PythonTool, ...]:
    """Tools under their own names, with their server's before a name that is shared."""
    counts = Counter(tool.name for _, tools in offers for tool in tools)
    return tuple(
        _tool(connection, tool, is_shared=counts[tool.name] > 1)
        for connection, tools in offers
        for tool in tools
    )


def _tool(connection: Connection, tool: types.Tool, *, is_shared: bool) -> PythonTool:
    own = f"{connection.short_name}_{tool.name}"

    def call(**arguments: Any) -> Any:
        return connection.call(tool.name, arguments)

    return PythonTool(
        read_definition(tool, name=own if is_shared else tool.name),
        call,
        requires_approval=tool.name not in connection.config.auto_approve,
    )
