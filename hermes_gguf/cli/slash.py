"""The chat's slash commands: a table from name to function, and its help.

Each command changes the conversation or prints; none talks to the model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ..errors import HermesError, OptionError
from .chat_session import ChatSession


class LeaveChat(Exception):  # noqa: N818 - not an error: the person said goodbye
    """The person wants to leave."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command: what it takes, what it does, and the function that does it.

    The function may return a text to be said as the person's next turn.
    """

    takes: str
    does: str
    run: Callable[[ChatSession, str], str | None]


def run_slash(line: str, session: ChatSession) -> str | None:
    """Run a line that begins with `/`; return a text to say next, if any.

    Raises:
        LeaveChat: the line was /exit, or another name of it.
    """
    name, _, rest = line[1:].partition(" ")
    command = SLASH_COMMANDS.get(_OTHER_NAMES.get(name, name))
    if command is None:
        session.console.print(
            f"No command /{escape(name)}. /help lists them;"
            " begin with a space to say it as it is."
        )
        return None
    try:
        return command.run(session, rest.strip())
    except HermesError as error:
        session.console.print(escape(error.message), style="red")
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        session.console.print(escape(said), style="red")
    return None


def _help(session: ChatSession, _: str) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, command in SLASH_COMMANDS.items():
        table.add_row(escape(f"/{name} {command.takes}".rstrip()), command.does)
    session.console.print(table)
    session.console.print(
        "[dim]Esc, then Enter begins a new line; Ctrl-C stops an answer, Ctrl-D leaves."
    )


def _leave(_: ChatSession, __: str) -> None:
    raise LeaveChat


def _clear(session: ChatSession, _: str) -> None:
    session.conversation.clear()
    session.console.print("[dim]A new conversation.[/dim]")


def _system(session: ChatSession, text: str) -> None:
    if text:
        session.conversation.system = text
    shown = session.conversation.system or "(none: the model's own)"
    session.console.print(f"[dim]system:[/dim] {escape(shown)}")


def _tools(session: ChatSession, _: str) -> None:
    if not session.conversation.tools:
        session.console.print("No tools. Start with --tools FILE.py")
    for tool in session.conversation.tools:
        first_line = tool.tool.description.partition("\n")[0]
        session.console.print(f"[cyan]{escape(tool.name)}[/cyan]  {escape(first_line)}")


def _retry(session: ChatSession, _: str) -> str | None:
    text = session.conversation.undo()
    if text is None:
        session.console.print("Nothing was said yet.")
    return text


def _undo(session: ChatSession, _: str) -> None:
    text = session.conversation.undo()
    said = "Nothing was said yet." if text is None else f"Taken back: {text}"
    session.console.print(escape(said), style="dim")


def _forget(session: ChatSession, rest: str) -> None:
    conversation = session.conversation
    n_turns = len(conversation.turns())
    if rest and not rest.isdecimal():
        raise OptionError("/forget", f"{rest!r} is no number of turns")
    gone = conversation.forget(int(rest) if rest else (n_turns + 1) // 2)
    session.console.print(f"[dim]{gone} of {n_turns} turns forgotten[/dim]")


def _set(session: ChatSession, rest: str) -> None:
    name, _, value = rest.partition(" ")
    if value:
        session.set_option(name, value.strip())
    for option, current in session.options().items():
        if name in ("", option):
            session.console.print(f"{option} = {current}")


def _think(session: ChatSession, _: str) -> None:
    session.thinking = not session.thinking
    state = "on" if session.thinking else "off"
    session.console.print(f"[dim]thinking is {state}[/dim]")


def _save(session: ChatSession, rest: str) -> None:
    path = session.save(rest)
    session.console.print(f"[dim]saved to {escape(str(path))}[/dim]")


def _load(session: ChatSession, rest: str) -> None:
    path = Path(rest or "conversation.json").expanduser()
    session.load(path)
    count = len(session.conversation.messages)
    session.console.print(f"[dim]{count} messages from {escape(str(path))}[/dim]")


SLASH_COMMANDS: dict[str, SlashCommand] = {
    "help": SlashCommand("", "this list", _help),
    "tools": SlashCommand("", "the functions that the model may call", _tools),
    "system": SlashCommand("[TEXT]", "show or set the system text", _system),
    "set": SlashCommand("[NAME VALUE]", "show or set how tokens are chosen", _set),
    "think": SlashCommand("", "ask for reasoning first, or stop asking", _think),
    "retry": SlashCommand("", "answer the last turn again", _retry),
    "undo": SlashCommand("", "take the last turn back", _undo),
    "forget": SlashCommand("[N]", "drop the N oldest turns, or half of all", _forget),
    "clear": SlashCommand("", "begin a new conversation", _clear),
    "save": SlashCommand("[FILE]", "write the conversation to a file", _save),
    "load": SlashCommand("[FILE]", "go on with a saved conversation", _load),
    "exit": SlashCommand("", "leave (Ctrl-D too)", _leave),
}
#: What people type who know other programs of this kind.
_OTHER_NAMES = {"quit": "exit", "bye": "exit", "?": "help"}
