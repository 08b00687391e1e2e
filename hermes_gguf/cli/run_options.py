"""The options of `hermes-gguf run` alone, as typer reads them."""

from __future__ import annotations

from typing import Annotated

import typer

_QUESTION = "Question"

Question = Annotated[
    str | None,
    typer.Argument(help="The question; text on stdin is put before it."),
]
Schema = Annotated[
    str | None,
    typer.Option(
        help="Answer in JSON of this schema: FILE.json, module:Type, FILE.py:Type.",
        metavar="SCHEMA",
        rich_help_panel=_QUESTION,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Answer, calls and cost as one object.",
        rich_help_panel=_QUESTION,
    ),
]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes",
        "-y",
        help="Also run what requires approval, as tools of --mcp do.",
        rich_help_panel=_QUESTION,
    ),
]
MaxDepth = Annotated[
    int, typer.Option(min=1, help="Rounds of calls at most.", rich_help_panel=_QUESTION)
]
