"""What `chat` and `run` share: the options of a conversation, and what they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import OptionError
from ..files import expand, read_text
from .lasting_streams import kept_streams
from .loading import warn

if TYPE_CHECKING:
    from ..tools import PythonTool

#: Where these stand in `--help`.
TALK = "Conversation"

ToolFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--tools",
        help="A .py file or module of functions, or `builtin`; may be repeated.",
        metavar="FILE",
        rich_help_panel=TALK,
        show_default=False,
    ),
]
SystemText = Annotated[
    str | None,
    typer.Option("--system", "-s", help="System text, or @FILE.", rich_help_panel=TALK),
]
Thinking = Annotated[
    bool,
    typer.Option(
        help="Ask for reasoning first.", rich_help_panel=TALK, show_default=False
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(min=1, help="Tokens of one answer.", rich_help_panel=TALK),
]


def load_all_tools(names: list[str] | None) -> list[PythonTool]:
    """The functions of every --tools.

    Raises:
        ToolDefinitionError: one cannot become a tool.
    """
    from ..tools import load_tools

    tools: list[PythonTool] = []
    for name in names or ():
        with kept_streams() as streams:
            tools += load_tools(name)
            for line in streams.restore(after=name):
                warn(f"{line}.")
    return tools


def read_system(text: str | None, *, option: str = "--system") -> str | None:
    """A system text; `@FILE` stands for the file's content.

    Args:
        text: What was typed.
        option: Behind what; named in errors.

    Raises:
        OptionError: the file cannot be read.
    """
    if text is None or not text.startswith("@"):
        return text
    try:
        return read_text(expand(text[1:])).rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise OptionError(option, f"{text[1:]}: {why}") from error
