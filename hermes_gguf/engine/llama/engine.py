"""`LlamaEngine`: the `Engine` protocol on llama.cpp.

Puts the rooms together: checks requests, tokenizes prompts, and hands jobs to the
worker. It decides nothing about batches or sampling.
"""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ...errors import (
    ContextOverflowError,
    EngineError,
    ModelChangedError,
    OptionError,
    RequestError,
)
from ...files import Unwritten
from ...prompt.rendered import Prompt
from ..base import (
    EngineFinish,
    EngineItem,
    GenerationRequest,
    ModelInfo,
    TokenizeMode,
)
from .answer import Answer
from .context import LlamaContext
from .draft import Guessing
from .draft_model import DraftModel
from .job import Job, Sink, StreamEnd
from .model import LlamaModel
from .recall import Recall
from .retrace import retrace
from .sampler import ChainSampler
from .scheduler import Scheduler
from .scoring import Scoring, ScoringSink
from .slots import SlotPool, common_prefix
from .stream import Stream
from .tokenizer import encode_prompt, preamble_length
from .worker import Worker

#: Shorter preambles are read again sooner than they are looked up.
_LEAST_PREAMBLE_TOKENS = 32
#: Characters a token, of which a prompt has fewer in practice: four or so.
_SHORT_PIECE = 64
#: Tokens above which the vocabulary is sorted in the background.
_LARGE_VOCABULARY = 20_000
#: Conversations whose spelling is remembered.
_N_EARLIER = 8
#: Sequences that keep preambles, beside those that generate.
N_SHELF = 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an engine is made of.

    Attributes:
        model: The weights; closed with the engine.
        context: The KV cache; closed with the engine.
        info: What to say of it.
        n_ctx: Tokens of one sequence at most.
        n_slots: Sequences that are generated at once.
        recall: Keeps what left the KV cache; closed with the engine.
        mapped: The files that the weights are read from while they are used.
        draft: Guesses what the model will write, or None; closed with the engine.
    """

    model: LlamaModel
    context: LlamaContext
    info: ModelInfo
    n_ctx: int
    n_slots: int
    recall: Recall
    mapped: Unwritten
    draft: DraftModel | None = None


class LlamaEngine:
    """A model that generates text. Safe to call from any thread."""

    def __init__(self, loaded: Loaded) -> None:
        self._model = loaded.model
        self._info = loaded.info
        self._n_ctx = loaded.n_ctx
        self._mapped = loaded.mapped
        self._vocabulary = loaded.model.vocabulary
        self._guessing = Guessing(model=loaded.draft)
        if len(self._vocabulary) > _LARGE_VOCABULARY:
            # This takes a moment, which the reading of the first prompt hides.
            threading.Thread(
                target=_prepare,
                args=(loaded.model,),
                name="hermes-gguf-vocabulary",
                daemon=True,
            ).start()
        #: Tokens of the last conversations, prompt and answer.
        self._earlier: deque[list[int]] = deque(maxlen=_N_EARLIER)
        slots = SlotPool(loaded.context, n_slots=loaded.n_slots)
        scheduler = Scheduler(
            loaded.context,
            slots,
            clock=time.perf_counter,
            recall=loaded.recall,
            cost=self._guessing.cost,
        )
        self._worker = Worker(scheduler, on_exit=_closer(loaded))
        self._progress = loaded.context.progress
        # Runs at `close`, at collection, or at exit, whichever comes first.
        self._finalizer = weakref.finalize(self, self._worker.stop)

    @property
    def info(self) -> ModelInfo:
        """What the model is."""
        return self._info

    def tokenize(self, text: str, *, mode: TokenizeMode = "text") -> list[int]:
        """Token ids of `text`, without BOS; "markup" reads special tokens."""
        if mode == "markup":
            return self._vocabulary.tokenize(text.encode("utf-8", "replace"), True)
        whole = Prompt(text, untrusted=((0, len(text)),))
        return encode_prompt(whole, vocabulary=self._vocabulary, with_bos=False)

    def detokenize(self, token_ids: list[int]) -> bytes:
        """The bytes of the tokens, special ones spelled out.

        Raises:
            OptionError: an id is not in the vocabulary.
        """
        self._check_ids(token_ids)
        return self._vocabulary.detokenize(token_ids)

    def count_tokens(self, prompt: Prompt) -> int:
        """How many tokens the prompt has, BOS included."""
        return len(encode_prompt(prompt, vocabulary=self._vocabulary))

    def require_room(self, prompt: Prompt) -> None:
        """Refuse a prompt as `generate` would, before anything else is done for it.

        Raises:
            ContextOverflowError: the prompt leaves no room.
            RequestError: an empty prompt.
        """
        self._room(self._prompt_ids(prompt))

    def generate(self, request: GenerationRequest) -> Stream:
        """Read the prompt, then yield the answer piece by piece.

        Raises:
            ContextOverflowError: the prompt leaves no room (before any work).
            RequestError: an empty prompt, or ids that are no tokens.
            ModelChangedError: the file was written to since it was loaded.
        """
        self._check_file()
        self._check(request)
        prompt = self._prompt_ids(request.prompt, afresh=request.prompt_probs)
        room = self._room(prompt)
        if request.max_tokens is not None:
            room = min(room, request.max_tokens)

        def make_job(sink: Sink) -> Job:
            return self._job(request, prompt, room, sink)

        return Stream(make_job, submit=self._submit, cancel=self._cancel)

    def pulse(self) -> tuple[int, int | None] | None:
        """What changes with each step, and with each graph node; None when idle."""
        worker = self._worker
        return None if worker.is_idle else (worker.n_steps, self._progress())

    def _room(self, ids: list[int]) -> int:
        room = self._n_ctx - len(ids)
        if room < 1:
            raise ContextOverflowError(prompt_tokens=len(ids), n_ctx=self._n_ctx)
        return room

    def _check_file(self) -> None:
        written = self._mapped.find_written()
        if written is not None:
            raise ModelChangedError(
                f"{written}: it was written to since it was loaded.",
                hint="load the model again",
            )

    def _check(self, request: GenerationRequest) -> None:
        strangers = [t for t, _ in request.sampling.logit_bias if not self._knows(t)]
        if strangers:
            raise OptionError("logit_bias", f"there is no token {strangers[0]}")

    def _knows(self, token: int) -> bool:
        return 0 <= token < len(self._vocabulary)

    # Bound to the engine, so that a running stream keeps it alive.
    def _submit(self, job: Job) -> None:
        self._worker.submit(job)

    def _cancel(self, job: Job) -> None:
        self._worker.cancel(job)

    def _job(
        self, request: GenerationRequest, prompt: list[int], room: int, sink: Sink
    ) -> Job:
        seed = request.sampling.seed
        if seed is None:
            seed = secrets.randbits(31)
        sampler = ChainSampler(
            self._model.lib,
            n_vocab=len(self._vocabulary),
            options=request.sampling,
            seed=seed,
        )
        answer = Answer(
            request,
            vocabulary=self._vocabulary,
            sampler=sampler,
            n_tokens_max=room,
            guessing=self._guessing,
        )

        def sink_and_note(item: EngineItem | StreamEnd) -> None:
            if isinstance(item, EngineFinish):
                self._earlier.append([*prompt, *answer.tokens])
            sink(item)

        if request.prompt_probs:
            n_top, vocabulary = request.n_probs or 0, self._vocabulary
            return Job(
                prompt[:1],
                Scoring(answer, prompt, vocabulary=vocabulary, n_top=n_top),
                ScoringSink(sink_and_note, n_prompt=len(prompt)),
                priority=request.priority,
                seed=seed,
            )
        return Job(
            prompt,
            answer,
            sink_and_note,
            priority=request.priority,
            seed=seed,
            n_preamble=self._n_preamble(request, prompt),
        )

    def _n_preamble(self, request: GenerationRequest, ids: list[int]) -> int:
        if not isinstance(request.prompt, Prompt):
            return 0
        length = preamble_length(request.prompt, ids, vocabulary=self._vocabulary)
        return length if length >= _LEAST_PREAMBLE_TOKENS else 0

    def _prompt_ids(
        self, prompt: Prompt | tuple[int, ...], *, afresh: bool = False
    ) -> list[int]:
        if isinstance(prompt, Prompt):
            self._refuse_giant(prompt)
            ids = encode_prompt(prompt, vocabulary=self._vocabulary)
            ids = ids if afresh else self._as_spelled_before(ids)
        else:
            ids = list(prompt)
            self._check_ids(ids)
        if not ids:
            raise RequestError("The prompt is empty.")
        return ids

    def _refuse_giant(self, prompt: Prompt) -> None:
        """Megabytes that cannot fit are not tokenized: that takes half a minute."""
        if len(prompt.text) <= self._n_ctx * _SHORT_PIECE:
            return
        least = len(prompt.text) // self._vocabulary.longest_piece
        if least > self._n_ctx:
            raise ContextOverflowError(
                prompt_tokens=least, n_ctx=self._n_ctx, counted=False
            )

    def _as_spelled_before(self, ids: list[int]) -> list[int]:
        """The same text in the tokens that an earlier answer was sampled in."""
        pieces, special = self._vocabulary.pieces, self._vocabulary.special
        found = [
            (common_prefix(spelled, earlier), spelled)
            for earlier in list(self._earlier)
            for spelled in [retrace(ids, earlier, pieces=pieces, special=special)]
        ]
        longest = max(found, key=lambda entry: entry[0], default=(0, ids))
        return longest[1] if longest[0] > 0 else ids

    def _check_ids(self, ids: list[int]) -> None:
        n_vocab = len(self._vocabulary)
        wrong = [token for token in ids if not 0 <= token < n_vocab]
        if wrong:
            raise OptionError(
                "prompt", f"{wrong[0]} is no token of this model (0..{n_vocab - 1})"
            )

    def close(self) -> None:
        """Free the model and stop the thread; open generations end as cancelled."""
        self._finalizer()

    def __reduce__(self) -> str:
        raise TypeError("a loaded model cannot be copied or pickled; load it there")

    def __enter__(self) -> LlamaEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _closer(loaded: Loaded) -> Callable[[], None]:
    """A function that ends the writing and frees the context, then the model."""
    context, model, recall = loaded.context, loaded.model, loaded.recall
    draft = loaded.draft

    def close() -> None:
        recall.close()
        if draft is not None:
            draft.close()
        context.close()
        model.close()

    return close


def _prepare(model: LlamaModel) -> None:
    """Sort all tokens and keep them, unless the engine is closed meanwhile."""
    with suppress(EngineError):
        _ = model.vocabulary.sorted_pieces
        model.keep_vocabulary()
