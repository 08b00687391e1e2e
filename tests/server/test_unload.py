"""A model that nobody asks gives its memory back, and comes again when somebody does.

Every process here is real.
"""

from __future__ import annotations

import time

import openai
import pytest

from tests.server.fronts import wait_for
from tests.support.services import NAME


def says(served, text: str) -> bool:
    return text in "".join(served.output)


def test_a_model_that_nobody_asks_is_unloaded_and_the_next_request_loads_it(front):
    served = front(unload_s=0.3)
    assert served.ask("short").choices[0].message.content == "short"
    worker = served.worker
    assert wait_for(lambda: says(served, f"{NAME} is unloaded: nobody asked for 0.3 s"))
    worker.wait(10)

    # Whoever only looks does not wake it, and learns that it would answer.
    assert served.get("/health") == (200, {"status": "ok", "model": NAME})
    time.sleep(0.2)
    assert not says(served, "loaded again")

    assert served.ask("short").choices[0].message.content == "short"
    assert served.worker.pid != worker.pid
    assert wait_for(lambda: says(served, f"{NAME} is loaded again"))
    assert "ended" not in "".join(served.output)


def test_nobody_is_unloaded_under_an_answer(front):
    served = front(unload_s=0.3)
    stream = served.ask("go on", stream=True)
    worker = served.worker
    end_s = time.monotonic() + 1.5
    for _ in stream:
        if time.monotonic() > end_s:
            break
    assert worker.is_running()
    assert not says(served, "unloaded")
    stream.close()
    assert wait_for(lambda: says(served, "unloaded"))


def test_requests_that_come_in_the_moment_of_unloading_are_answered(front, tmp_path):
    served = front(unload_s=0.05)
    for index in range(6):
        assert served.ask("short").choices[0].message.content == "short"
        time.sleep(0.04 + index * 0.006)
    assert len(list(tmp_path.glob("opened-*"))) > 1


def test_without_the_option_a_model_stays(front):
    served = front()
    served.ask("short")
    time.sleep(0.5)
    assert served.worker.is_running()
    assert not says(served, "unloaded")


def test_a_model_that_cannot_be_loaded_again_is_told_to_who_asks(front, tmp_path):
    served = front(unload_s=0.2)
    served.ask("short")
    assert wait_for(lambda: says(served, "unloaded"))
    (tmp_path / "gone").touch()
    with pytest.raises(openai.InternalServerError, match="no such file"):
        served.ask("short")
    assert says(served, f"{NAME} did not load")


def test_a_crash_is_no_rest(front):
    served = front(unload_s=30)
    with pytest.raises(openai.InternalServerError):
        served.ask("die SIGKILL")
    assert served.ask("short").choices[0].message.content == "short"
    assert says(served, "ended (SIGKILL)")


def test_the_end_of_the_server_while_its_model_rests_leaves_nothing(front):
    served = front(unload_s=0.2)
    served.ask("short")
    worker = served.worker
    assert wait_for(lambda: says(served, "unloaded"))
    served.process.terminate()
    served.ends()
    worker.wait(10)


def test_a_model_that_was_written_to_is_loaded_again_before_the_next_answer(
    front, tmp_path
):
    weights = tmp_path / "weights"
    weights.write_text("1")
    served = front()
    assert served.ask("short").choices[0].message.content == "short"
    worker = served.worker
    weights.write_text("22")
    assert served.ask("short").choices[0].message.content == "short"
    assert served.worker.pid != worker.pid
    assert says(served, f"{weights} was written to; loading {NAME} again.")
    assert wait_for(lambda: says(served, f"{NAME} is loaded again"))
    assert "ended" not in "".join(served.output)


def test_a_model_that_another_file_takes_the_place_of_stays_loaded(front, tmp_path):
    weights = tmp_path / "weights"
    weights.write_text("1")
    served = front()
    served.ask("short")
    worker = served.worker
    (tmp_path / "new").write_text("22")
    (tmp_path / "new").replace(weights)
    served.ask("short")
    assert served.worker.pid == worker.pid
