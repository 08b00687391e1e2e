"""The chat's slash commands: a table from name to function, and its help.

Each command changes the conversation or prints; none talks to the model.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from ..errors import HermesError, OptionError
from ..files import expand
from ..machine import render_age
from .chat_session import ChatSession
from .errors import describe_error
from .kept_chats import KeptChat
from .talk_options import read_system

#: The name of what stands behind a command, in errors of others too.
_ARGUMENT = "path"
#: The kept chats that are listed; the others are there by their number, too.
_LISTED = 15


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
        close = difflib.get_close_matches(name, SLASH_COMMANDS, n=1)
        meant = f" Did you mean /{close[0]}?" if close else " /help lists them."
        session.console.print(
            f"No command /{name}.{meant} Begin with a space to say it as it is.",
        )
        return None
    try:
        if rest.strip() and not command.takes:
            raise OptionError(_ARGUMENT, "takes nothing behind it")
        return command.run(session, rest.strip())
    except HermesError as error:
        if isinstance(error, OptionError) and error.option == _ARGUMENT:
            error = error.renamed(f"/{name}")
        lines = describe_error(error)
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        lines = [f"Error: {said}"]
    for line in lines:
        session.console.print(line, style="red", soft_wrap=True)
    return None


def _help(session: ChatSession, _: str) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, command in SLASH_COMMANDS.items():
        table.add_row(f"/{name} {command.takes}".rstrip(), command.does)
    session.console.print(table)
    session.console.print(
        "Esc, then Enter begins a new line; Ctrl-C stops an answer, Ctrl-D leaves.",
        style="dim",
    )
    keeper = session.keeper
    kept = "Nothing of this chat is kept on disk."
    if keeper is not None and keeper.keeps:
        kept = f"--private keeps nothing; chats are kept in {keeper.folder}"
    session.console.print(kept, style="dim", soft_wrap=True)


def _leave(_: ChatSession, __: str) -> None:
    raise LeaveChat


def _clear(session: ChatSession, _: str) -> None:
    session.clear()
    session.console.print("A new conversation.", style="dim")


def _system(session: ChatSession, text: str) -> None:
    if text:
        said = None if text == "none" else read_system(text, option="/system")
        session.conversation.system = said
    shown = session.conversation.system or "(none: the model's own)"
    session.console.print(Text.assemble(("system: ", "dim"), shown))


def _tools(session: ChatSession, _: str) -> None:
    tools = session.conversation.tools
    if not tools:
        session.console.print("No tools. Start with --tools FILE.py or --mcp FILE.json")
        return
    tokens = session.conversation.tool_tokens()
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for tool, n_tokens in zip(tools, tokens.each, strict=True):
        first_line = tool.tool.description.partition("\n")[0]
        table.add_row(tool.name, f"{n_tokens} tokens", first_line)
    session.console.print(table)
    session.console.print(
        f"Together {tokens.together} tokens of the prompt, read once and then kept.",
        style="dim",
    )


def _retry(session: ChatSession, _: str) -> str | None:
    text = session.conversation.undo()
    if text is None:
        session.console.print("Nothing was said yet.")
    return text


def _undo(session: ChatSession, _: str) -> None:
    text = session.conversation.undo()
    said = "Nothing was said yet." if text is None else f"Taken back: {text}"
    session.console.print(said, style="dim")


def _forget(session: ChatSession, rest: str) -> None:
    conversation = session.conversation
    n_turns = len(conversation.turns())
    if rest and not rest.isdecimal():
        raise OptionError("/forget", f"{rest!r} is no number of turns")
    gone = session.forget(int(rest) if rest else (n_turns + 1) // 2)
    session.console.print(f"{gone} of {n_turns} turns forgotten", style="dim")


def _set(session: ChatSession, rest: str) -> None:
    name, _, value = rest.partition(" ")
    if value:
        session.set_option(name, value.strip())
    elif name:
        session.require_option(name)
    for option, current in session.options().items():
        if name in ("", option):
            session.console.print(
                f"{option} = {'none' if current is None else current}"
            )


def _think(session: ChatSession, _: str) -> None:
    session.thinking = not session.thinking
    state = "on" if session.thinking else "off"
    session.console.print(f"thinking is {state}", style="dim")


def _save(session: ChatSession, rest: str) -> None:
    path = session.save(rest)
    session.console.print(f"saved to {path}", style="dim", soft_wrap=True)


def _load(session: ChatSession, rest: str) -> None:
    path = expand(rest or "conversation.json")
    session.load(path)
    count = len(session.conversation.messages)
    said = f"{count} message{'s' * (count != 1)} from {path}"
    session.console.print(said, style="dim", soft_wrap=True)
    session.show_last_turn()


def _continue(session: ChatSession, rest: str) -> None:
    chats = session.kept_chats()
    if not chats:
        session.console.print("No other chat is kept.")
    elif not rest:
        _list_kept(session, chats)
    elif rest.isdecimal() and 1 <= int(rest) <= len(chats):
        session.go_on(chats[int(rest) - 1])
        session.show_last_turn()
    else:
        raise OptionError(
            "/continue",
            f"{rest!r} is no number from 1 to {len(chats)}",
            hint="/continue",
        )


def _list_kept(session: ChatSession, chats: list[KeptChat]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for justify in ("right", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for number, chat in enumerate(chats[:_LISTED], start=1):
        turns = "1 turn" if chat.n_turns == 1 else f"{chat.n_turns} turns"
        age = render_age(time.time() - chat.used_at_s)
        table.add_row(str(number), age, turns, chat.title)
    session.console.print(table)
    session.console.print(
        "/continue N goes on with one; this chat stays kept, too.", style="dim"
    )


SLASH_COMMANDS: dict[str, SlashCommand] = {
    "help": SlashCommand("", "this list", _help),
    "tools": SlashCommand("", "the functions that the model may call", _tools),
    "system": SlashCommand(
        "[TEXT]", "show or set the system text (@FILE, none)", _system
    ),
    "set": SlashCommand("[NAME VALUE]", "show or set how tokens are chosen", _set),
    "think": SlashCommand("", "ask for reasoning first, or stop asking", _think),
    "retry": SlashCommand("", "answer the last turn again", _retry),
    "undo": SlashCommand("", "take the last turn back", _undo),
    "forget": SlashCommand("[N]", "drop the N oldest turns, or half of all", _forget),
    "clear": SlashCommand("", "begin a new conversation", _clear),
    "continue": SlashCommand("[N]", "list kept chats, or go on with one", _continue),
    "save": SlashCommand("[FILE]", "write the conversation to a file", _save),
    "load": SlashCommand("[FILE]", "go on with a saved conversation", _load),
    "exit": SlashCommand("", "leave (Ctrl-D too)", _leave),
}
#: What people type who know other programs of this kind.
_OTHER_NAMES = {"quit": "exit", "bye": "exit", "?": "help"}
