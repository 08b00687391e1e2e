"""The editor of `hermes-gguf grammar --test`: a prompt that judges every key.

Imports prompt_toolkit; `grammar_try` imports this when there is a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from ..grammar.constraint import Constraint
from .grammar_try import status
from .grammar_walk import forced_text, next_texts, walk_text


class Choices(Completer):
    """The texts between which the grammar lets choose at the cursor."""

    def __init__(self, constraint: Constraint) -> None:
        self._constraint = constraint

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Each choice, to be inserted as it is."""
        walk = walk_text(self._constraint, document.text_before_cursor)
        if walk.alive:
            yield from map(Completion, next_texts(walk.state))


class Judge(Lexer):
    """Red from the first character on that is not accepted."""

    def __init__(self, constraint: Constraint) -> None:
        self._constraint = constraint

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The styled text of each line."""
        n_good = walk_text(self._constraint, document.text).offset

        def styled(number: int) -> StyleAndTextTuples:
            line = document.lines[number]
            start = document.translate_row_col_to_index(number, 0)
            cut = min(max(n_good - start, 0), len(line))
            return [("", line[:cut]), ("class:bad", line[cut:])]

        return styled


def typed_documents(constraint: Constraint) -> Iterator[str]:
    """What the user types, document by document, until Ctrl-D."""

    def toolbar() -> str:
        return status(walk_text(constraint, get_app().current_buffer.text))

    session: PromptSession[str] = PromptSession(
        "> ",
        multiline=True,
        prompt_continuation="  ",
        key_bindings=_keys(constraint),
        completer=Choices(constraint),
        complete_while_typing=False,
        enable_suspend=True,
        lexer=Judge(constraint),
        bottom_toolbar=toolbar,
        style=Style([("bad", "fg:ansired underline")]),
    )
    while True:
        try:
            yield session.prompt()
        except EOFError:
            return
        except KeyboardInterrupt:
            if not session.default_buffer.text:
                return  # there was nothing to drop


def _keys(constraint: Constraint) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("tab")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        walk = walk_text(constraint, buffer.document.text_before_cursor)
        forced = forced_text(walk.state) if walk.alive else ""
        if buffer.complete_state:
            buffer.complete_next()
        elif forced:
            buffer.insert_text(forced)
        else:
            buffer.start_completion(select_first=True)

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state:
            buffer.complete_state = None
        elif buffer.text:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
