"""A small model guesses for a large one: in step with it, only while that pays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.engine.base import EngineFinish, GenerationRequest, Piece
from hermes_gguf.engine.llama import draft_load
from hermes_gguf.engine.llama.batch import Batch, DecodeStatus, Logits
from hermes_gguf.engine.llama.batch_cost import BatchCost
from hermes_gguf.engine.llama.chances import Chances
from hermes_gguf.engine.llama.context import LlamaContext
from hermes_gguf.engine.llama.draft_load import find_difference
from hermes_gguf.engine.llama.draft_model import DraftModel
from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.engine.llama.guesses import Draft
from hermes_gguf.engine.llama.model_guess import ModelGuess
from hermes_gguf.engine.load import load_engine
from hermes_gguf.errors import ModelLoadError, VocabularyMismatchError
from hermes_gguf.grammar.constraints import GrammarConstraint
from hermes_gguf.options import LoadOptions, SamplingOptions
from hermes_gguf.prompt.rendered import Prompt
from tests.engine.fake_context import N_VOCAB, FakeContext, next_token
from tests.engine.toy import toy_vocabulary
from tests.support.random_gguf import write_random_gguf

N_CELLS = 400
N_STEPS = 180


def true_continuation(tokens: list[int], n: int) -> list[int]:
    known = list(tokens)
    for _ in range(n):
        known.append(next_token(known))
    return known[len(tokens) :]


def draft_model(context: FakeContext, **options: object) -> DraftModel:
    return DraftModel(context, n_cells=N_CELLS, n_vocab=N_VOCAB, **options)


def guess(model: DraftModel, tokens: list[int], *, read_limit: int = 999) -> list[int]:
    def likeliest(logits: Logits) -> int:
        return int(logits.argmax())

    return model.guess(tokens, limit=4, read_limit=read_limit, pick=likeliest)


tokens_lists = st.lists(st.integers(0, N_VOCAB - 1), min_size=1, max_size=12)


@given(
    prompts=st.lists(tokens_lists, min_size=1, max_size=3),
    steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), tokens_lists)),
    read_limit=st.integers(1, 20),
)
def test_its_cache_follows_whatever_came_true(prompts, steps, read_limit):
    """FakeContext fails on a gap, and a token too many would change the guess."""
    model = draft_model(FakeContext(n_batch=4, n_sequences=2))
    answers = [list(prompt) for prompt in prompts]
    for which, n_right, sampled in steps:
        answer = answers[which % len(answers)]
        guesses = guess(model, answer, read_limit=read_limit)
        assert guesses in ([], true_continuation(answer, 4))
        answer += guesses[:n_right] + sampled


def test_a_long_prompt_is_read_in_pieces_and_nothing_is_guessed_before():
    context = FakeContext(n_batch=8, n_sequences=1)
    model, prompt = draft_model(context), list(range(40))
    evaluated = []
    while not guess(model, prompt, read_limit=10):
        evaluated.append(context.n_evaluated)
    assert evaluated == [10, 20, 30]


def test_two_answers_that_begin_alike_each_have_a_sequence():
    context = FakeContext(n_batch=99, n_sequences=2)
    model, answers = draft_model(context), [[1, *[n] * 20] for n in (7, 8)]
    for answer in answers:
        guess(model, answer)
    before = context.n_evaluated
    for _ in range(5):
        for answer in answers:
            answer += guess(model, answer)
    assert context.n_evaluated - before <= 5 * 2 * 5
    assert len(answers[0]) == 41


def test_an_answer_that_outgrows_its_cells_gets_no_guesses():
    model = draft_model(FakeContext(n_batch=99, n_sequences=2))
    assert guess(model, [1] * 196)
    assert guess(model, [1] * 197) == []


def test_a_token_that_it_does_not_know_is_not_given_to_it():
    assert guess(draft_model(FakeContext()), [1, N_VOCAB]) == []


def test_a_decode_that_fails_ends_the_guesses_and_not_the_answer():
    context = FakeContext(n_batch=8, n_sequences=1)
    model = draft_model(context)
    context.before_decode = lambda _: DecodeStatus.FAILED
    assert guess(model, [1, 2]) == []
    context.before_decode = lambda _: None
    assert guess(model, [1, 2]) == []


class Clock:
    """Stands still but for what decodes take."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def steps_with_guesses(*, draft_s: float, step_s: float, share: float) -> list[int]:
    """In which steps of a large model it is asked, when `share` comes true."""
    clock, context = Clock(), FakeContext(n_batch=8, n_sequences=1)

    def take_time(batch: Batch) -> None:
        clock.now_s += draft_s

    context.before_decode = take_time
    vocabulary = toy_vocabulary()
    cost = BatchCost()
    for n_tokens in (1, 2, 4, 8, 16):
        cost.observe(n_tokens, step_s * (1 + 0.2 * (n_tokens - 1)))
    answer = ModelGuess(draft_model(context, clock=clock), [1, 2, 3], cost=cost)
    asked = []
    for step in range(N_STEPS):
        draft = Draft(None, vocabulary=vocabulary, rates=Chances(), limit=8)
        answer.propose(draft, limit=8)
        n_guessed = len(draft.kinds)
        if n_guessed:
            asked.append(step)
            answer.learn(round(share * n_guessed))
        answer.extend([next_token(answer._tokens)])
    return asked


def test_guesses_that_pay_go_on():
    asked = steps_with_guesses(draft_s=0.005, step_s=0.1, share=0.9)
    assert len(asked) >= N_STEPS - 2


@pytest.mark.parametrize(("draft_s", "share"), [(0.09, 1.0), (0.03, 0.2), (0.001, 0.0)])
def test_guesses_that_do_not_pay_become_rare(draft_s, share):
    asked = steps_with_guesses(draft_s=draft_s, step_s=0.1, share=share)
    assert 0 < len(asked) < 25
    assert len([step for step in asked if step >= N_STEPS // 2]) <= 5


GREEDY = SamplingOptions(temperature=0)
RECORD = r'root ::= "{\"name\": \"" [a-z ]{1,24} "\", \"n\": " [0-9]{1,9} "}"'


def answered(engine: LlamaEngine, request: GenerationRequest) -> tuple[str, str]:
    *items, finish = engine.generate(request)
    assert isinstance(finish, EngineFinish)
    return "".join(i.text for i in items if isinstance(i, Piece)), finish.reason


@pytest.fixture
def draft_contexts(monkeypatch: pytest.MonkeyPatch) -> list[LlamaContext]:
    """The contexts of all models that guess, which seem to take no time."""
    contexts: list[LlamaContext] = []

    def make(context: LlamaContext, **options: object) -> DraftModel:
        contexts.append(context)
        return DraftModel(context, clock=lambda: 0.0, **options)

    monkeypatch.setattr(draft_load, "DraftModel", make)
    return contexts


@pytest.fixture
def own_draft(
    model_path: Path,
    draft_contexts: list[LlamaContext],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[LlamaEngine]:
    """A model that guesses for itself, as if guessing took no time."""
    monkeypatch.setattr(BatchCost, "worth", lambda self, n, chances, _: len(chances))
    options = LoadOptions(kv_type="f32", draft_model=str(model_path), n_slots=2)
    with load_engine(model_path, options=options) as engine:
        assert len(draft_contexts) == 1
        yield engine


@pytest.mark.parametrize("constraint", [None, GrammarConstraint.from_gbnf(RECORD)])
def test_greedy_text_is_the_same_with_and_without(
    model_path, own_draft, draft_contexts, constraint, monkeypatch
):
    decoded: list[int] = []
    decode = LlamaContext.decode

    def count(self: LlamaContext, batch: Batch) -> DecodeStatus:
        if self not in draft_contexts:
            decoded.append(len(batch))
        return decode(self, batch)

    monkeypatch.setattr(LlamaContext, "decode", count)
    n_decodes = {}
    with load_engine(model_path, options=LoadOptions(kv_type="f32")) as plain:
        for text in ("the name", "in her ", "x" * 50):
            asked = GenerationRequest(
                prompt=Prompt(text),
                sampling=GREEDY,
                max_tokens=60,
                constraint=constraint,
            )
            results = []
            for engine in (plain, own_draft):
                decoded.clear()
                results.append(answered(engine, asked))
                n_decodes[engine] = n_decodes.get(engine, 0) + len(decoded)
            assert results[0] == results[1]
    assert n_decodes[own_draft] < n_decodes[plain]


def test_two_answers_at_once_are_each_guessed_for(own_draft):
    asked = [
        GenerationRequest(prompt=Prompt(text), sampling=GREEDY, max_tokens=40)
        for text in ("the name", "in her ")
    ]
    alone = [answered(own_draft, request) for request in asked]
    streams = [own_draft.generate(request) for request in asked]
    together: list[list[str]] = [[], []]
    running = dict(enumerate(streams))
    while running:
        for index, stream in list(running.items()):
            item = next(stream, None)
            if item is None:
                del running[index]
            elif isinstance(item, Piece):
                together[index].append(item.text)
    assert ["".join(texts) for texts in together] == [text for text, _ in alone]


def test_a_load_that_fails_at_its_end_frees_the_draft_model_too(
    model_path, draft_contexts
):
    options = LoadOptions(draft_model=str(model_path))
    with pytest.raises(ModuleNotFoundError):
        load_engine(model_path, options=options, meanwhile=("hermes_gguf.nowhere",))
    (context,) = draft_contexts
    assert not context.handle


def test_a_draft_model_of_another_vocabulary_is_refused_by_name(model_path, tmp_path):
    other = write_random_gguf(tmp_path / "other.gguf", words=("x1", "y2"))
    options = LoadOptions(draft_model=str(other))
    with pytest.raises(VocabularyMismatchError, match=r"token \d+ is") as caught:
        load_engine(model_path, options=options)
    assert (caught.value.path, caught.value.other) == (str(other), str(model_path))
    assert str(other) in caught.value.message
    assert str(model_path) in caught.value.message


def test_a_draft_file_that_is_no_model_is_refused(model_path, tmp_path):
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no model")
    with pytest.raises(ModelLoadError, match=r"bad\.gguf"):
        load_engine(model_path, options=LoadOptions(draft_model=str(bad)))


def test_marks_may_differ_and_padding_too():
    one = toy_vocabulary(["abc"])
    n = len(one)
    renamed = replace(one, pieces=[*one.pieces[: n - 2], b"<|user|>", b""])
    assert find_difference(one, renamed) is None
    padded = replace(one, pieces=[*one.pieces, b"[PAD]"])
    assert find_difference(one, padded) is None
    other = replace(one, pieces=[b"!", *one.pieces[1:]])
    assert find_difference(one, other) == "token 0 is b'!' and not b'\\x00'"
    longer = replace(one, pieces=[*one.pieces, *[b"x"] * 600])
    assert find_difference(one, longer) == f"it has {n + 600} tokens and not {n}"
