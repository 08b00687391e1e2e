"""The line that says how far a prompt is read, by a clock that the test sets."""

from __future__ import annotations

import pytest

from hermes_gguf.cli.reading import Reading


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.parametrize(
    ("took_s", "done", "total", "line"),
    [
        (1.0, 500, 1000, "reading 500 of 1000 tokens"),
        (5.0, 500, 1000, "reading 500 of 1000 tokens, about 5 s more"),
        (10.0, 100, 500, "reading 100 of 500 tokens, about 40 s more"),
        (30.0, 100, 500, "reading 100 of 500 tokens, about 2 min more"),
        (10.0, 0, 500, "reading 0 of 500 tokens"),
    ],
)
def test_what_is_left_takes_as_long_a_token_as_what_was_read(
    took_s: float, done: int, total: int, line: str
) -> None:
    clock = Clock()
    reading = Reading(clock)
    assert reading.line(0, total) == f"reading 0 of {total} tokens"
    clock.now_s += took_s
    assert reading.line(done, total) == line


def test_what_the_cache_held_says_nothing_of_the_speed() -> None:
    clock = Clock()
    reading = Reading(clock)
    reading.line(900, 1000)
    clock.now_s += 10
    assert reading.line(950, 1000).endswith("about 10 s more")


def test_the_next_prompt_is_judged_by_itself() -> None:
    clock = Clock()
    reading = Reading(clock)
    reading.line(0, 1000)
    clock.now_s += 100
    assert "min" in reading.line(100, 1000)
    assert reading.line(100, 1200) == "reading 100 of 1200 tokens"
