"""Eight clients at once: the sum of their tokens per second."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from hermes_gguf.grammar.tool_calls import tool_call_constraint
from hermes_gguf.messages import UserMessage
from hermes_gguf.prompt.rendered import Prompt

from .cases import CARD
from .library_peer import LibraryPeer
from .llama_server import LlamaServer
from .ours import answer, chat_model, open_engine, prompt_ids
from .result import Row
from .serving import OurServer
from .setting import Setting
from .teacher import teacher_forced

N_CLIENTS = 8
_CITIES = ("Paris", "Lisbon", "Oslo", "Rome", "Vienna", "Prague", "Dublin", "Madrid")


def _all_at_once(ask: Callable[[int], int]) -> float:
    """Tokens per second of all clients together."""
    with ThreadPoolExecutor(N_CLIENTS) as pool:
        started = time.perf_counter()
        n_tokens = sum(pool.map(ask, range(N_CLIENTS)))
        return n_tokens / (time.perf_counter() - started)


def plain(setting: Setting) -> list[Row]:
    """Free text, ours over HTTP, prompts unread."""
    n_gen = 8 if setting.quick else 48
    ours, peers = [], []
    with open_engine(setting.model, n_threads=setting.n_threads, n_ctx=512) as engine:
        bans = {str(token): -100 for token in sorted(engine._vocabulary.eog)}
        prompts = [
            [prompt_ids(engine, chat_model(engine).render([UserMessage(_ask(i, r))]))
             for i in range(N_CLIENTS)]
            for r in range(setting.repeats)
        ]  # fmt: skip
    with (
        OurServer(setting, n_ctx=512, n_slots=N_CLIENTS) as server,
        setting.peer(n_ctx=512, n_slots=N_CLIENTS) as peer,
    ):
        for repeat in range(setting.repeats):

            def ask(index: int, repeat: int = repeat) -> int:
                question = _ask(index, repeat)
                return server.complete(question, max_tokens=n_gen, logit_bias=bans)

            ours.append(_all_at_once(ask))
            peers.append(_peer_speed(peer, prompts[repeat], n_gen))
    title = f"{N_CLIENTS} clients at once, plain, {n_gen} tokens each"
    name = f"{setting.peer_name}, {N_CLIENTS} slots"
    return [Row("clients", title, "tok/s", ours, peers, name, bar=1.0)]


def _peer_speed(
    peer: LlamaServer | LibraryPeer, prompts: Sequence[Sequence[int]], n_gen: int
) -> float:
    started = time.perf_counter()
    replies = peer.complete_all(prompts, max_tokens=n_gen, ignore_eos=True)
    return sum(r.n_tokens for r in replies) / (time.perf_counter() - started)


def _ask(index: int, repeat: int) -> str:
    return f"What is there to see in {_CITIES[index]} in {repeat + 2} days?"


def constrained(setting: Setting) -> list[Row]:
    """The card's call for eight cities; prompts are read beforehand."""
    ours, peers = [], []
    constraint = tool_call_constraint(CARD.tools, choice="required", parallel=False)
    assert constraint is not None
    n_threads = setting.n_threads
    with (
        open_engine(
            setting.model, n_threads=n_threads, n_ctx=1024, n_slots=N_CLIENTS
        ) as engine,
        setting.peer(n_ctx=1024, n_slots=N_CLIENTS) as peer,
    ):
        prompts = [_city_prompt(chat_model(engine).render, i) for i in range(N_CLIENTS)]
        ids = [prompt_ids(engine, prompt) for prompt in prompts]
        _all_at_once(lambda i: len(answer(engine, prompts[i], max_tokens=1).text))
        peer.complete_all(ids, max_tokens=1)
        for _ in range(setting.repeats):
            with teacher_forced(engine, CARD.target) as script:
                n_tokens = len(script.tokens)

                def write(index: int, n_tokens: int = n_tokens) -> int:
                    answer(engine, prompts[index], constraint=constraint)
                    return n_tokens

                ours.append(_all_at_once(write))
            peers.append(_peer_speed(peer, ids, n_tokens))
    note = "ours is taught the call; the peer decodes as many tokens unconstrained"
    title = f"{N_CLIENTS} clients at once, the card's call"
    name = f"{setting.peer_name}, {N_CLIENTS} slots, plain decode"
    return [Row("clients-constrained", title, "tok/s", ours, peers, name, bar=1.8,
                note=note)]  # fmt: skip


def _city_prompt(render: Callable[..., Prompt], index: int) -> Prompt:
    question = f"What's the temperature in {_CITIES[index]} right now?"
    return render([UserMessage(question)], tools=CARD.tools)
