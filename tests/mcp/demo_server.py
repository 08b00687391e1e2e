"""A real MCP server for the tests: `demo_server.py [stdio|http|sse] [port]`.

Each start adds a line to the file that the variable STARTS names.
"""

from __future__ import annotations

import base64
import os
import sys
import time
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Image, MCPServer
from pydantic import Field

server: MCPServer[Any] = MCPServer("demo")
NOTES = {"shopping": "milk and bread", "title": "a note that is called title"}


@server.tool()
def read_note(name: str) -> str:
    """Read a note.

    A second line of the description.
    """
    return NOTES[name]


@server.tool()
def add(a: int, b: Annotated[int, Field(ge=0, examples=[1])] = 1) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def describe(
    title: str, colour: Literal["red", "blue"] = "red", tags: list[str] | None = None
) -> dict[str, Any]:
    """Describe a thing."""
    return {"title": title, "colour": colour, "tags": tags or []}


@server.tool()
def draw() -> Image:
    """Draw a picture."""
    return Image(data=base64.b64decode(b"AAAA"), format="png")


@server.tool()
def variable(name: str) -> str:
    """What a variable of the server's environment is."""
    return os.environ.get(name, "(not set)")


@server.tool()
def wait(seconds: float) -> str:
    """Take a while."""
    time.sleep(seconds)
    return "done"


@server.tool()
def die() -> str:
    """End the server at once."""
    print("it dies", file=sys.stderr, flush=True)
    os._exit(3)


if __name__ == "__main__":
    if path := os.environ.get("STARTS"):
        with open(path, "a", encoding="utf-8") as starts:
            starts.write("started\n")
    kind = sys.argv[1] if len(sys.argv) > 1 else "stdio"
    if kind == "stdio":
        server.run()
    elif kind == "http":
        server.run("streamable-http", port=int(sys.argv[2]))
    else:
        server.run("sse", port=int(sys.argv[2]))
