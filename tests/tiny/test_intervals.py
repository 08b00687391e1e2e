"""Wilson's interval, against published values."""

from __future__ import annotations

import pytest

from scripts.tiny.intervals import Tally


# Source: Newcombe 1998, "Two-sided confidence intervals for the single proportion",
# table I, method 3 (score method without continuity correction).
@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval(hits: int, tries: int, low: float, high: float) -> None:
    assert Tally(hits, tries).interval() == pytest.approx((low, high), abs=1e-4)


def test_without_tries_nothing_is_known() -> None:
    assert Tally().interval() == (0.0, 1.0)
