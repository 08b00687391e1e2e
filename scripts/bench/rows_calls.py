"""Constrained answers: tool calls, and a record copied out of a text.

Ours writes the true answer teacher-forced. llama-server cannot be taught, so two
things are measured of it: a plain decode of as many tokens (as if its grammar cost
nothing and no sample were ever refused: its best case), and the same grammar on both
sides with random weights (where nearly every sample is refused: its worst).
Prompts are read beforehand on all sides; only writing is timed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import mean

from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.grammar.tool_calls import tool_call_constraint
from hermes_gguf.messages import UserMessage

from . import cases
from .binding import BindingPeer
from .library_peer import LibraryPeer
from .llama_server import LlamaServer
from .ours import Answered, answer, chat_model, open_engine, prompt_ids
from .result import Row
from .setting import Setting
from .teacher import teacher_forced

_BINDING = "llama-cpp-python, same grammar"
_BOTH_TAUGHT = "both sides are taught the right answer; per-case medians"
_STEPS = "one for each token"
_FIELDS = "10 fields copied from a 550-token text"
_SAME = "llama-server, same grammar"
_TAUGHT = (
    "ours is taught the right answer; the peer decodes as many tokens without any"
    " grammar, its best case"
)
_RANDOM = (
    "random weights, one grammar on both sides, string values bounded to the true"
    " length; nearly every first sample is refused, which a trained model seldom sees"
)


def calls(setting: Setting) -> list[Row]:
    """The card's call and the leaderboard's, against both peers."""
    chosen = [cases.CARD, *cases.call_cases(4 if setting.quick else 20)]
    taught, untaught, binding, decodes = _Pair(), _Pair(), _Pair(), _Pair()
    shares = []
    n_threads = setting.n_threads
    with (
        open_engine(setting.model, n_threads=n_threads) as engine,
        setting.peer() as peer,
        BindingPeer(setting.model, n_threads=n_threads, n_ctx=4096) as other,
    ):
        for case in chosen:
            call = _PreparedCall(engine, case)
            done = call.ours()
            shares.append(done.usage.forced_tokens / done.usage.completion_tokens)
            taught.add(done.wall_s, call.server_at_best(peer))
            decodes.add(done.n_decodes, len(call.script))
            binding.add(done.wall_s, other.taught(call.prompt, call.script, call.gbnf))
            if isinstance(peer, LlamaServer):
                untaught.add(*call.both_random(peer))
    what, best = f"{len(chosen)} calls", f"{setting.peer_name}, plain decode"
    note = f"{_TAUGHT}; {mean(shares):.0%} of our tokens were forced"
    rows = [
        taught.row("card", "the card's tool call", best, first=1),
        taught.row("calls", what, best, note=note),
        binding.row("calls-binding", what, _BINDING, bar=3.0, note=_BOTH_TAUGHT),
    ]
    rows.append(decodes.row("calls-decodes", f"decodes for {what}", _STEPS, bar=None))
    if untaught.ours:
        title = f"{what}, random weights"
        rows.append(untaught.row("calls-random", title, _SAME, note=_RANDOM))
    return rows


class _Pair:
    """Seconds of both sides, case by case."""

    def __init__(self) -> None:
        self.ours: list[float] = []
        self.peers: list[float] = []

    def add(self, ours_s: float, peer_s: float) -> None:
        self.ours.append(ours_s)
        self.peers.append(peer_s)

    def row(
        self,
        key: str,
        title: str,
        peer: str,
        *,
        bar: float | None = 2.5,
        first: int | None = None,
        note: str = "",
        detail: dict[str, float] | None = None,
    ) -> Row:
        """All figures, or the first few, as a row."""
        ours, peers = self.ours[:first], self.peers[:first]
        unit = "decodes" if peer == _STEPS else "s"
        found = self.totals() | (detail or {})
        return Row(key, title, unit, ours, peers, peer, higher_is_better=False,
                   bar=bar, note=note, detail=found)  # fmt: skip

    def totals(self) -> dict[str, float]:
        return {"ours_s": sum(self.ours), "peer_s": sum(self.peers),
                "ratio_of_sums": sum(self.peers) / sum(self.ours)}  # fmt: skip


class _PreparedCall:
    """One case, its prompt and its grammar."""

    def __init__(self, engine: LlamaEngine, case: cases.CallCase) -> None:
        self._engine = engine
        self._case = case
        self._rendered = chat_model(engine).render(case.messages, tools=case.tools)
        self.prompt = prompt_ids(engine, self._rendered)
        wanted = tool_call_constraint(case.tools, choice="required", parallel=False)
        assert wanted is not None
        self._constraint = wanted
        self.gbnf = wanted.gbnf
        self.script: Sequence[int] = ()

    def ours(self) -> Answered:
        answer(self._engine, self._rendered, max_tokens=1)
        with teacher_forced(self._engine, self._case.target) as script:
            done = answer(self._engine, self._rendered, constraint=self._constraint)
        if done.text != self._case.target:
            raise RuntimeError(f"{self._case.name}: wrote {done.text!r}")
        self.script = script.tokens
        return done

    def server_at_best(self, server: LlamaServer | LibraryPeer) -> float:
        server.complete(self.prompt, max_tokens=1)
        n_tokens = len(self.script)
        return server.complete(self.prompt, max_tokens=n_tokens, ignore_eos=True).wall_s

    def both_random(self, server: LlamaServer) -> tuple[float, float]:
        """Seconds of ours and of the server, with values of bounded length."""
        tools = self._case.narrowed_tools()
        narrow = tool_call_constraint(tools, choice="required", parallel=False)
        assert narrow is not None
        done = answer(self._engine, self._rendered, constraint=narrow, max_tokens=400)
        reply = server.complete(self.prompt, max_tokens=400, grammar=narrow.gbnf)
        return done.wall_s, reply.wall_s


class _PreparedRecord:
    """The text, the schema of its record, and the grammar, read by one engine."""

    def __init__(self, engine: LlamaEngine) -> None:
        self._engine = engine
        question, schema = [UserMessage(cases.record_text())], cases.RECORD_SCHEMA
        self._rendered = chat_model(engine).render(question, json_schema=schema)
        self._constraint = tool_call_constraint((), json_schema=schema)
        self._target = json.dumps(cases.RECORD, ensure_ascii=False)
        self.prompt = prompt_ids(engine, self._rendered)
        self.n_tokens = 0
        answer(engine, self._rendered, max_tokens=1)

    def ours(self) -> Answered:
        with teacher_forced(self._engine, self._target) as script:
            done = answer(self._engine, self._rendered, constraint=self._constraint)
        if done.text != self._target:
            raise RuntimeError(f"extraction wrote {done.text!r}")
        self.n_tokens = len(script.tokens)
        return done


def extraction(setting: Setting) -> list[Row]:
    """Ten fields out of a text of about 550 tokens."""
    pair, decodes = _Pair(), _Pair()
    detail: dict[str, float] = {}
    with (
        open_engine(setting.model, n_threads=setting.n_threads) as engine,
        setting.peer() as server,
    ):
        record = _PreparedRecord(engine)
        server.complete(record.prompt, max_tokens=1)
        for _ in range(setting.repeats):
            done, n_tokens = record.ours(), record.n_tokens
            reply = server.complete(record.prompt, max_tokens=n_tokens, ignore_eos=True)
            pair.add(done.wall_s, reply.wall_s)
            decodes.add(done.n_decodes, n_tokens)
            detail = {"tokens": n_tokens, "forced": done.usage.forced_tokens,
                      "prompt_tokens": len(record.prompt)}  # fmt: skip
    best = f"{setting.peer_name}, plain decode"
    return [
        pair.row("extraction", _FIELDS, best, note=_TAUGHT, detail=detail),
        decodes.row("extraction-decodes", f"decodes for {_FIELDS}", _STEPS, bar=None),
    ]


def attention(setting: Setting) -> list[Row]:
    """The same fields, attended with plain products and with flash attention."""
    pair = _Pair()
    model, n_threads = setting.model, setting.n_threads
    with (
        open_engine(model, n_threads=n_threads, flash_attention=False) as plain,
        open_engine(model, n_threads=n_threads, flash_attention=True) as flash,
    ):
        records = [_PreparedRecord(engine) for engine in (plain, flash)]
        for _ in range(setting.repeats):
            pair.add(*(record.ours().wall_s for record in records))
    title = f"{_FIELDS}, plain products"
    return [pair.row("attention", title, "flash attention", bar=None)]
