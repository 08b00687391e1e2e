"""`hermes-gguf chat`: talk to a model in the terminal, and let it call functions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ContextOverflowError, HermesError, OptionError
from ..places import state_folder
from . import loading
from .errors import describe_error, exit_code, report_error
from .model_flags import ModelArgument, ModelFlags, takes_model_flags
from .terminal import is_terminal, read_reply, trim

if TYPE_CHECKING:
    from ..chat.execute import Approve
    from ..messages import ToolCall
    from ..tools import PythonTool
    from .chat_session import ChatSession
    from .render import TurnView

app = typer.Typer()

_TALK = "Conversation"
#: The longest turn that is put back into the line to be mended.
_MENDED_CHARS, _MENDED_LINES = 600, 8

ToolFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--tools",
        help="A .py file or module of functions, or `builtin`; may be repeated.",
        metavar="FILE",
        rich_help_panel=_TALK,
        show_default=False,
    ),
]
SystemText = Annotated[
    str | None,
    typer.Option(
        "--system", "-s", help="System text, or @FILE.", rich_help_panel=_TALK
    ),
]


@app.command()
@takes_model_flags
def chat(
    *,
    flags: ModelFlags,
    name: ModelArgument = None,
    tools: ToolFiles = None,
    system: SystemText = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Run every call unasked.", rich_help_panel=_TALK
        ),
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(help="Go on with a /save'd chat.", rich_help_panel=_TALK),
    ] = None,
    thinking: Annotated[
        bool,
        typer.Option(
            help="Ask for reasoning first.", rich_help_panel=_TALK, show_default=False
        ),
    ] = False,
    max_tokens: Annotated[
        int | None,
        typer.Option(min=1, help="Tokens of one answer.", rich_help_panel=_TALK),
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Bare text, without Markdown and the line on speed.",
            rich_help_panel=_TALK,
        ),
    ] = False,
) -> None:
    """Talk to a model in the terminal.

    Functions given with --tools are shown to the model; its calls are checked,
    shown, run when you agree, and answered from. On a pipe, every line is one
    turn.
    """
    flags = flags.of(name)
    functions = load_all_tools(tools)
    system_text = read_system(system)
    if resume is not None and not resume.is_file():
        raise OptionError("--resume", f"there is no file {resume}")
    with loading.load_chat_model(flags) as loaded:
        session = _session(loaded, functions, system_text, plain=plain)
        session.max_tokens, session.thinking = max_tokens, thinking
        if resume is not None:
            session.load(resume)
        _banner(session, loaded)
        code = _talk(session, yes=yes)
    raise typer.Exit(code)


def load_all_tools(names: list[str] | None) -> list[PythonTool]:
    """The functions of every --tools.

    Raises:
        ToolDefinitionError: one cannot become a tool.
    """
    from ..tools import load_tools

    return [tool for name in names or () for tool in load_tools(name)]


def read_system(text: str | None) -> str | None:
    """The system text of --system; `@FILE` stands for the file's content.

    Raises:
        OptionError: the file cannot be read.
    """
    if text is None or not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).expanduser().read_text(encoding="utf-8-sig").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise OptionError("--system", f"{text[1:]}: {why}") from error


def _session(
    loaded: loading.LoadedModel,
    tools: list[PythonTool],
    system: str | None,
    *,
    plain: bool,
) -> ChatSession:
    from rich.console import Console

    from ..chat.conversation import Conversation
    from .chat_session import ChatSession

    conversation = Conversation(loaded.chat, system=system, tools=tools)
    session = ChatSession(conversation, Console(), loaded.chat.sampling)
    session.markdown = session.stats = not plain
    session.n_ctx = loaded.chat.engine.info.n_ctx
    return session


def _banner(session: ChatSession, loaded: loading.LoadedModel) -> None:
    if not is_terminal(sys.stdin):
        session.stats = False
        return
    info = loaded.chat.engine.info
    lines = [f"{loaded.name} · {info.backend} · {info.n_ctx} tokens of context"]
    names = [tool.name for tool in session.conversation.tools]
    if names:
        lines.append(f"It may call {', '.join(names)}.")
    if session.conversation.messages:
        lines.append(f"Going on after {len(session.conversation.messages)} messages.")
    lines.append("/help lists commands. Ctrl-C stops an answer, Ctrl-D leaves.")
    for line in lines:
        session.console.print(line, style="dim", highlight=False, markup=False)


def _talk(session: ChatSession, *, yes: bool) -> int:
    """Read turns and answer them until the person leaves; returns the exit code."""
    from .prompting import turn_reader
    from .slash import SLASH_COMMANDS, LeaveChat, run_slash

    history = state_folder() / "history"
    read = turn_reader(history=history, commands=SLASH_COMMANDS)
    approve = _run_all(session) if yes else _approval(session)
    # What comes through a pipe is said, whatever it begins with.
    is_person = is_terminal(sys.stdin)
    begun, code = "", 0
    while True:
        try:
            line = read(begun)
            begun, text = "", trim(line)
            if is_person and line.startswith("/"):
                text = run_slash(text, session) or ""
            elif is_person and text.startswith(" /"):
                text = text[1:]  # the space said that it is no command
            if text:
                failed = _say(session, text, approve)
                begun, code = _to_mend(session), code or failed
        except KeyboardInterrupt:
            if not is_person:
                raise
            begun = ""
            session.console.print("Ctrl-D or /exit leaves.", style="dim")
        except (EOFError, LeaveChat):
            return 0 if is_person else code


def _to_mend(session: ChatSession) -> str:
    """What the next line begins with: the turn without an answer, if it is a short one.

    A long one would push what went wrong off the screen.
    """
    text = session.conversation.unanswered or ""
    if len(text) <= _MENDED_CHARS and text.count("\n") < _MENDED_LINES:
        return text
    if is_terminal(sys.stdin):
        session.console.print("The up key brings back what you said.", style="dim")
    return ""


def _say(session: ChatSession, text: str, approve: Approve) -> int:
    """One turn; returns the exit code that a program would get for it."""
    try:
        session.say(text, approve=approve, keep_on=is_terminal(sys.stdin))
    except HermesError as error:
        if not session.console.is_terminal:
            return report_error(error)
        for line in describe_error(_for_a_chat(error, session)):
            session.console.print(line, style="red", markup=False, highlight=False)
        return exit_code(error)
    finally:
        session.console.print()
    return 0


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
