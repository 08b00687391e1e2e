"""How a process ended, in words, and how often it is started again."""

from __future__ import annotations

import signal

import pytest

from hermes_gguf.server.supervised.deaths import (
    RestartPolicy,
    describe_exit,
    explain_exit,
)


@pytest.mark.parametrize(
    ("returncode", "said"),
    [
        (-11, "SIGSEGV"),
        (-6, "SIGABRT"),
        (-9, "SIGKILL"),
        (-250, "signal 250"),
        (0, "exit code 0"),
        (3, "exit code 3"),
        (0xC0000005, "access violation"),
        (0xC0000409, "abort"),
        (0xC0000374, "exit code 0xC0000374"),
    ],
)
def test_an_end_has_a_name(returncode, said):
    assert describe_exit(returncode) == said


def test_what_can_be_done_about_it_is_said_where_it_is_known():
    assert "memory" in (explain_exit(-9) or "")
    assert "another processor" in (explain_exit(-4) or "")
    assert "its disk is gone" in (explain_exit(-signal.SIGBUS) or "")
    assert "its disk is gone" in (explain_exit(0xC0000006) or "")
    assert explain_exit(-11) is None


def test_pauses_grow_until_it_is_given_up():
    policy = RestartPolicy()
    assert [policy.delay_s(now) for now in (0, 1, 3, 6, 11)] == [0, 1, 2, 4, None]


def test_deaths_long_ago_are_forgiven():
    policy = RestartPolicy()
    assert [policy.delay_s(100.0 * n) for n in range(20)] == [0.0] * 20
