"""The turns of a chat at a terminal, or on a pipe: read, run or say, until the end.

Knows what an error, Ctrl-C and the end of the input mean there. What a turn shows is
`chat_session`'s business, what a command does `slash`'s.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ContextOverflowError, HermesError
from .chat_session import ChatSession
from .ending_signals import hears_ctrl_c_once
from .errors import describe_error, exit_code, report_error
from .prompting import ReadTurn, turn_reader
from .slash import SLASH_COMMANDS, LeaveChat, run_slash
from .terminal import is_terminal, read_reply, trim

if TYPE_CHECKING:
    from ..chat.execute import Approve
    from ..messages import ToolCall
    from ..tools import PythonTool
    from .render import TurnView

#: The longest turn that is put back into the line to be mended.
_MENDED_CHARS, _MENDED_LINES = 600, 8


def talk(session: ChatSession, *, yes: bool, history: Path | None) -> int:
    """Read turns and answer them until the person leaves; returns the exit code.

    Args:
        session: The chat.
        yes: Run every call unasked.
        history: Keeps what was typed between chats; None keeps it for this one.
    """
    read = turn_reader(history=history, commands=SLASH_COMMANDS)
    approve = _run_all(session) if yes else _approval(session)
    if not is_terminal(sys.stdin):
        return _talk_on_a_pipe(session, read, approve)
    _talk_to_a_person(session, read, approve)
    return 0


def _talk_on_a_pipe(session: ChatSession, read: ReadTurn, approve: Approve) -> int:
    """Every line is a turn, whatever it begins with; nothing is kept."""
    code = 0
    while True:
        try:
            text = trim(read(""))
        except EOFError:
            return code
        failed = _say(session, text, approve) if text else None
        if failed is not None:
            code = code or exit_code(failed)


def _talk_to_a_person(session: ChatSession, read: ReadTurn, approve: Approve) -> None:
    begun = ""
    while True:
        try:
            line = read(begun)
            begun = ""
            with hears_ctrl_c_once():
                begun = _take(line, session, approve)
        except KeyboardInterrupt:
            session.console.print("Ctrl-D or /exit leaves.", style="dim")
        except (EOFError, LeaveChat):
            break
    if session.keeper is not None and session.keeper.is_kept:
        said = "Kept: the same command with --continue goes on from here."
        session.console.print(said, style="dim")


def _take(line: str, session: ChatSession, approve: Approve) -> str:
    """Run or say what was typed; returns what the next line begins with."""
    text = trim(line)
    try:
        if line.startswith("/"):
            text = run_slash(text, session) or ""
        elif text.startswith(" /"):
            text = text[1:]  # the space said that it is no command
        if not text:
            return ""
        return _to_mend(session, _say(session, text, approve))
    finally:
        # However the turn ends, also when the terminal closes.
        session.keep()


def _to_mend(session: ChatSession, error: HermesError | None) -> str:
    """What the next line begins with: the turn without an answer, if it is a short one.

    A long one would push what went wrong off the screen, and after a full context a
    command comes next.
    """
    text = session.conversation.unanswered or ""
    is_short = len(text) <= _MENDED_CHARS and text.count("\n") < _MENDED_LINES
    is_full = isinstance(error, ContextOverflowError) and session.conversation.messages
    if not text or (is_short and not is_full):
        return text
    session.console.print("The up key brings back what you said.", style="dim")
    return ""


def _say(session: ChatSession, text: str, approve: Approve) -> HermesError | None:
    """One turn; returns why it failed, where it did."""
    try:
        session.say(text, approve=approve, keep_on=is_terminal(sys.stdin))
    except HermesError as error:
        if not session.console.is_terminal:
            report_error(error)
            return error
        for line in describe_error(_for_a_chat(error, session)):
            # A command in it can be copied whole, however narrow the window is.
            session.console.print(line, style="red", soft_wrap=True)
        return error
    finally:
        session.console.print()
    return None


def _for_a_chat(error: HermesError, session: ChatSession) -> HermesError:
    if isinstance(error, ContextOverflowError) and session.conversation.messages:
        error.hint = "/forget drops the oldest turns, /clear all of them"
    return error


def _run_all(session: ChatSession) -> Approve:
    """Approves every call, and shows it before it runs."""

    def approve(call: ToolCall, tool: PythonTool) -> bool:
        _view(session).show_call(call)
        return True

    return approve


def _approval(session: ChatSession) -> Approve:
    from .approval import AskApproval

    if is_terminal(sys.stdin):
        return AskApproval(
            ask=lambda call: _view(session).show_question(call),
            run=lambda call: _view(session).show_call(call),
            read=read_reply,
        )
    # On a pipe the next line is the next turn, not an approval.
    return lambda call, tool: "nobody can be asked on a pipe; --yes runs calls unasked"


def _view(session: ChatSession) -> TurnView:
    assert session.view is not None, "calls are made inside of a turn"
    return session.view
