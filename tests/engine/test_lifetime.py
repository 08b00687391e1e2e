"""Engines and answers that end, at any moment and in any order, on a real llama.cpp."""

from __future__ import annotations

import copy
import gc
import pickle
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hermes_gguf.engine.base import EngineFinish, PrefillProgress
from hermes_gguf.engine.llama.stream import Stream
from hermes_gguf.engine.load import load_engine
from hermes_gguf.errors import EngineError
from hermes_gguf.grammar.constraints import GrammarConstraint
from tests.engine.asking import CALL, GREEDY, request, run


def engine_threads() -> int:
    return sum("hermes-gguf-engine" in t.name for t in threading.enumerate())


def run_python(code: str, model: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, str(model)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False
    )


def test_closing_ends_a_waiting_reader_and_keeps_what_was_read(engine):
    text = "in the name of her " * 90
    stream = engine.generate(request(text, max_tokens=2000 - 1100))
    first = next(stream)
    assert isinstance(first, PrefillProgress)
    assert first.done_tokens <= 1, "nothing was read but what each text begins with"
    assert next(stream).done_tokens
    seen: list[object] = []
    reader = threading.Thread(target=lambda: seen.extend(stream))
    reader.start()
    time.sleep(0.02)
    stream.close()
    reader.join(5)
    assert not reader.is_alive()
    _, finish = run(engine, request(text, max_tokens=1))
    assert finish.usage.cached_tokens > 0


@pytest.mark.skipif(sys.platform == "win32", reason="no signals between threads")
def test_ctrl_c_while_it_waits_ends_an_answer_that_a_traceback_keeps():
    cancelled: list[object] = []
    stream = Stream(
        lambda sink: "job", submit=lambda job: None, cancel=cancelled.append
    )
    me = threading.get_ident()
    threading.Timer(0.2, signal.pthread_kill, (me, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt) as kept:
        next(stream)
    assert cancelled == ["job"]
    assert list(stream) == []
    assert kept.traceback


def test_fifty_cancels_at_random_moments_leave_no_thread_and_no_damage(busy_engine):
    expected = run(busy_engine, request("after all"))[0]
    threads = set(threading.enumerate())
    for index in range(50):
        stream = busy_engine.generate(request(f"{index} the name " * 40))
        for _ in range(index % 7):
            next(stream, None)
        if index % 3:
            stream.close()
        else:
            del stream
    gc.collect()
    assert run(busy_engine, request("after all"))[0] == expected
    # One that another test left behind may end meanwhile.
    assert set(threading.enumerate()) <= threads


def test_answers_that_run_together_are_those_that_run_alone(busy_engine):
    constraint = GrammarConstraint.from_gbnf(CALL)
    requests = [
        request(f"number {n} " * (n + 1), max_tokens=40, constraint=c)
        for n in range(4)
        for c in (None, constraint)
    ]
    alone = [run(busy_engine, r)[0] for r in requests]
    together: list[str] = [""] * len(requests)

    def client(index: int) -> None:
        together[index] = run(busy_engine, requests[index])[0]

    clients = [threading.Thread(target=client, args=(i,)) for i in range(len(requests))]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join(60)
    assert together == alone


def test_a_fault_in_a_grammar_ends_one_answer_only(engine):
    class Broken:
        def start(self):
            return self

        may_end = is_free = False

        def advance(self, piece):
            raise ZeroDivisionError("inside the grammar")

        def forced(self):
            return b""

        def first_bytes(self):
            return None

    with pytest.raises(EngineError, match="inside the grammar"):
        run(engine, request(constraint=Broken()))
    assert run(engine, request())[1].reason in ("length", "stop")


def test_closing_the_engine_ends_open_answers_and_its_thread(model_path):
    before = engine_threads()
    engine = load_engine(model_path)
    endless = replace(GREEDY, logit_bias=((270, -100), (271, -100)))
    stream = engine.generate(request(max_tokens=1500, sampling=endless))
    next(stream)
    engine.close()
    engine.close()
    *_, last = stream
    assert isinstance(last, EngineFinish)
    assert last.reason == "cancelled"
    assert engine_threads() == before
    with pytest.raises(EngineError):
        list(engine.generate(request(prompt=(1,))))
    with pytest.raises(EngineError):
        engine.tokenize("x")


def test_loading_and_closing_again_and_again_keeps_nothing(model_path):
    code = (
        "import psutil, sys\n"
        "from hermes_gguf.engine import load_engine\n"
        "from hermes_gguf.engine.base import GenerationRequest\n"
        "me = psutil.Process()\n"
        "for n in range(30):\n"
        "    with load_engine(sys.argv[1]) as engine:\n"
        "        ask = GenerationRequest(prompt=(1, 2), max_tokens=2)\n"
        "        list(engine.generate(ask))\n"
        "    if n in (9, 29): print(me.memory_info().rss, me.num_threads())\n"
    )
    done = run_python(code, model_path)
    assert done.returncode == 0, done.stderr
    rss, n_threads, rss_later, n_threads_later = map(int, done.stdout.split())
    # One load takes about 15 MB here.
    assert rss_later - rss < 60 << 20
    # A joined thread may take a moment to leave the process.
    assert n_threads_later <= n_threads + 2


def test_a_running_answer_keeps_its_engine_alive(model_path):
    stream = load_engine(model_path).generate(request(max_tokens=30))
    gc.collect()
    *_, last = stream
    assert last.reason != "cancelled"


def test_an_engine_that_is_never_closed_lets_python_exit(model_path):
    code = (
        "import sys; from hermes_gguf.engine import load_engine;"
        "from hermes_gguf.engine.base import GenerationRequest;"
        "e = load_engine(sys.argv[1]);"
        "s = e.generate(GenerationRequest(prompt=(1, 2), max_tokens=1900));"
        "print(next(s))"
    )
    done = run_python(code, model_path)
    assert done.returncode == 0, done.stderr
    assert "PrefillProgress" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("again", [copy.deepcopy, pickle.dumps], ids=["copy", "pickle"])
def test_a_loaded_model_says_that_it_cannot_be_copied(engine, again):
    with pytest.raises(TypeError, match="a loaded model cannot be copied or pickled"):
        again(engine)
    stream = engine.generate(request())
    with pytest.raises(TypeError, match="cannot pickle"):
        again(stream)
    assert run(engine, request())[1].reason in ("length", "stop")
