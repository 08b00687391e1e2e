"""The options of `hermes-gguf grammar`, as typer reads them: names and help alone."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_WHAT, _HOW, _TOOLS = "What to do", "The grammar", "Files of tools"


class Space(StrEnum):
    """White space in the JSON that is written."""

    hermes = "hermes"
    compact = "compact"
    pretty = "pretty"
    flexible = "flexible"


class Unsupported(StrEnum):
    """What to do with a keyword that no grammar can enforce."""

    refuse = "refuse"
    check = "check"


SourceName = Annotated[
    str,
    typer.Argument(
        help="SCHEMA.json, file.py:Model, module:Model, TOOLS.py, X.gbnf, or -"
        " for a schema on stdin.",
        show_default=False,
    ),
]
Documents = Annotated[
    list[str] | None,
    typer.Argument(
        help="With --check: files to check; - is stdin, .jsonl has one a line.",
        show_default=False,
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain", help="Say what becomes of each keyword.", rich_help_panel=_WHAT
    ),
]
Check = Annotated[
    bool,
    typer.Option(
        "--check", help="Check documents; 1 if any fails.", rich_help_panel=_WHAT
    ),
]
Test = Annotated[
    bool,
    typer.Option(
        "--test", help="Type a document, see what may come.", rich_help_panel=_WHAT
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="Write the grammar there.", rich_help_panel=_WHAT
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help="--explain or --check for programs.", rich_help_panel=_WHAT
    ),
]
Lines = Annotated[
    bool,
    typer.Option(
        "--lines", help="With --check: one document a line.", rich_help_panel=_WHAT
    ),
]
AsValues = Annotated[
    bool,
    typer.Option(
        "--values",
        help="With --check: white space and order of keys do not matter.",
        rich_help_panel=_WHAT,
    ),
]
Closed = Annotated[
    bool | None,
    typer.Option(
        "--closed/--open",
        help="No keys beyond the declared ones. Schemas are open, types closed.",
        rich_help_panel=_HOW,
        show_default=False,
    ),
]
SpaceStyle = Annotated[
    Space | None,
    typer.Option(
        help="White space; hermes is what the models were trained on.",
        rich_help_panel=_HOW,
        show_default=False,
    ),
]
OnUnsupported = Annotated[
    Unsupported,
    typer.Option(
        help="A keyword that no grammar can hold: refuse, or check it later.",
        rich_help_panel=_HOW,
    ),
]
Choice = Annotated[
    str | None,
    typer.Option(
        help="auto, required, or a tool's name.",
        rich_help_panel=_TOOLS,
        show_default=False,
    ),
]
OneCall = Annotated[
    bool,
    typer.Option("--one-call", help="One call at most.", rich_help_panel=_TOOLS),
]
Style = Annotated[
    str | None,
    typer.Option(
        help="Prompt style whose order of keys calls follow.",
        rich_help_panel=_TOOLS,
        show_default=False,
    ),
]
