"""How likely the tokens of a prompt were: as llama.cpp itself says, in few batches."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import llama_cpp
import numpy as np
import pytest

from hermes_gguf.engine.base import (
    EngineFinish,
    GenerationRequest,
    Piece,
    PrefillProgress,
    PromptProbs,
)
from hermes_gguf.engine.llama.draft import MAX_DRAFT_TOKENS
from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.engine.llama.scoring import Scoring
from hermes_gguf.errors import OptionError
from hermes_gguf.grammar.constraints import GrammarConstraint
from hermes_gguf.prompt.rendered import Prompt

from .asking import GREEDY, request

TEXT = "<|im_start|>user\nthe name of a café 😀 is the name\n<|im_end|>" * 3


def scored(text: str = TEXT, **changes: object) -> GenerationRequest:
    return request(text, n_probs=3, prompt_probs=True, **changes)


@pytest.fixture(scope="module")
def llama(model_path: Path) -> llama_cpp.Llama:
    f32 = {"type_k": 0, "type_v": 0}
    return llama_cpp.Llama(
        str(model_path), logits_all=True, n_ctx=512, verbose=False, **f32
    )


@pytest.mark.parametrize("max_tokens", [0, 1, 9])
def test_values_are_those_of_the_model_itself(
    engine: LlamaEngine, llama: llama_cpp.Llama, max_tokens: int
) -> None:
    items = list(engine.generate(scored(max_tokens=max_tokens)))
    (prompt,) = [item for item in items if isinstance(item, PromptProbs)]
    ids = llama.tokenize(TEXT.encode(), add_bos=True, special=True)
    assert [prob.token_id for prob in prompt.probs] == ids[1:]
    answer = [p for item in items if isinstance(item, Piece) for p in item.probs]
    assert len(answer) == max_tokens
    probs = [*prompt.probs, *answer]
    llama.reset()
    llama.eval([ids[0], *(prob.token_id for prob in probs)])
    rows = np.array(llama.scores[: len(probs)], "f8")
    rows -= rows.max(axis=1, keepdims=True)
    rows -= np.log(np.exp(rows).sum(axis=1, keepdims=True))
    for prob, row in zip(probs, rows, strict=True):
        assert prob.logprob == pytest.approx(row[prob.token_id], abs=1e-3)
        best = np.sort(row)[::-1][:3]
        assert [p for *_, p in prob.top] == pytest.approx(list(best), abs=1e-3)


def test_what_follows_is_as_without(engine: LlamaEngine) -> None:
    texts = []
    for asked in (request(TEXT), scored()):
        items = list(engine.generate(asked))
        texts.append([i.text for i in items if isinstance(i, Piece)])
    assert "".join(texts[0]) == "".join(texts[1]) != ""


def test_the_prompt_counts_as_one_that_was_read(engine: LlamaEngine) -> None:
    *items, finish = engine.generate(scored(max_tokens=4))
    assert isinstance(finish, EngineFinish)
    assert finish.usage.prompt_tokens == engine.count_tokens(Prompt(TEXT))
    assert finish.usage.completion_tokens == 4
    totals = {i.total_tokens for i in items if isinstance(i, PrefillProgress)}
    assert totals == {finish.usage.prompt_tokens}
    kinds = [type(i) for i in items if not isinstance(i, PrefillProgress)]
    assert kinds[0] is PromptProbs
    assert set(kinds[1:]) == {Piece}


def test_what_is_known_goes_to_the_model_at_once_also_beside_other_answers(
    engine: LlamaEngine,
) -> None:
    prompt = list(range(3, 90))
    answer = SimpleNamespace(tokens=[])
    scoring = Scoring(
        answer,  # type: ignore[arg-type]
        prompt,
        vocabulary=engine._vocabulary,
        n_top=0,
    )
    assert scoring.begin(prompt[:1]).tokens == []
    guesses = scoring.propose(0)
    assert guesses.tokens == prompt[1 : 1 + MAX_DRAFT_TOKENS]
    assert all(guesses.is_chosen)


def test_several_are_scored_at_once(busy_engine: LlamaEngine) -> None:
    streams = [busy_engine.generate(scored(max_tokens=1)) for _ in range(3)]
    for stream in streams:
        next(stream)
    told = [
        [item.probs for item in stream if isinstance(item, PromptProbs)]
        for stream in streams
    ]
    ids = [[prob.token_id for prob in probs] for (probs,) in told]
    assert ids[0] == ids[1] == ids[2]


def test_one_token_follows_nothing(engine: LlamaEngine) -> None:
    items = list(
        engine.generate(
            GenerationRequest(
                prompt=(5,),
                sampling=GREEDY,
                max_tokens=0,
                n_probs=0,
                prompt_probs=True,
            )
        )
    )
    assert PromptProbs(()) in items


def test_an_earlier_answer_does_not_change_how_a_text_is_spelled(
    engine: LlamaEngine,
) -> None:
    first = list(engine.generate(request("the name", max_tokens=8)))
    said = "the name" + "".join(i.text for i in first if isinstance(i, Piece))
    items = engine.generate(scored(said, max_tokens=0))
    (prompt,) = [item for item in items if isinstance(item, PromptProbs)]
    ids = engine.tokenize(said, mode="markup")
    assert [p.token_id for p in prompt.probs] == ids[-len(prompt.probs) :]


def test_a_scoring_that_is_closed_leaves_the_engine_usable(engine: LlamaEngine) -> None:
    with engine.generate(scored()) as stream:
        next(stream)
    assert any(isinstance(item, PromptProbs) for item in engine.generate(scored()))


@pytest.mark.parametrize(
    "changes",
    [
        {"n_probs": None},
        {"constraint": GrammarConstraint.from_gbnf('root ::= "a"')},
    ],
)
def test_what_cannot_be_is_refused_by_name(changes: dict[str, object]) -> None:
    with pytest.raises(OptionError, match="prompt_probs: needs n_probs"):
        request(**{"n_probs": 0, "prompt_probs": True, **changes})
