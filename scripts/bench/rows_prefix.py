"""What was read before is not read again: across restarts, and in a conversation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.engine.llama.slots import Slot
from hermes_gguf.messages import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolMessage,
    UserMessage,
)

from . import cases
from .llama_server import LlamaServer
from .ours import GREEDY, chat_model, open_engine, prompt_ids
from .result import Row
from .setting import Setting
from .teacher import teacher_forced

_ROOT = Path(__file__).resolve().parents[2]


def restart(setting: Setting) -> list[Row]:
    """First token of a new process whose tools were seen in an earlier one."""
    n_tools = 4 if setting.quick else 15
    ours, peers = [], []
    detail: dict[str, object] = {}
    _first_token(setting, n_tools, "Which orders are late?")
    with open_engine(setting.model, n_threads=setting.n_threads, n_ctx=512) as engine:
        tools = cases.preamble_tools(n_tools)
        question: list[Message] = [UserMessage("Who is in room 4 today?")]
        prompt = prompt_ids(engine, chat_model(engine).render(question, tools=tools))
    for repeat in range(setting.repeats):
        ask = f"Who is in room {4 + repeat} today?"
        first_s, detail = _first_token(setting, n_tools, ask)
        ours.append(first_s)
        if repeat < (1 if setting.quick else 2):
            peers.append(_cold_peer_s(setting, prompt))
    title = f"first token of a new process, {len(prompt)}-token tool prompt seen before"
    return [Row("restart", title, "s", ours, peers, f"{setting.peer_name}, cold",
                higher_is_better=False, bar=20.0, detail=detail,
                note="interpreter start and load included; files in the page cache")
            ]  # fmt: skip


def _first_token(
    setting: Setting, n_tools: int, question: str
) -> tuple[float, dict[str, object]]:
    """Seconds from the start of a process to its first text, and what it says."""
    command = [sys.executable, "-m", "scripts.bench.first_token", str(setting.model),
               str(setting.scratch / "store"), str(setting.n_threads), str(n_tools),
               question]  # fmt: skip
    # Compiled modules are kept, as those of an installed package are.
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(setting.scratch / "compiled")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=_ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        first_s = time.perf_counter() - started
        usage = json.loads(process.stdout.readline())
        process.wait(120)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
    return first_s, usage


def _cold_peer_s(setting: Setting, prompt: list[int]) -> float:
    """Seconds from the start of the peer's process to its first token."""
    if setting.tools is not None:
        server = setting.peer()
        assert isinstance(server, LlamaServer)
        with server:
            server.first_token_s(prompt)
            return time.perf_counter() - server.started_s
    command = [sys.executable, "-m", "scripts.bench.library_peer", str(setting.model),
               str(setting.n_threads)]  # fmt: skip
    started = time.perf_counter()
    subprocess.run(
        command, cwd=_ROOT, input=json.dumps(prompt), text=True, check=True,
        stdout=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip
    return time.perf_counter() - started


def conversation(setting: Setting) -> list[Row]:
    """Prompt tokens that a next turn evaluates, against those that are new."""
    with open_engine(setting.model, n_threads=setting.n_threads) as engine:
        return [_second_turn(engine), _after_cancel(engine), _after_tools(engine)]


_HELLO: list[Message] = [UserMessage("What is the capital of Portugal?")]
_ANSWER = "The capital of Portugal is Lisbon, a city of about half a million people."
#: Tokens of a last forced run, or the one token that was chosen last.
_LONGEST_TAIL = 8
_NEXT = UserMessage("And what is it known for?")


def _second_turn(engine: LlamaEngine) -> Row:
    said = _say(engine, _HELLO, _ANSWER)
    turn = [*_HELLO, AssistantMessage(said), _NEXT]
    return _row(engine, "turn", "second turn", _HELLO, said, turn)


def _after_cancel(engine: LlamaEngine) -> Row:
    question: list[Message] = [UserMessage("Tell me of the city of Coimbra.")]
    said = _say(engine, question, _ANSWER, stop_after=6)
    turn = [*question, AssistantMessage(said), _NEXT]
    return _row(engine, "cancel", "turn after a cancel", question, said, turn)


def _after_tools(engine: LlamaEngine) -> Row:
    card = cases.CARD
    said = _say(engine, card.messages, card.target, case=card)
    call = ToolCall(card.called, card.arguments, id="1")
    result = ToolMessage('{"temperature": 22.0}', name=card.called, call_id="1")
    turn = [*card.messages, AssistantMessage(tool_calls=(call,)), result]
    return _row(engine, "tools", "turn after a tool round", card.messages, said, turn,
                case=card)  # fmt: skip


def _say(
    engine: LlamaEngine,
    messages: list[Message],
    text: str,
    *,
    stop_after: int = 0,
    case: cases.CallCase | None = None,
) -> str:
    """The model writes `text`, or is cancelled after so many events."""
    tools = case.tools if case else ()
    said = ""
    with (
        teacher_forced(engine, text),
        chat_model(engine).stream(
            messages,
            tools=tools,
            tool_choice="required" if tools else "auto",
            parallel_tool_calls=False,
            sampling=GREEDY,
        ) as stream,
    ):
        for number, _ in enumerate(stream, 1):
            if stop_after and number > stop_after:
                break
        stream.close()
        said = text if tools else stream.completion().text
    return said


def _row(
    engine: LlamaEngine,
    key: str,
    title: str,
    before: list[Message],
    said: str,
    turn: list[Message],
    *,
    case: cases.CallCase | None = None,
) -> Row:
    tools = case.tools if case else ()
    model = chat_model(engine)
    ids = prompt_ids(engine, model.render(turn, tools=tools))
    known = prompt_ids(engine, model.render(before, tools=tools))
    known += engine.tokenize(said, mode="markup")
    shared = next(
        (n for n, (a, b) in enumerate(zip(ids, known, strict=False)) if a != b),
        min(len(ids), len(known)),
    )
    # The last tokens of an answer are chosen, not evaluated: the next turn reads them.
    in_cache = max(len(slot.tokens) for slot in _slots(engine))
    tail = min(max(0, shared - in_cache), _LONGEST_TAIL)
    done = model.complete(turn, tools=tools, sampling=GREEDY, max_tokens=1)
    evaluated = done.usage.prompt_tokens - done.usage.cached_tokens
    new = len(ids) - shared + tail
    return Row(
        f"conversation-{key}",
        f"prompt tokens evaluated: {title}",
        "tokens",
        [evaluated],
        [new],
        "those that are new",
        higher_is_better=False,
        bar=1.0,
        detail={"prompt_tokens": len(ids), "new": new, "of_the_last_answer": tail},
    )


def _slots(engine: LlamaEngine) -> list[Slot]:
    return engine._worker._scheduler._slots.slots
