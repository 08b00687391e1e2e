"""The options of `hermes-gguf serve`, as typer reads them: names and help alone."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import MOST_SLOTS

_SERVER = "Server"

Host = Annotated[
    str,
    typer.Option(
        help="Address to listen on.", metavar="ADDRESS", rich_help_panel=_SERVER
    ),
]
Port = Annotated[
    int,
    typer.Option(
        "--port",
        "-p",
        help="Port to listen on; 0 picks a free one.",
        min=0,
        max=65_535,
        rich_help_panel=_SERVER,
    ),
]
Slots = Annotated[
    int,
    typer.Option(
        help="Answers written at once.",
        min=1,
        max=MOST_SLOTS,
        rich_help_panel=_SERVER,
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        help="Key that clients must send.",
        metavar="KEY",
        envvar="HERMES_GGUF_API_KEY",
        rich_help_panel=_SERVER,
    ),
]
Cors = Annotated[
    list[str] | None,
    typer.Option(
        help="Web origin whose pages may call; may be repeated.",
        metavar="ORIGIN",
        rich_help_panel=_SERVER,
    ),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(
        help="Another name by which clients may call this machine.",
        metavar="NAME",
        rich_help_panel=_SERVER,
    ),
]
Page = Annotated[
    bool,
    typer.Option(
        help="Give browsers a chat page at the server's address.",
        rich_help_panel=_SERVER,
    ),
]
Supervise = Annotated[
    bool,
    typer.Option(
        help="Run the model in a process of its own, and survive its crash.",
        rich_help_panel=_SERVER,
    ),
]
Metrics = Annotated[
    bool,
    typer.Option(
        "--metrics",
        help="Tell at /metrics what was asked and done, for Prometheus.",
        rich_help_panel=_SERVER,
    ),
]
UnloadAfter = Annotated[
    float | None,
    typer.Option(
        help="Free the model's memory when nobody asks for so many minutes; the"
        " next request loads it again.",
        metavar="MINUTES",
        rich_help_panel=_SERVER,
    ),
]
