"""`hermes-gguf grammar --test`: type a document and see where it goes wrong.

On a terminal every key is judged: what the grammar does not accept is red, the line
below says what may come next, Tab writes what must. Without a terminal each line of
stdin is one document.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..grammar.constraint import Constraint
from .grammar_walk import Walk, describe_next, forced_text
from .terminal import is_terminal, read_line, tell

_HELP = "Type a document. Tab writes what must come, Enter tests it, Ctrl-D ends."


def run_test_loop(constraint: Constraint, report: Callable[[str], None]) -> None:
    """Read documents until the input ends, and report on each.

    Args:
        constraint: What judges the text while it is typed.
        report: Prints the verdict on a whole document.
    """
    if not is_terminal(sys.stdin):
        for line in iter(read_line, ""):
            if text := line.rstrip("\r\n"):
                report(text)
        return
    tell(_HELP, err=True)
    from .grammar_typing import typed_documents

    for text in typed_documents(constraint):
        report(text)


def status(walk: Walk) -> str:
    """One line on a text that is being typed."""
    if not walk.alive:
        where = f"line {walk.line}, " if "\n" in walk.text else ""
        return (
            f"stops at {where}column {walk.column}:"
            f" expected {describe_next(walk.state)}"
        )
    if not walk.state.may_end:
        tab = " (Tab)" if forced_text(walk.state) else ""
        return f"next: {describe_next(walk.state)}{tab}"
    following = describe_next(walk.state)
    return "complete" if following == "the end" else f"complete; next: {following}"
