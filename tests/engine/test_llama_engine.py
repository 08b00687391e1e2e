"""The engine on a real llama.cpp, with a small random model."""

from __future__ import annotations

import codecs
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hermes_gguf.engine.base import (
    EngineFinish,
    Piece,
    PrefillProgress,
)
from hermes_gguf.engine.llama import engine as engine_module
from hermes_gguf.engine.load import load_engine
from hermes_gguf.errors import (
    ContextOverflowError,
    OptionError,
    RequestError,
)
from hermes_gguf.grammar.constraints import GrammarConstraint
from hermes_gguf.options import LoadOptions, SamplingOptions
from hermes_gguf.prompt.rendered import Prompt
from tests.engine.asking import CALL, GREEDY, request, run
from tests.support.random_gguf import write_random_gguf


def test_an_answer_is_progress_then_pieces_then_the_end(engine):
    # Longer than a batch, so that it is read in pieces however fast that goes.
    items = list(engine.generate(request("x " * 600, max_tokens=5)))
    kinds = [type(item) for item in items]
    n_progress = kinds.count(PrefillProgress)
    assert n_progress > 2
    # A first batch takes seconds with a large model: it is announced.
    assert items[0].done_tokens < items[0].total_tokens
    assert kinds[:n_progress] == [PrefillProgress] * n_progress
    assert items[n_progress - 1].done_tokens == items[n_progress - 1].total_tokens
    assert isinstance(items[-1], EngineFinish)
    assert items[-1].reason == "length"
    assert items[-1].usage.completion_tokens == 5


def test_the_same_seed_gives_the_same_answer_and_is_reported(engine):
    hot = SamplingOptions(temperature=1.5, seed=11)
    first, finish = run(engine, request(sampling=hot))
    assert run(engine, request(sampling=hot))[0] == first
    assert finish.seed == 11
    drawn = run(engine, request(sampling=SamplingOptions(temperature=1.5)))
    again = SamplingOptions(temperature=1.5, seed=drawn[1].seed)
    assert run(engine, request(sampling=again))[0] == drawn[0]


def test_the_second_turn_evaluates_only_the_new_tokens(engine):
    prompt = tuple(engine.tokenize("a question about the name" * 5))
    items = list(engine.generate(request(prompt=prompt)))
    answer = [t for item in items if isinstance(item, Piece) for t in item.token_ids]
    follow_up = (*prompt, *answer, *engine.tokenize(" and another"))
    _, finish = run(engine, request(prompt=follow_up))
    # The last token of the answer was chosen, not evaluated.
    assert finish.usage.cached_tokens == len(prompt) + len(answer) - 1


def test_a_shared_preamble_is_read_once(model_path):
    tools = "the tools and their names " * 10
    with load_engine(model_path) as engine:
        expected = {}
        for turn in ("first", "other words entirely", "second"):
            text = turn if turn.startswith("other") else tools + turn
            prompt = Prompt(text, preamble_end=len(tools) * text.startswith(tools))
            expected[turn], finish = run(engine, request(prompt=prompt))
        n_preamble = len(engine.tokenize(tools)) + 1
        assert finish.usage.cached_tokens >= n_preamble - 1
    with load_engine(model_path) as engine:
        assert run(engine, request(tools + "second"))[0] == expected["second"]


@pytest.mark.parametrize("token", [-1, 999_999])
def test_a_bias_on_a_token_that_does_not_exist_is_refused(engine, token):
    biased = replace(GREEDY, logit_bias=((token, 1.0),))
    with pytest.raises(OptionError, match="logit_bias: there is no token"):
        engine.generate(request(sampling=biased))


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_second_turn_finds_an_answer_that_the_tokenizer_would_spell_otherwise(
    engine, cancelled
):
    grammar = GrammarConstraint.from_gbnf(r'root ::= "the name in her name"')
    first = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    asked = request(first, constraint=grammar, jump_forward=False)
    # No words: the answer is spelled in single letters.
    words = tuple((t, -100.0) for t in range(256, 268))
    asked = replace(asked, sampling=replace(GREEDY, logit_bias=words), max_tokens=99)
    stream = engine.generate(asked)
    pieces: list[Piece] = []
    for item in stream:
        pieces += [item] if isinstance(item, Piece) else []
        if cancelled and len(pieces) == 9:
            stream.close()
    answer = "".join(piece.text for piece in pieces)
    assert len(pieces) == len(answer)
    time.sleep(0.2)
    second = first + answer + "<|im_end|>\n<|im_start|>user\nand?<|im_end|>\n"
    _, finish = run(engine, request(second))
    # The last token may have been chosen only, not evaluated.
    n_read = engine.count_tokens(Prompt(first)) + len(answer) - 1
    assert finish.usage.cached_tokens >= n_read


def test_reading_in_pieces_and_reuse_do_not_change_the_answer(engine, model_path):
    text = "the name in her " * 30
    warm = run(engine, request(text))[0]
    assert run(engine, request(text))[0] == warm
    with load_engine(
        model_path, options=LoadOptions(n_batch=7, kv_type="f32")
    ) as other:
        assert run(other, request(text))[0] == warm


@pytest.mark.parametrize("jump", [True, False])
@pytest.mark.parametrize("temperature", [0, 0.8, 1.5])
def test_output_obeys_the_grammar_with_and_without_jumps(engine, jump, temperature):
    constraint = GrammarConstraint.from_gbnf(CALL)
    for seed in range(10):
        text, finish = run(
            engine,
            request(
                f"prompt {seed}",
                max_tokens=200,
                constraint=constraint,
                jump_forward=jump,
                sampling=SamplingOptions(temperature=temperature, seed=seed),
            ),
        )
        assert constraint.automaton.accepts(text)
        assert (finish.reason, finish.complete) == ("stop", True)
        assert (finish.usage.forced_tokens > 0) == jump


def test_where_text_has_one_spelling_jumping_changes_nothing(tmp_path):
    # With bytes as tokens the model has no other way to write the forced text.
    constraint = GrammarConstraint.from_gbnf(CALL.replace("tool_call", "call"))
    path = write_random_gguf(tmp_path / "bytes.gguf", words=("\x01\x02",), quant="f32")
    with load_engine(path, options=LoadOptions(kv_type="f32")) as engine:
        for seed in range(10):
            one, many = (
                run(
                    engine,
                    request(
                        f"prompt {seed}",
                        max_tokens=200,
                        constraint=constraint,
                        jump_forward=jump,
                    ),
                )
                for jump in (False, True)
            )
            assert one[0] == many[0]
            assert many[1].usage.forced_tokens > 60


def test_a_cut_answer_says_that_it_is_not_complete(engine):
    constraint = GrammarConstraint.from_gbnf(CALL)
    for n_tokens in (0, 1, 7, 20):
        _, finish = run(engine, request(max_tokens=n_tokens, constraint=constraint))
        assert (finish.reason, finish.complete) == ("length", False)
        assert finish.usage.completion_tokens == n_tokens


def test_an_answer_ends_when_nothing_may_follow(engine):
    constraint = GrammarConstraint.from_gbnf('root ::= "name" | "the"')
    text, finish = run(engine, request(max_tokens=50, constraint=constraint))
    assert text in ("name", "the")
    assert (finish.reason, finish.complete) == ("stop", True)


@pytest.mark.parametrize("temperature", [0, 0.9])
def test_guessing_changes_no_answer(engine, temperature):
    text = "the name in her, the name in her, the name in " * 4
    for seed in range(8):
        sampling = SamplingOptions(temperature=temperature, seed=seed)
        with_guesses, without = (
            run(
                engine,
                request(text, max_tokens=60, sampling=sampling, prompt_lookup=guess),
            )
            for guess in (True, False)
        )
        assert with_guesses[0] == without[0]


def test_a_stop_text_ends_the_answer_and_is_not_part_of_it(engine):
    whole, _ = run(engine, request(max_tokens=40))
    stop = whole[10:13]
    text, finish = run(engine, request(max_tokens=40, stop=("\0never", stop)))
    assert text == whole[: whole.index(stop)]
    assert (finish.reason, finish.stop_text) == ("stop", stop)


def test_a_stop_text_inside_a_grammar_cuts_it(engine):
    constraint = GrammarConstraint.from_gbnf(CALL)
    text, finish = run(
        engine, request(max_tokens=90, constraint=constraint, stop=("arguments",))
    )
    assert text.endswith('", "')
    assert not finish.complete


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("max_tokens", -1, "max_tokens: must not be negative"),
        ("max_tokens", "3", "max_tokens: must be a whole number, not '3'"),
        ("max_tokens", 3.5, "max_tokens: must be a whole number, not 3.5"),
        ("max_tokens", True, "max_tokens: must be a whole number, not True"),
        ("stop", (5,), "stop: must be texts, not 5"),
        ("stop", ("",), "stop: an empty text would stop at once"),
        ("priority", "high", "priority: must be a whole number, not 'high'"),
        ("priority", None, "priority: must be a whole number, not None"),
        ("n_probs", -1, "n_probs: must not be negative"),
        ("sampling", {"temperature": 0}, "sampling: must be SamplingOptions, not {"),
        ("constraint", CALL, "constraint: .* is no grammar"),
        ("jump_forward", None, "jump_forward: must be True or False, not None"),
    ],
)
def test_a_request_that_cannot_be_is_refused_by_name(name, value, problem):
    with pytest.raises(OptionError, match=problem):
        request(**{name: value})


def test_a_count_of_numpy_is_a_count(engine):
    _, finish = run(engine, request(max_tokens=np.int64(3)))
    assert finish.usage.completion_tokens == 3


def test_no_stop_text_counts_from_stop_until_on(engine):
    constraint = GrammarConstraint.from_gbnf(CALL)
    asked = request(
        max_tokens=90, constraint=constraint, stop=("arguments",), stop_until="{"
    )
    text, finish = run(engine, asked)
    assert "arguments" in text
    assert finish.complete


def test_every_token_is_reported_once(engine):
    items = list(engine.generate(request(max_tokens=30, stop=("zzzz",))))
    pieces = [item for item in items if isinstance(item, Piece)]
    ids = [token for piece in pieces for token in piece.token_ids]
    assert len(ids) == items[-1].usage.completion_tokens
    # An incremental decoder leaves out a character that max_tokens cut.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(
        engine.detokenize(ids)
    )
    assert "".join(piece.text for piece in pieces) == text


def test_log_probabilities_are_those_of_the_model(engine):
    items = list(engine.generate(request(n_probs=4, max_tokens=6)))
    probs = [p for item in items if isinstance(item, Piece) for p in item.probs]
    assert len(probs) == 6
    for prob in probs:
        assert prob.logprob <= 0
        assert [p for _, _, p in prob.top] == sorted(
            (p for _, _, p in prob.top), reverse=True
        )
        if prob.token_id == prob.top[0][0]:
            assert prob.logprob == prob.top[0][2]


def test_what_does_not_fit_is_refused_before_any_work(engine):
    long = "é" * engine.info.n_ctx
    with pytest.raises(ContextOverflowError) as caught:
        engine.generate(request(long))
    assert caught.value.prompt_tokens > engine.info.n_ctx


def test_megabytes_are_refused_without_being_tokenized(engine, monkeypatch):
    monkeypatch.setattr(engine_module, "encode_prompt", None)
    with pytest.raises(ContextOverflowError, match="at least") as caught:
        engine.generate(request("word and other " * 1_200_000))
    assert caught.value.prompt_tokens > engine.info.n_ctx


@pytest.mark.parametrize("max_tokens", [None, 100_000])
def test_an_answer_with_more_room_than_the_context_ends_when_that_is_full(
    model_path, max_tokens
):
    with load_engine(model_path, options=LoadOptions(n_ctx=256)) as engine:
        _, finish = run(engine, request(max_tokens=max_tokens, stop=()))
        used = finish.usage
        if finish.reason == "length":
            assert used.prompt_tokens + used.completion_tokens == engine.info.n_ctx


@pytest.mark.parametrize("prompt", [(-1,), (10**6,), (1, 2**40)])
def test_ids_that_are_no_tokens_never_reach_llama_cpp(engine, prompt):
    with pytest.raises(OptionError):
        engine.generate(request(prompt=prompt))


def test_an_empty_prompt_is_refused(engine):
    with pytest.raises(RequestError):
        engine.generate(request(prompt=()))


def test_quantized_weights_and_cache_work_alike(tmp_path: Path):
    path = write_random_gguf(tmp_path / "q8.gguf", quant="q8_0")
    with load_engine(path, options=LoadOptions(kv_type="q8_0", n_ctx=512)) as engine:
        constraint = GrammarConstraint.from_gbnf(CALL)
        text, _ = run(engine, request(max_tokens=200, constraint=constraint))
    assert constraint.automaton.accepts(text)


def test_importing_the_package_does_not_load_llama_cpp():
    code = (
        "import sys, hermes_gguf, hermes_gguf.engine;"
        "sys.exit('llama_cpp' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
