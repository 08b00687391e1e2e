"""`--mcp FILE`: the tools of MCP servers, for `chat` and `run`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from .loading import status

if TYPE_CHECKING:
    from ..tools import PythonTool

McpFile = Annotated[
    str | None,
    typer.Option(
        "--mcp",
        help="A JSON file of MCP servers (`mcpServers`), whose tools are used too.",
        metavar="FILE",
        rich_help_panel="Conversation",
        show_default=False,
    ),
]


@contextmanager
def tools_of_servers(path: str | None) -> Iterator[list[PythonTool]]:
    """The tools of a file's servers, which run as long as the block does.

    Raises:
        ToolServerError: the file cannot be understood, or a server not be started.
    """
    if path is None:
        yield []
        return
    from ..mcp import McpServers

    with ExitStack() as stack:
        with status("starting MCP servers"):
            servers = stack.enter_context(McpServers.from_file(path))
        yield list(servers.tools)
