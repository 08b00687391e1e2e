"""The options of `hermes-gguf chat` alone, as typer reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .talk_options import TALK

Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Run every call unasked.", rich_help_panel=TALK),
]
GoOn = Annotated[
    bool,
    typer.Option(
        "--continue", "-c", help="Go on with the last chat.", rich_help_panel=TALK
    ),
]
Resume = Annotated[
    Path | None,
    typer.Option(help="Go on with a /save'd chat.", rich_help_panel=TALK),
]
Private = Annotated[
    bool,
    typer.Option(
        "--private",
        help="Keep nothing: no chat, no typed lines, no prompts.",
        rich_help_panel=TALK,
    ),
]
Plain = Annotated[
    bool,
    typer.Option(
        "--plain",
        help="Bare text, without Markdown and the line on speed.",
        rich_help_panel=TALK,
    ),
]
