"""A worker that hangs, and ones that only seem to, as their clients see it.

Every process here is real: one that hangs is stopped, or waits for what never comes.
"""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request

import openai
import pytest

from hermes_gguf.server.supervised.deaths import Death
from hermes_gguf.server.supervised.heart import Motion
from tests.server.fronts import wait_for
from tests.support.services import NAME

SILENCE_S = 3


@pytest.mark.parametrize("prompt", ["die SIGSTOP", "hang engine"])
def test_a_worker_that_hangs_is_ended_told_and_replaced(front, prompt):
    served = front(silence_s=SILENCE_S)
    stream = served.ask("go on", stream=True)
    next(stream)
    hung = served.worker
    with pytest.raises(openai.InternalServerError) as caught:
        served.ask(prompt)
    assert caught.value.status_code == 502
    assert caught.value.code == "model_hung"
    assert "no sign of life for 3 s" in caught.value.message
    assert caught.value.response.headers["x-should-retry"] == "false"
    with pytest.raises(openai.APIError, match=r"hung \(no sign of life for 3 s\)"):
        list(stream)
    assert served.ask("short").choices[0].message.content == "short"
    assert not hung.is_running()
    said = "".join(served.output)
    assert "ended (no sign of life for 3 s) with 2 answers under way; loading" in said
    assert "memory" not in said, "it was killed, but not by the system"


def test_a_worker_whose_event_loop_hangs_is_replaced(front):
    served = front(silence_s=SILENCE_S)
    assert wait_for(lambda: served.get("/health")[0] == 200)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{served.url}/hang-loop", timeout=60)
    with caught.value as reply:
        assert json.load(reply)["error"]["code"] == "model_hung"
    assert served.ask("short").choices[0].message.content == "short"


def test_a_worker_that_hangs_while_it_loads_is_given_up_in_the_end(front):
    served = front(silence_s=1, lives=0, hangs=True)
    assert served.ends(60) == 1
    said = "WorkerHungError: llama.cpp hung (no sign of life for 1 s) while it loaded"
    assert said in served.output[0]


def test_a_worker_that_is_slow_and_gets_on_is_left_alone(front):
    served = front(silence_s=SILENCE_S)
    worker = served.ask("short") and served.worker
    assert served.ask("work slowly short").choices[0].message.content == "short"
    assert served.worker == worker
    assert "loading" not in "".join(served.output)


@pytest.mark.parametrize("both", [True, False], ids=["a laptop", "Ctrl-Z"])
def test_a_sleep_from_which_all_wake_costs_no_answer(front, both):
    served = front(silence_s=SILENCE_S)
    stream = served.ask("go on", stream=True)
    next(stream)
    worker = served.worker
    asleep = [served.process, worker] if both else [served.process]
    for process in asleep:
        process.send_signal(signal.SIGSTOP)
    time.sleep(2 * SILENCE_S)
    for process in asleep:
        process.send_signal(signal.SIGCONT)
    assert wait_for(lambda: served.get("/health")[0] == 200)
    time.sleep(2)
    assert served.worker == worker
    assert next(stream).choices[0].delta.content
    assert "loading" not in "".join(served.output)


@pytest.mark.parametrize(
    ("looks", "seen"),
    [
        ([None, None], [True, True]),
        ([1, 2, 3], [True, True, True]),
        ([1, 1, 1], [True, False, False]),
        ([1, 1, 2, 2], [True, False, True, False]),
        ([1, None, 1], [True, True, True]),
    ],
    ids=["idle", "moves", "stands", "moves slowly", "at work again"],
)
def test_what_has_nothing_to_do_need_not_move(looks, seen):
    at = iter(looks)
    motion, parts = Motion(), [lambda: next(at), lambda: None]
    assert [motion.seen(parts) for _ in looks] == seen


def test_one_part_that_stands_still_is_enough():
    ticks = iter(range(9))
    motion, parts = Motion(), [lambda: next(ticks), lambda: "stuck"]
    assert [motion.seen(parts) for _ in range(3)] == [True, False, False]


def test_who_was_ended_for_its_silence_died_of_that_and_of_no_signal():
    death = Death(-9, silent_s=300)
    assert (death.how, death.why) == ("no sign of life for 300 s", None)
    assert "memory" in (Death(-9).why or "")
    assert NAME in str(death.error(NAME, "while it loaded", hint=None))
