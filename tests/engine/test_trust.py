from __future__ import annotations

from hermes_gguf.engine.llama.trust import Trust


def n_guesses(trust: Trust, *, share_right: float, steps: int) -> int:
    made = 0
    for _ in range(steps):
        if trust.may_guess():
            made += 1
            trust.learn(share_right)
    return made


def test_guesses_that_come_true_are_made_for_ever():
    assert n_guesses(Trust(0.3), share_right=0.5, steps=50) == 50


def test_guesses_that_fail_rest_and_are_tried_again():
    assert 3 <= n_guesses(Trust(0.3), share_right=0, steps=50) <= 10


def test_a_stricter_kind_rests_sooner():
    strict, lenient = Trust(0.5), Trust(0.2)
    for trust in (strict, lenient):
        trust.learn(0)
    assert (strict.may_guess(), lenient.may_guess()) == (False, True)
