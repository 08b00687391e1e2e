"""What batches cost is measured, and guesses are taken only where they pay."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.engine.llama.batch_cost import BatchCost

#: Seconds by size: memory is the limit; arithmetic is; steep first and then flat.
FLAT = {1: 0.1, 2: 0.1, 4: 0.105, 8: 0.11, 16: 0.12, 32: 0.15, 64: 0.2}
LINEAR = {n: 0.1 * n for n in (1, 2, 4, 8, 16, 32, 64)}
STEEP = {1: 0.03, 2: 0.05, 4: 0.08, 8: 0.1, 16: 0.11, 32: 0.15, 64: 0.22}


def measured(costs: dict[int, float]) -> BatchCost:
    cost = BatchCost()
    for _ in range(20):
        for n_tokens, seconds in costs.items():
            cost.observe(n_tokens, seconds)
    return cost


def worth(cost: BatchCost, n_sure: int, chance: float, n: int = 31) -> int:
    chances = [chance ** (at + 1) for at in range(n)]
    return cost.worth(n_sure, chances, [True] * n)


@pytest.mark.parametrize("costs", [FLAT, LINEAR, STEEP])
def test_what_was_measured_is_what_it_says(costs):
    cost = measured(costs)
    for n_tokens, seconds in costs.items():
        assert cost.seconds(n_tokens) == pytest.approx(seconds, rel=0.1)


@given(st.lists(st.tuples(st.integers(1, 80), st.floats(1e-4, 10.0)), max_size=40))
def test_more_tokens_never_cost_less(seen):
    cost = BatchCost()
    for n_tokens, seconds in seen:
        cost.observe(n_tokens, seconds)
    costs = [cost.seconds(n) for n in range(1, 100)]
    # Between two equal costs, arithmetic may lose the last digit.
    assert all(more >= less * (1 - 1e-12) for less, more in pairwise(costs))
    assert costs[0] > 0


def test_a_size_that_was_not_seen_is_guessed_from_the_nearest():
    cost = BatchCost()
    assert not cost.is_known
    cost.observe(1, 0.05)
    assert cost.is_known
    assert cost.seconds(1) == pytest.approx(0.05)
    assert 0.05 < cost.seconds(8) < 0.4


def test_one_slow_decode_changes_little():
    cost = measured(STEEP)
    cost.observe(1, 5.0)
    assert cost.seconds(1) < 1.2 * STEEP[1]


def test_guesses_are_taken_where_they_are_cheap():
    assert worth(measured(FLAT), 1, 0.75) > worth(measured(STEEP), 1, 0.75)
    assert worth(measured(LINEAR), 1, 0.85) == 0


def test_a_batch_that_is_in_the_flat_part_already_takes_more():
    assert worth(measured(STEEP), 1, 0.6) == 0
    assert worth(measured(STEEP), 8, 0.6) >= 3


def test_guesses_that_fail_are_not_taken():
    for costs in (LINEAR, STEEP):
        assert worth(measured(costs), 1, 0.02) == 0


def test_dictated_text_saves_less_than_what_the_model_chooses():
    cost = measured(STEEP)
    chances = [0.5] * 8
    chosen = cost.worth(8, chances, [True] * 8)
    dictated = cost.worth(8, chances, [False] * 8)
    assert dictated <= chosen == 8
