"""An engine that reads its answers from a script: the public test double.

Tests of everything above the engine (chat, tool loop, server, terminal) use it in
place of a model. It knows what a real engine knows: stop texts, `max_tokens`, the
context's length, prefix reuse and constraints. It does not choose words.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..errors import ContextOverflowError, GenerationError
from ..events import FinishReason, TokenProb, Usage
from ..grammar.constraint import ConstraintState
from ..prompt.rendered import Prompt
from .base import (
    Engine,
    EngineFinish,
    EngineItem,
    GenerationRequest,
    ModelInfo,
    Piece,
    PrefillProgress,
    PromptProbs,
    TokenizeMode,
)

#: One answer: its text, its text already cut in tokens, an error to raise instead,
#: or a function that looks at the request and returns one of these.
ScriptedAnswer: TypeAlias = (
    str
    | Sequence[str]
    | Exception
    | Callable[[GenerationRequest], "str | Sequence[str] | Exception"]
)

_TOKEN = re.compile(r"</?\|?\w+\|?>|\w+|\s+|[^\w\s]")
_PREFILL_BATCH_TOKENS = 512


class ScriptedEngine:
    """Answers request number n with entry number n of a script.

    Tokens are words, runs of white space, single punctuation marks and whole tags.

    Attributes:
        requests: Every request, in order.
        n_cancelled: How many generations were closed before their end.
        closed: Whether `close` was called.
    """

    def __init__(
        self,
        answers: Iterable[ScriptedAnswer] = (),
        *,
        strict: bool = False,
        n_ctx: int = 8192,
        metadata: Mapping[str, str] | None = None,
        delay_s: float = 0.0,
    ) -> None:
        """Prepare the script.

        Args:
            answers: What to say; more can be added with `script`.
            strict: Raise when an answer breaks the request's constraint, so that a
                test proves that the script is something a model could write.
            n_ctx: Context length in tokens.
            metadata: Stands for the metadata of the GGUF file.
            delay_s: Pause before each token.
        """
        self.requests: list[GenerationRequest] = []
        self.n_cancelled = 0
        self.closed = False
        self._answers = list(answers)
        self._strict = strict
        self._delay_s = delay_s
        self._ids: dict[str, int] = {}
        self._texts: list[str] = []
        self._seen: list[int] = []
        self._lock = threading.Lock()
        self._info = ModelInfo(
            path="",
            name="scripted",
            architecture="script",
            n_params=0,
            size_bytes=0,
            n_ctx=n_ctx,
            n_ctx_train=n_ctx,
            n_vocab=0,
            metadata=dict(metadata or {}),
            backend="script",
        )

    @property
    def info(self) -> ModelInfo:
        """What the model is."""
        return self._info

    @property
    def prompts(self) -> list[str]:
        """The prompt text of every request, in order."""
        return [
            request.prompt.text
            if isinstance(request.prompt, Prompt)
            else self.detokenize(list(request.prompt)).decode()
            for request in self.requests
        ]

    def script(self, *answers: ScriptedAnswer) -> None:
        """Add answers at the end of the script."""
        with self._lock:
            self._answers.extend(answers)

    def tokenize(self, text: str, *, mode: TokenizeMode = "text") -> list[int]:
        """Token ids of `text`; both modes are alike here."""
        return [self._token_id(token) for token in _TOKEN.findall(text)]

    def detokenize(self, token_ids: list[int]) -> bytes:
        """The text of the tokens, as UTF-8."""
        return "".join(self._texts[token_id] for token_id in token_ids).encode()

    def count_tokens(self, prompt: Prompt) -> int:
        """How many tokens the prompt has, with one for BOS."""
        return 1 + len(self.tokenize(prompt.text))

    def require_room(self, prompt: Prompt) -> None:
        """Refuse a prompt as `generate` would, before anything else is done for it.

        Raises:
            ContextOverflowError: the prompt leaves no room.
        """
        self._require_room(self.count_tokens(prompt))

    def generate(self, request: GenerationRequest) -> ScriptedStream:
        """Play the next answer.

        Raises:
            ContextOverflowError: the prompt leaves no room.
            GenerationError: the engine is closed, the script is at its end, or
                (when strict) the answer breaks the constraint.
        """
        prompt = request.prompt
        tokens = (
            self.tokenize(prompt.text) if isinstance(prompt, Prompt) else list(prompt)
        )
        n_prompt = len(tokens) + isinstance(prompt, Prompt)
        self._require_room(n_prompt)
        with self._lock:
            if self.closed:
                raise GenerationError("the engine is closed")
            if not self._answers:
                raise GenerationError("the script has no further answer")
            self.requests.append(request)
            answer = self._answers.pop(0)
            cached = _common_prefix(self._seen, tokens)
        return ScriptedStream(self._play(request, answer, tokens, n_prompt, cached))

    def pulse(self) -> None:
        """None: it has no thread of its own that could hang."""

    def close(self) -> None:
        """Refuse further requests."""
        self.closed = True

    def _require_room(self, n_prompt: int) -> None:
        if n_prompt >= self._info.n_ctx:
            raise ContextOverflowError(prompt_tokens=n_prompt, n_ctx=self._info.n_ctx)

    def _token_id(self, token: str) -> int:
        with self._lock:
            if token not in self._ids:
                self._ids[token] = len(self._texts)
                self._texts.append(token)
            return self._ids[token]

    def _prompt_probs(
        self, request: GenerationRequest, prompt_ids: list[int]
    ) -> PromptProbs:
        # BOS is not among the script's tokens: behind it all have one before.
        scored = prompt_ids[0 if isinstance(request.prompt, Prompt) else 1 :]
        texts = [self.detokenize([token]).decode() for token in scored]
        probs = [self._piece(text, request.n_probs).probs for text in texts]
        return PromptProbs(tuple(itertools.chain(*probs)))

    def _play(
        self,
        request: GenerationRequest,
        answer: ScriptedAnswer,
        prompt_ids: list[int],
        n_prompt: int,
        cached: int,
    ) -> Generator[EngineItem, None, None]:
        try:
            started = time.perf_counter()
            yield PrefillProgress(cached, n_prompt)
            for done in range(cached, n_prompt, _PREFILL_BATCH_TOKENS):
                yield PrefillProgress(
                    min(done + _PREFILL_BATCH_TOKENS, n_prompt), n_prompt
                )
            if request.prompt_probs:
                yield self._prompt_probs(request, prompt_ids)
            text = answer(request) if callable(answer) else answer
            if isinstance(text, Exception):
                raise text
            pieces = _TOKEN.findall(text) if isinstance(text, str) else list(text)
            room = self._info.n_ctx - n_prompt
            pieces, reason, stop_text = _cut(pieces, request, room)
            state = request.constraint.start() if request.constraint else None
            self._seen = prompt_ids
            decoding = time.perf_counter()
            for piece in pieces:
                if self._delay_s:
                    time.sleep(self._delay_s)
                state = self._advance(state, piece, "".join(pieces))
                self._seen = [*self._seen, self._token_id(piece)]
                yield self._piece(piece, request.n_probs)
            complete = state is None or state.may_end
            if self._strict and reason == "stop" and not complete:
                raise GenerationError(
                    f"the grammar cannot end after {''.join(pieces)!r}"
                )
            usage = Usage(
                prompt_tokens=n_prompt,
                cached_tokens=cached,
                completion_tokens=len(pieces),
                prefill_s=decoding - started,
                decode_s=time.perf_counter() - decoding,
            )
            seed = request.sampling.seed or 0
            yield EngineFinish(reason, usage, seed, complete, stop_text)
        except GeneratorExit:
            self.n_cancelled += 1
            raise

    def _advance(
        self, state: ConstraintState | None, piece: str, text: str
    ) -> ConstraintState | None:
        if state is None:
            return None
        after = state.advance(piece.encode())
        if after is None and self._strict:
            raise GenerationError(f"the grammar forbids {piece!r} in {text!r}")
        return after

    def _piece(self, text: str, n_probs: int | None) -> Piece:
        token_id, raw = self._token_id(text), text.encode()
        top = ((token_id, raw, 0.0),)[:n_probs]
        probs = () if n_probs is None else (TokenProb(token_id, raw, 0.0, top),)
        return Piece(text, (token_id,), probs)


class ScriptedStream:
    """The items of one generation; any thread may close it."""

    def __init__(self, play: Generator[EngineItem, None, None]) -> None:
        self._play = play
        self._closed = threading.Event()

    def __iter__(self) -> ScriptedStream:
        return self

    def __next__(self) -> EngineItem:
        if not self._closed.is_set():
            item = next(self._play)
            if not self._closed.is_set():
                return item
            # `close` could not end a generator that was running.
            self._play.close()
        raise StopIteration

    def close(self) -> None:
        """End the generation; a thread that waits in `next` ends with it."""
        self._closed.set()
        # A generator that runs in another thread cannot be closed: `next` does it.
        with contextlib.suppress(ValueError):
            self._play.close()


if TYPE_CHECKING:
    # A type checker says here where the double is no engine any more.
    _DOUBLE: type[Engine] = ScriptedEngine


def _common_prefix(a: list[int], b: list[int]) -> int:
    n = 0
    while n < len(a) and n < len(b) and a[n] == b[n]:
        n += 1
    return n


def _cut(
    pieces: list[str], request: GenerationRequest, room: int
) -> tuple[list[str], FinishReason, str | None]:
    """The pieces that a real engine would let out, and why it stopped there."""
    text = "".join(pieces)
    until = text.find(request.stop_until) if request.stop_until else -1
    heeded = text[:until] if until >= 0 else text
    ends = [(at, stop) for stop in request.stop if (at := heeded.find(stop)) >= 0]
    end, stop_text = min(ends, default=(len(text), None))
    kept: list[str] = []
    limit = room if request.max_tokens is None else min(request.max_tokens, room)
    for piece in pieces:
        if end == 0:
            break
        if len(kept) == limit:
            return kept, "length", None
        kept.append(piece[:end])
        end -= len(kept[-1])
    return kept, "stop", stop_text
