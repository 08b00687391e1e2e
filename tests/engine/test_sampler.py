"""Logits before the draw, compared with llama.cpp's own samplers."""

from __future__ import annotations

import ctypes

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.engine.llama.library import load_library
from hermes_gguf.engine.llama.sampler import ChainSampler
from hermes_gguf.options import SamplingOptions

N_VOCAB = 12
tokens = st.integers(0, N_VOCAB - 1)
numbers = st.floats(-4, 4, width=32)


def in_llama_cpp(row: np.ndarray, history: list[int], options: SamplingOptions):
    """The row after llama.cpp's bias and penalties, in the order of its own chain."""
    lib = load_library()
    biases = [lib.llama_logit_bias(token, bias) for token, bias in options.logit_bias]
    array = (lib.llama_logit_bias * len(biases))(*biases)
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    add = lib.llama_sampler_chain_add
    add(chain, lib.llama_sampler_init_logit_bias(N_VOCAB, len(biases), array))
    penalties = (
        options.repeat_last_n,
        options.repeat_penalty,
        options.frequency_penalty,
        options.presence_penalty,
    )
    add(chain, lib.llama_sampler_init_penalties(N_VOCAB, *penalties))
    for token in history:
        lib.llama_sampler_accept(chain, token)
    data = (lib.llama_token_data * N_VOCAB)()
    for token, logit in enumerate(row.tolist()):
        data[token] = lib.llama_token_data(token, logit, 0.0)
    candidates = lib.llama_token_data_array(data, N_VOCAB, -1, False)
    lib.llama_sampler_apply(chain, ctypes.byref(candidates))
    result = {candidates.data[i].id: candidates.data[i].logit for i in range(N_VOCAB)}
    lib.llama_sampler_free(chain)
    return [result[token] for token in range(N_VOCAB)]


@settings(max_examples=150)
@given(
    st.lists(numbers, min_size=N_VOCAB, max_size=N_VOCAB),
    st.lists(tokens, max_size=12),
    st.builds(
        SamplingOptions,
        temperature=st.just(0.0),
        repeat_penalty=st.sampled_from([1.0, 1.1, 2.0]),
        repeat_last_n=st.integers(0, 8),
        presence_penalty=st.sampled_from([0.0, 0.5]),
        frequency_penalty=st.sampled_from([0.0, 0.25]),
        logit_bias=st.lists(st.tuples(tokens, numbers), max_size=5).map(tuple),
    ),
)
def test_biases_and_penalties_give_the_logits_of_llama_cpp(logits, history, options):
    row = np.array(logits, dtype=np.float32)
    expected = in_llama_cpp(row, history, options)
    sampler = ChainSampler(load_library(), n_vocab=N_VOCAB, options=options, seed=0)
    sampler.accept(history)
    sampler.sample(row)
    np.testing.assert_allclose(row, expected, rtol=1e-5, atol=1e-5)


def test_counts_that_c_cannot_hold_mean_all_there_is():
    options = SamplingOptions(top_k=2**32 + 1, repeat_last_n=10**30, seed=1)
    sampler = ChainSampler(load_library(), n_vocab=3, options=options, seed=1)
    sampler.accept([0, 1])
    drawn = {sampler.sample(np.zeros(3, dtype=np.float32)) for _ in range(50)}
    assert drawn == {0, 1, 2}
    sampler.close()
