"""A file of MCP servers → what is needed to start or reach each of them.

The file is the one that other programs have: `{"mcpServers": {name: {...}}}`. Keys that
only they know are left alone. `${NAME}` stands for a variable of the environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from ..errors import ToolServerError
from ..files import read_text

#: The key of most programs, and that of one editor.
_TABLES = ("mcpServers", "servers")
#: `${NAME}`, `${NAME:-otherwise}`, and with the `env:` that one editor wants.
_VARIABLE = re.compile(r"\$\{(?:env:)?(\w+)(?::-([^}]*))?\}")
_EXAMPLE = (
    'it looks like {"mcpServers": {"files": {"command": "npx", "args": ["-y", "..."]}}}'
)


class ServerConfig(BaseModel):
    """One server: a command that speaks over its stdin and stdout, or a URL.

    Attributes:
        command: The program, with `args`, `env` (added to a few harmless variables of
            our own environment) and `cwd`.
        url: Where it listens, with `headers` that go along.
        type: How it speaks; told by `command` or `url` where it is not said.
        disabled: It is skipped.
        include_tools: Only these of its tools; None takes all.
        exclude_tools: None of these.
        auto_approve: Tools that run without being asked about.
        timeout_s: Seconds to wait for its start, and for each answer.
    """

    model_config = ConfigDict(frozen=True)

    type: Literal["stdio", "http", "streamable-http", "sse"] | None = None
    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = Field(default_factory=dict)
    cwd: str | None = None
    url: str | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    disabled: bool = False
    include_tools: Annotated[
        tuple[str, ...] | None, Field(validation_alias="includeTools")
    ] = None
    exclude_tools: Annotated[
        tuple[str, ...],
        Field(validation_alias=AliasChoices("excludeTools", "disabledTools")),
    ] = ()
    auto_approve: Annotated[
        tuple[str, ...],
        Field(validation_alias=AliasChoices("autoApprove", "alwaysAllow")),
    ] = ()
    timeout_s: Annotated[float, Field(gt=0, validation_alias="timeoutSeconds")] = 60.0

    @property
    def is_remote(self) -> bool:
        """Whether it is reached by its URL."""
        return self.url is not None


def read_config(
    path: Path, *, environment: Mapping[str, str]
) -> dict[str, ServerConfig]:
    """Read the servers of a file by their names, without those that are disabled.

    Args:
        path: The file.
        environment: What `${NAME}` may stand for.

    Raises:
        ToolServerError: The file cannot be read or understood; it says where.
    """
    try:
        document = json.loads(read_text(path))
    except OSError as error:
        raise ToolServerError(str(path), error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ToolServerError(
            str(path), f"it is no JSON: {error}", hint=_EXAMPLE
        ) from error
    table = _table_of(document, path)
    servers = {
        name: _server(f"{path}: {name}", entry, environment)
        for name, entry in table.items()
    }
    return {name: server for name, server in servers.items() if not server.disabled}


def _table_of(document: Any, path: Path) -> dict[str, Any]:
    for key in _TABLES:
        if isinstance(document, dict) and isinstance(document.get(key), dict):
            table: dict[str, Any] = document[key]
            return table
    raise ToolServerError(str(path), "it has no table mcpServers", hint=_EXAMPLE)


def _server(place: str, entry: Any, environment: Mapping[str, str]) -> ServerConfig:
    try:
        server = ServerConfig.model_validate(entry)
        if not server.disabled:
            server = ServerConfig.model_validate(_filled(entry, environment))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ToolServerError(place, f"{where}: {first['msg']}".lstrip(": ")) from error
    except KeyError as error:
        name = error.args[0]
        raise ToolServerError(
            place, f"no variable {name} is set", hint=f"export {name}=..."
        ) from error
    if (server.command is None) == (server.url is None):
        raise ToolServerError(place, "it needs either a command or a url")
    if server.type is not None and (server.type == "stdio") == server.is_remote:
        raise ToolServerError(
            place, f"type {server.type!r} does not go with what else it says"
        )
    return server


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    """`value` with the variables of the environment put in.

    Raises:
        KeyError: one is not set and has no default.
    """

    def look_up(match: re.Match[str]) -> str:
        name, otherwise = match.groups()
        if name in environment:
            return environment[name]
        if otherwise is None:
            raise KeyError(name)
        return str(otherwise)

    if isinstance(value, str):
        return _VARIABLE.sub(look_up, value)
    if isinstance(value, dict):
        return {key: _filled(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, environment) for item in value]
    return value
