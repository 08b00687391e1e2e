"""`hermes-gguf chat`: talk to a model in the terminal, and let it call functions."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import MessageError, OptionError
from ..places import state_folder
from . import chat_options as options
from . import loading
from .kept_chats import ChatKeeper, KeptChat, chats_folder
from .mcp_option import McpFile, tools_of_servers
from .model_flags import ModelArgument, ModelFlags, takes_model_flags
from .settings import load_settings
from .talk_options import (
    MaxTokens,
    SystemText,
    Thinking,
    ToolFiles,
    load_all_tools,
    read_system,
)
from .terminal import is_terminal

if TYPE_CHECKING:
    from ..tools import PythonTool
    from .chat_session import ChatSession

app = typer.Typer()

_OTHERS = "/continue lists the others, in a chat begun without --continue"


@app.command()
@takes_model_flags
def chat(
    *,
    flags: ModelFlags,
    name: ModelArgument = None,
    tools: ToolFiles = None,
    mcp: McpFile = None,
    system: SystemText = None,
    yes: options.Yes = False,
    go_on: options.GoOn = False,
    resume: options.Resume = None,
    private: options.Private = False,
    thinking: Thinking = False,
    max_tokens: MaxTokens = None,
    plain: options.Plain = False,
) -> None:
    """Talk to a model in the terminal.

    Functions given with --tools or --mcp are shown to the model; its calls
    are checked, shown, run when you agree, and answered from. A chat keeps
    itself, for --continue. On a pipe, every line is one turn.
    """
    flags = flags.of(name)
    functions = load_all_tools(tools)
    system_text = read_system(system)
    most = 0 if private else load_settings().keep_chats
    keeper = ChatKeeper(chats_folder(), most=most)
    earlier = _earlier(keeper, resume, go_on=go_on)
    if private:
        flags = replace(flags, no_disk_cache=True)
    wanted_next = [f"{__package__}.talk"]
    if is_terminal(sys.stdin):
        wanted_next.append("prompt_toolkit")
    with (
        tools_of_servers(mcp) as served,
        loading.load_chat_model(flags, meanwhile=wanted_next) as loaded,
    ):
        from .talk import talk

        session = _session(loaded, [*functions, *served], system_text, plain=plain)
        session.max_tokens, session.thinking = max_tokens, thinking
        session.keeper = keeper
        _go_on(session, earlier, system_text)
        _banner(session, loaded)
        history = state_folder() / "history" if most else None
        code = talk(session, yes=yes, history=history)
    raise typer.Exit(code)


def _earlier(
    keeper: ChatKeeper, resume: Path | None, *, go_on: bool
) -> KeptChat | Path | None:
    """The conversation to go on with, found before a model is loaded for nothing.

    Raises:
        OptionError: there is none, or two are meant.
    """
    if resume is not None and go_on:
        raise OptionError("--continue", "goes on with another chat than --resume")
    if resume is not None:
        _require_conversation(resume, "--resume")
    if not go_on:
        return resume
    last = keeper.last_file()
    if last is not None:
        # Another one in its place would not be what was meant.
        _require_conversation(last, "--continue", hint=_OTHERS)
    kept = keeper.others()
    if not kept:
        raise OptionError("--continue", f"no chat is kept in {keeper.folder}")
    return kept[0]


def _require_conversation(path: Path, option: str, hint: str | None = None) -> None:
    """Fail now, with the option's name, rather than after the model is loaded."""
    from ..chat.saved import load_messages

    if not path.is_file():
        raise OptionError(option, f"there is no file {path}", hint=hint)
    try:
        load_messages(path)
    except OptionError as error:
        error.hint = error.hint or hint
        raise error.renamed(option) from error
    except MessageError as error:
        raise OptionError(option, f"{path}: {error.message}", hint=hint) from error


def _go_on(
    session: ChatSession, earlier: KeptChat | Path | None, system: str | None
) -> None:
    """Bring the earlier conversation back; a system text of now counts more than its.

    Raises:
        HermesError: it was changed or removed meanwhile.
    """
    if isinstance(earlier, Path):
        session.load(earlier)
    elif earlier is not None:
        session.go_on(earlier)
    if system is not None:
        session.conversation.system = system


def _session(
    loaded: loading.LoadedModel,
    tools: list[PythonTool],
    system: str | None,
    *,
    plain: bool,
) -> ChatSession:
    from ..chat.conversation import Conversation
    from .chat_session import ChatSession
    from .screen import Screen

    conversation = Conversation(loaded.chat, system=system, tools=tools)
    session = ChatSession(conversation, Screen(), loaded.chat.sampling)
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
    lines.append("/help lists commands. Ctrl-C stops an answer, Ctrl-D leaves.")
    n_turns = len(session.conversation.turns())
    if n_turns:
        lines.append(f"Going on after {n_turns} turn{'s' * (n_turns > 1)}:")
    for line in lines:
        session.console.print(line, style="dim")
    session.show_last_turn()
