"""Reading a person's turns: a line editor on a terminal, plain lines from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .terminal import is_terminal, read_line

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings

#: Commands behind which a file's name is completed.
_TAKE_FILES = ("/load", "/save")

#: Reads the next turn, with a text to begin with; raises EOFError at the end.
ReadTurn = Callable[[str], str]


def turn_reader(*, history: Path | None, commands: Iterable[str]) -> ReadTurn:
    """How turns are read here; `history` keeps them between chats, if it is a file."""
    if not is_terminal(sys.stdin):
        return _read_line
    session = _session(history, [f"/{name}" for name in commands])
    return lambda begun: session.prompt("› ", default=begun)


def _read_line(_: str) -> str:
    line = read_line()
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _session(history: Path | None, commands: list[str]) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.output import create_output

    return PromptSession(
        # `chat | tee log` keeps the answers; the line is drawn where a person sees it.
        output=create_output(always_prefer_tty=True),
        history=open_history(history),
        auto_suggest=AutoSuggestFromHistory(),
        completer=slash_completer(commands),
        complete_while_typing=False,
        enable_suspend=True,
        key_bindings=_keys(),
        prompt_continuation="  ",
    )


def slash_completer(commands: list[str]) -> Completer:
    """Completes commands at the start of a turn, and files behind /load and /save."""
    from prompt_toolkit.completion import Completer, PathCompleter, WordCompleter
    from prompt_toolkit.document import Document

    names = WordCompleter(commands, sentence=True)
    files = PathCompleter(expanduser=True)

    class SlashCompleter(Completer):
        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Iterable[Completion]:
            name, space, rest = document.text_before_cursor.partition(" ")
            if name in _TAKE_FILES and space:
                return files.get_completions(Document(rest), complete_event)
            return names.get_completions(document, complete_event)

    return SlashCompleter()


def open_history(path: Path | None) -> History:
    """What was typed in earlier chats, kept in a file where the disk allows it.

    Without a file it is kept in memory. A home that cannot be written, or a full
    disk, costs the memory of what was typed and not the chat.
    """
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    class ForgivingHistory(FileHistory):
        def store_string(self, string: str) -> None:
            with suppress(OSError):
                super().store_string(string)

    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            return InMemoryHistory()  # to read a pipe would wait for a writer
        # What a person asks is nobody else's business.
        path.touch(mode=0o600)
        path.open("rb").close()
    except OSError:
        return InMemoryHistory()
    return ForgivingHistory(str(path))


def _keys() -> KeyBindings:
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    keys = KeyBindings()

    @keys.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
