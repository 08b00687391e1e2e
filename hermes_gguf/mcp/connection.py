"""One server's connection: opened, asked, lost, and opened again at the next call.

The protocol is spoken in an event loop of its own (the portal); whoever calls here is
ordinary code that waits. Which tools are taken, and their names, is `servers`'s.
"""

from __future__ import annotations

import concurrent.futures
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import anyio
from mcp import StdioServerParameters, types
from mcp.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from ..errors import ToolServerError
from ..tools import describe_error
from .content import ToolFailedError, read_result

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from .config import ServerConfig

_T = TypeVar("_T")
#: How often a waiting thread looks up, so that Ctrl-C is heard on Windows too.
_LONGEST_WAIT_S = 0.25
_MOST_PAGES = 100
#: What the library says of a connection that is lost.
_LOST = "Connection closed"

# What the library logs would stand in the middle of a chat.
logging.getLogger("mcp").addHandler(logging.NullHandler())


class Connection:
    """A server that is started or reached when it is first needed.

    Attributes:
        name: The server's name in the file.
        config: How to start or reach it.
        log: Where a command's stderr goes.
    """

    def __init__(
        self, portal: BlockingPortal, name: str, config: ServerConfig, log_folder: Path
    ) -> None:
        self.name, self.config = name, config
        #: The name as a part of other names.
        self.short_name = re.sub(r"[^A-Za-z0-9_-]", "_", name)
        self.log = log_folder / f"{self.short_name}.log"
        self._portal = portal
        self._task: concurrent.futures.Future[None] | None = None
        self._ready: concurrent.futures.Future[Client] = concurrent.futures.Future()
        self._n_starts = 0

    def open(self) -> None:
        """Begin to connect; `wait` says how it went."""
        self._n_starts += 1
        self._ready = concurrent.futures.Future()
        self._task = self._portal.start_task_soon(self._serve, self._ready)

    def wait(self) -> Client:
        """The connected client.

        Raises:
            ToolServerError: it cannot be started, reached, or understood.
        """
        if self._task is None or self._task.done():
            self.open()
        try:
            return _result_of(self._ready, self.config.timeout_s)
        except TimeoutError as error:
            self.close()
            raise self._failed(
                f"no answer within {self.config.timeout_s:g} seconds"
            ) from error

    def tools(self) -> list[types.Tool]:
        """What the server offers.

        Raises:
            ToolServerError: it does not say.
        """
        client = self.wait()
        try:
            return self._ask(_list_tools, client)
        except (MCPError, TimeoutError, ValidationError) as error:
            raise self._failed(_describe(error)) from error

    def call(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        """Call a tool and wait for what it gives back.

        Raises:
            ToolFailedError: the server says that it failed, or is gone.
            ToolServerError: a server that was gone cannot be started again.
            TimeoutError: no answer within the server's time.
        """
        client = self.wait()
        try:
            return read_result(self._ask(client.call_tool, tool, dict(arguments)))
        except MCPError as error:
            if not _hung_up(error):
                raise ToolFailedError(error.message) from error
            self.close()
            raise ToolFailedError(
                "the server has ended; the next call starts it again"
            ) from error
        except ValidationError as error:
            raise ToolFailedError(_describe(error)) from error

    def close(self) -> None:
        """End the connection, and the program that was started for it."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            concurrent.futures.wait([self._task])
        self._task = None

    def _ask(self, function: Callable[..., Awaitable[_T]], *arguments: Any) -> _T:
        """Run a coroutine function in the portal, and cancel it where we may not wait.

        Raises:
            TimeoutError: no answer within the server's time.
        """
        answer = self._portal.start_task_soon(function, *arguments)
        try:
            return _result_of(answer, self.config.timeout_s)
        finally:
            answer.cancel()  # nothing, where it is done

    async def _serve(self, ready: concurrent.futures.Future[Client]) -> None:
        """Connect, and stay so until cancelled: a connection lives in one task."""
        try:
            async with AsyncExitStack() as stack:
                transport = await self._transport(stack)
                client = Client(
                    transport,
                    client_info=types.Implementation(
                        name="hermes-gguf", version=metadata.version("hermes-gguf")
                    ),
                )
                await stack.enter_async_context(client)
                ready.set_result(client)
                await anyio.sleep_forever()
        # Told to whoever waits; a group of errors is what the library raises.
        except Exception as error:
            if not ready.done():
                ready.set_exception(self._failed(_describe(error)))

    async def _transport(
        self, stack: AsyncExitStack
    ) -> AbstractAsyncContextManager[Any]:
        config = self.config
        if config.url is None:
            log = stack.enter_context(self._open_log())
            return stdio_client(_parameters(config), errlog=log)
        headers = dict(config.headers)
        if config.type == "sse":
            return sse_client(config.url, headers=headers)
        import httpx2

        # The time to read is that of a call; the library's own default is 5 minutes.
        timeout = httpx2.Timeout(config.timeout_s)
        http = httpx2.AsyncClient(headers=headers, timeout=timeout)
        await stack.enter_async_context(http)
        return streamable_http_client(config.url, http_client=http)

    def _open_log(self) -> TextIO:
        try:
            return _open_log(self.log, anew=self._n_starts == 1)
        except OSError:
            # A home that cannot be written costs the messages, not the tools.
            self.log = Path(os.devnull)
            return _open_log(self.log, anew=True)

    def _failed(self, problem: str) -> ToolServerError:
        if self.config.url is not None:
            where = f"{self.config.url}: {problem}"
            return ToolServerError(f"MCP server {self.name!r}", where)
        said = _last_line(self.log)
        hint = f"its messages are in {self.log}" if said else None
        text = f"{problem} (it said: {said})" if said else problem
        return ToolServerError(f"MCP server {self.name!r}", text, hint=hint)


def _parameters(config: ServerConfig) -> StdioServerParameters:
    return StdioServerParameters(
        command=config.command or "",
        args=list(config.args),
        env=dict(config.env),
        cwd=None if config.cwd is None else os.path.expanduser(config.cwd),
    )


def _open_log(path: Path, *, anew: bool) -> TextIO:
    """The log, for its person only; why a server ended stays when it starts again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path.open("w" if anew else "a", encoding="utf-8", errors="replace")


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


async def _list_tools(client: Client) -> list[types.Tool]:
    tools: list[types.Tool] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if cursor is None:
            return tools
    raise MCPError(types.INTERNAL_ERROR, "its list of tools has no end")


def _result_of(future: concurrent.futures.Future[_T], timeout_s: float) -> _T:
    waited_s = 0.0
    while not future.done():
        if waited_s >= timeout_s:
            raise TimeoutError(f"no answer within {timeout_s:g} seconds")
        concurrent.futures.wait([future], timeout=_LONGEST_WAIT_S)
        waited_s += _LONGEST_WAIT_S
    return future.result()


def _hung_up(error: MCPError) -> bool:
    """Whether the connection is lost; servers use its number for errors of theirs."""
    return (error.code, error.message) == (types.CONNECTION_CLOSED, _LOST)


def _describe(error: BaseException) -> str:
    """One sentence; the first of a group of errors stands for all."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, FileNotFoundError):
        return f"there is no program or folder {error.filename!r}"
    if isinstance(error, MCPError) and _hung_up(error):
        return "it ended before it answered"
    if isinstance(error, ValidationError):
        return f"its answer breaks the protocol ({describe_error(error)})"
    return str(error) or type(error).__name__
