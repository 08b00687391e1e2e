"""Forced calls at temperature 1.5 validate, whatever the model makes of them.

A fixed sample here; `scripts/bfcl_validity` runs all 800 function sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from hermes_gguf.chat.hermes import Hermes
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.load import load_engine
from hermes_gguf.options import LoadOptions
from tests.support.bfcl import CATEGORIES, force_call, load_cases
from tests.support.random_gguf import write_random_gguf
from tests.support.tiny import tiny_model

OPTIONS = LoadOptions(n_ctx=8192)


@pytest.fixture(scope="module", params=["tiny", "random weights"])
def model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ChatModel]:
    if request.param == "tiny":
        tiny_model()
        with Hermes("tiny", options=OPTIONS) as hermes:
            yield hermes.model
        return
    path = write_random_gguf(tmp_path_factory.mktemp("m") / "r.gguf", n_ctx_train=8192)
    with load_engine(path, options=OPTIONS) as engine:
        yield ChatModel(engine)


@pytest.mark.parametrize("category", CATEGORIES)
def test_forced_calls_validate_or_say_why_not(model: ChatModel, category: str) -> None:
    sample = islice(load_cases(category), 3, None, 40)
    verdicts = [
        force_call(model, case, temperature=1.5, max_tokens=300, seed=number)
        for number, case in enumerate(sample)
    ]
    assert [v for v in verdicts if v.outcome == "invalid"] == []
    assert sum(v.outcome == "refused" for v in verdicts) == 0
    assert any(v.n_calls for v in verdicts)
