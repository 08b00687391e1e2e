"""Sampling under a grammar: only legal tokens, with the masked distribution."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from hermes_gguf.engine.llama.constrained import ConstrainedSampler
from hermes_gguf.engine.llama.legal import (
    advance_token,
    can_only_end,
    legal_tokens,
)
from hermes_gguf.engine.llama.library import load_library
from hermes_gguf.engine.llama.sampler import ChainSampler
from hermes_gguf.errors import GenerationError
from hermes_gguf.grammar.constraints import GrammarConstraint
from hermes_gguf.options import SamplingOptions
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary()
N_VOCAB = len(VOCABULARY)
PLAIN = SamplingOptions(
    temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0
)
GREEDY = SamplingOptions(temperature=0.0, repeat_penalty=1.0)
GRAMMARS = {
    "narrow": r'root ::= "{\"name\": \"" [a-z]* "\"}"',
    "words": r'root ::= "Paris" | "Par" | "abc"',
    "broad": r"root ::= [^\x00-\x1f]*",
    "several bytes": r'root ::= "é" [é-ü] "\n"?',
}


def brute_force_legal(state) -> set[int]:
    legal = (
        advance_token(state, token, vocabulary=VOCABULARY) is not None
        for token in range(N_VOCAB)
    )
    return {token for token, ok in enumerate(legal) if ok}


def chooser(grammar: str, options: SamplingOptions, seed: int) -> ConstrainedSampler:
    sampler = ChainSampler(load_library(), n_vocab=N_VOCAB, options=options, seed=seed)
    state = GrammarConstraint.from_gbnf(grammar).start()
    return ConstrainedSampler(sampler, VOCABULARY, state)


@pytest.mark.parametrize("name", GRAMMARS)
@pytest.mark.parametrize("seed", range(4))
def test_the_walk_finds_exactly_the_legal_tokens_along_a_text(name, seed):
    state = GrammarConstraint.from_gbnf(GRAMMARS[name]).start()
    rng = np.random.default_rng(seed)
    for _ in range(12):
        found = legal_tokens(state, vocabulary=VOCABULARY, budget=None)
        assert sorted(found) == sorted(brute_force_legal(state))
        choices = [t for t in found if t not in VOCABULARY.eog]
        if not choices:
            break
        token = int(rng.choice(choices))
        state = advance_token(state, token, vocabulary=VOCABULARY)


def test_a_walk_that_costs_too_much_says_so():
    state = GrammarConstraint.from_gbnf(GRAMMARS["broad"]).start()
    assert legal_tokens(state, vocabulary=VOCABULARY, budget=3) is None


@pytest.mark.parametrize("name", ["narrow", "words", "broad"])
@pytest.mark.parametrize("flavour", ["flat", "illegal is likely"])
def test_plain_sampling_is_the_masked_softmax(name, flavour):
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 1, N_VOCAB).astype(np.float32)
    state = GrammarConstraint.from_gbnf(GRAMMARS[name]).start()
    legal = sorted(brute_force_legal(state))
    if flavour == "illegal is likely":
        logits[[t for t in range(N_VOCAB) if t not in set(legal)][:6]] += 12
    weights = np.exp(logits[legal].astype(np.float64))
    expected = dict(zip(legal, weights / weights.sum(), strict=True))
    n_draws = 3000
    drawn: Counter[int] = Counter()
    choose = chooser(GRAMMARS[name], PLAIN, seed=5)
    start = choose.state
    for _ in range(n_draws):
        choose.state = start
        drawn[choose.sample(logits.copy())] += 1
    choose.sampler.close()
    assert set(drawn) <= set(legal)
    # Total variation distance; sampling noise alone stays well under this bound.
    distance = sum(abs(drawn[t] / n_draws - p) for t, p in expected.items()) / 2
    assert distance < 0.02 + 0.4 * np.sqrt(len(legal) / n_draws)


@pytest.mark.parametrize("name", GRAMMARS)
def test_greedy_takes_the_likeliest_legal_token(name):
    rng = np.random.default_rng(2)
    for seed in range(20):
        choose = chooser(GRAMMARS[name], GREEDY, seed)
        logits = rng.normal(0, 1, N_VOCAB).astype(np.float32)
        legal = sorted(brute_force_legal(choose.state))
        best = max(legal, key=lambda t: logits[t])
        assert choose.sample(logits.copy()) == best


def test_truncation_that_leaves_nothing_legal_gives_way():
    options = SamplingOptions(temperature=0.7, top_k=2, repeat_penalty=1.0)
    choose = chooser(GRAMMARS["words"], options, seed=3)
    logits = np.zeros(N_VOCAB, dtype=np.float32)
    logits[[ord("x"), ord("y")]] = 20.0
    logits[ord("a")] = 10.0
    assert choose.sample(logits) == ord("a")


def test_the_end_comes_only_where_the_grammar_may_end():
    (eog,) = VOCABULARY.eog
    state = GrammarConstraint.from_gbnf(GRAMMARS["words"]).start()
    assert advance_token(state, eog, vocabulary=VOCABULARY) is None
    assert advance_token(state.advance(b"Par"), eog, vocabulary=VOCABULARY) is not None
    assert not can_only_end(state.advance(b"Par"))
    assert can_only_end(state.advance(b"Paris"))


def test_control_tokens_never_stand_inside_a_grammar():
    text = b"<|im_start|>"
    control = VOCABULARY.pieces.index(text)
    state = GrammarConstraint.from_gbnf(GRAMMARS["broad"]).start()
    assert advance_token(state, control, vocabulary=VOCABULARY) is None
    assert state.advance(text) is not None


def test_a_vocabulary_that_cannot_spell_the_grammar_is_an_error():
    class DeadEnd:
        may_end = is_free = False

        def advance(self, piece: bytes) -> None:
            return None

        def forced(self) -> bytes:
            return b""

        def first_bytes(self) -> frozenset[int]:
            return frozenset(b"a")

    sampler = ChainSampler(load_library(), n_vocab=N_VOCAB, options=GREEDY, seed=0)
    choose = ConstrainedSampler(sampler, VOCABULARY, DeadEnd())
    with pytest.raises(GenerationError):
        choose.sample(np.zeros(N_VOCAB, dtype=np.float32))


@pytest.mark.parametrize(
    ("options", "logits", "expected"),
    [
        ({"repeat_penalty": 2.0}, [4.0, -1.0], [2.0, -2.0]),
        ({"presence_penalty": 0.5}, [4.0, -1.0], [3.5, -1.5]),
        ({"frequency_penalty": 0.5}, [4.0, -1.0], [3.0, -1.5]),
        ({"repeat_penalty": 2.0, "repeat_last_n": 0}, [4.0, -1.0], [4.0, -1.0]),
        ({"repeat_penalty": 2.0, "repeat_last_n": 1}, [4.0, -1.0], [4.0, -2.0]),
    ],
)
def test_penalties_see_the_recent_tokens(options, logits, expected):
    # The window holds token 0 twice, then token 1.
    options = SamplingOptions(temperature=0, **{"repeat_penalty": 1.0, **options})
    sampler = ChainSampler(load_library(), n_vocab=N_VOCAB, options=options, seed=0)
    sampler.accept([0, 0, 1])
    row = np.full(N_VOCAB, -9.0, dtype=np.float32)
    row[:2] = logits
    sampler.sample(row)
    assert row[:2].tolist() == pytest.approx(expected)


def test_a_banned_token_is_never_drawn():
    options = SamplingOptions(
        temperature=1.0, repeat_penalty=1.0, logit_bias=((5, -100.0),)
    )
    sampler = ChainSampler(load_library(), n_vocab=N_VOCAB, options=options, seed=0)
    row = np.zeros(N_VOCAB, dtype=np.float32)
    row[5], row[6] = 50.0, 20.0
    assert sampler.sample(row) == 6
    sampler.close()
