"""The seam between conversations and models: `Engine`, and what goes in and out.

An engine reads prompts and writes text. It knows no messages, tools or schemas, and
its callers know no tokens, slots or KV caches.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from ..events import FinishReason, TokenProb, Usage
from ..grammar.constraint import Constraint
from ..options import SamplingOptions, require, require_switches, require_whole
from ..prompt.rendered import Prompt


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model says of itself.

    Attributes:
        path: The file; empty for a scripted engine.
        name: `general.name` of the file.
        architecture: `general.architecture`, for example "llama".
        n_params: Number of weights.
        size_bytes: Bytes of all tensors.
        n_ctx: Context length in tokens for one sequence, as loaded.
        n_ctx_train: Context length that the model was trained with.
        n_vocab: Tokens in the vocabulary.
        metadata: All string metadata of the file, chat templates included.
        backend: Where it runs, for a person: "CPU (AVX512, 2 threads)", ...
    """

    path: str
    name: str
    architecture: str
    n_params: int
    size_bytes: int
    n_ctx: int
    n_ctx_train: int
    n_vocab: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    backend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """One answer to generate.

    Attributes:
        prompt: Text to read; or token ids, which are taken as they are (no BOS).
        sampling: How tokens are chosen.
        max_tokens: Tokens of the answer at most, if the context holds as many; None
            is until the context is full.
        constraint: Grammar that the whole answer obeys, or None.
        stop: Texts that end the answer and are not part of it; none is empty.
        stop_until: From this text on no stop text counts; empty for never.
        jump_forward: Decode text that the grammar forces as a batch.
        prompt_lookup: Guess tokens that repeat the prompt and verify them as a batch.
        priority: Lower runs first when requests wait ("interactive" 0, batch 10).
        n_probs: Report each token's log probability, and so many of the likeliest in
            its place; None reports nothing. With it no token is taken without asking
            the model, also where the grammar dictates one.
        prompt_probs: Report the prompt's tokens too, but for the first, which follows
            nothing. The prompt is then read anew and more slowly, and takes no
            constraint.

    Raises:
        OptionError: a value cannot be.
    """

    prompt: Prompt | tuple[int, ...]
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    max_tokens: int | None = None
    constraint: Constraint | None = None
    stop: tuple[str, ...] = ()
    stop_until: str = ""
    jump_forward: bool = True
    prompt_lookup: bool = True
    priority: int = 0
    n_probs: int | None = None
    prompt_probs: bool = False

    def __post_init__(self) -> None:
        # What an engine's thread cannot work with would end it for everybody.
        if self.max_tokens is not None:
            require_whole(self, "max_tokens")
            require(self.max_tokens >= 0, "max_tokens", "must not be negative")
        require_whole(self, "priority")
        if self.n_probs is not None:
            require_whole(self, "n_probs")
            require(self.n_probs >= 0, "n_probs", "must not be negative")
        require_switches(self, "jump_forward", "prompt_lookup", "prompt_probs")
        is_possible = self.n_probs is not None and self.constraint is None
        is_possible = is_possible or not self.prompt_probs
        require(is_possible, "prompt_probs", "needs n_probs, and no constraint")
        for text in self.stop:
            require(type(text) is str, "stop", f"must be texts, not {text!r}")
            require(text != "", "stop", "an empty text would stop at once")
        is_options = isinstance(self.sampling, SamplingOptions)
        require(
            is_options, "sampling", f"must be SamplingOptions, not {self.sampling!r}"
        )
        is_grammar = self.constraint is None or hasattr(self.constraint, "start")
        require(is_grammar, "constraint", f"{self.constraint!r} is no grammar")


@dataclass(frozen=True, slots=True)
class PrefillProgress:
    """How much of the prompt was read; emitted before the first prefill batch too.

    What the cache holds counts as read.
    """

    done_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class PromptProbs:
    """The prompt's tokens from the second on, special ones spelled out.

    Comes once, before all pieces, where `prompt_probs` asked for it.
    """

    probs: tuple[TokenProb, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer's text: whole code points, stop texts withheld."""

    text: str
    token_ids: tuple[int, ...] = ()
    probs: tuple[TokenProb, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineFinish:
    """The last item of every generation that was not closed before its end.

    `complete` is False when a constrained answer was cut where the grammar could
    not end. `stop_text` is the one of the request's stop texts that ended it.
    """

    reason: FinishReason
    usage: Usage
    seed: int
    complete: bool = True
    stop_text: str | None = None


EngineItem: TypeAlias = PrefillProgress | PromptProbs | Piece | EngineFinish
TokenizeMode: TypeAlias = Literal["text", "markup"]


class Generation(Iterator[EngineItem], Protocol):
    """A running generation: iterate it in one thread, close it from any."""

    def close(self) -> None:
        """Cancel, also while another thread waits in `next`, which then ends."""


class Engine(Protocol):
    """A model that generates text. Safe to call from any thread."""

    @property
    def info(self) -> ModelInfo:
        """What the model is."""

    def tokenize(self, text: str, *, mode: TokenizeMode = "text") -> list[int]:
        """Token ids of `text`, without BOS; "markup" reads special tokens."""

    def detokenize(self, token_ids: list[int]) -> bytes:
        """The bytes of the tokens, special ones spelled out."""

    def count_tokens(self, prompt: Prompt) -> int:
        """How many tokens the prompt has, BOS included."""

    def require_room(self, prompt: Prompt) -> None:
        """Refuse a prompt as `generate` would, before anything else is done for it.

        Raises:
            ContextOverflowError: the prompt leaves no room.
        """

    def generate(self, request: GenerationRequest) -> Generation:
        """Read the prompt, then yield the answer piece by piece.

        Closing the iterator cancels within one decode, in prefill too, and keeps
        what was read for the next request with the same beginning.

        Raises:
            ContextOverflowError: the prompt leaves no room (before any work).
            ModelChangedError: the file was written to since it was loaded.
            GenerationError: llama.cpp failed; the engine stays usable.
        """

    def pulse(self) -> Hashable | None:
        """A value that keeps changing while there is work; None while there is none.

        One that stays the same for minutes says that the engine hangs.
        """

    def close(self) -> None:
        """Free the model and stop the thread; open generations end as cancelled."""
