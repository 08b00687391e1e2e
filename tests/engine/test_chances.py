from __future__ import annotations

from hermes_gguf.engine.llama.chances import Chances


def test_a_kind_that_fails_loses_and_one_that_holds_gains():
    rates = Chances()
    before = rates.of("likely"), rates.of("rest")
    for _ in range(60):
        rates.learn("likely", False)
        rates.learn("rest", True)
    assert rates.of("likely") < 0.2 * before[0]
    assert before[1] < rates.of("rest") < 1


def test_a_kind_never_loses_every_chance_to_return():
    rates = Chances()
    for _ in range(1000):
        rates.learn("lookup", False)
    assert rates.of("lookup") > 0
    for _ in range(100):
        rates.learn("lookup", True)
    assert rates.of("lookup") > 0.9
