"""Options that are passed on by name: what each method takes, for people and editors.

They are checked where the caller can still be told: a misspelled one would end in an
error about a method that the caller never called.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict

from ..messages import JsonObject, Message, ToolChoice
from ..options import KVType, SamplingOptions
from .execute import Approve
from .own_grammar import GrammarLike

LogitBias: TypeAlias = Mapping[int, float] | Sequence[tuple[int, float]]


class SamplingByName(TypedDict, total=False):
    """The fields of `SamplingOptions`; `logit_bias` may be a dictionary, too."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float
    repeat_last_n: int
    presence_penalty: float
    frequency_penalty: float
    seed: int | None
    logit_bias: LogitBias


class ExtractByName(SamplingByName, total=False):
    """How an answer is made, whatever it is made of; see `ChatModel.stream`."""

    sampling: SamplingOptions | None
    max_tokens: int | None
    stop: str | Sequence[str] | None
    thinking: bool
    closed_schema: bool
    constrain: bool
    jump_forward: bool
    priority: int


class AnswerByName(ExtractByName, total=False):
    """What an answer is made of, and how; see `ChatModel.stream`."""

    tool_choice: ToolChoice
    parallel_tool_calls: bool
    json_schema: JsonObject | bool | None
    constraint: GrammarLike | None
    top_logprobs: int | None


class ChatByName(AnswerByName, total=False):
    """The same for a whole answer; see `ChatModel.complete`."""

    max_retries: int


class LoopByName(AnswerByName, total=False):
    """The same for each answer of a loop, and the loop's limits; see `ToolLoop`."""

    max_depth: int
    max_calls: int | None
    max_repeats: int
    approve: Approve | None
    timeout_s: float | None
    max_result_chars: int | None


class LoadByName(TypedDict, total=False):
    """The fields of `LoadOptions`."""

    n_ctx: int
    n_slots: int
    n_threads: int
    n_threads_batch: int
    n_batch: int
    gpu_layers: int
    kv_type: KVType
    use_mmap: bool
    use_mlock: bool
    repack: bool | None
    flash_attention: bool | None
    draft_model: str
    disk_cache: bool
    disk_cache_bytes: int


class ModelByName(TypedDict, total=False):
    """How the model was trained to be spoken to; see `ChatModel`."""

    dialect: str
    style: str
    default_system: str | None
    thinking_prompt: str | None
    sampling: SamplingOptions | None
    lenient: bool
    on_unsupported: Literal["refuse", "check"]
    date: datetime.date | None
    few_shot: Sequence[Message]
    keep_reasoning: bool


class HermesByName(LoadByName, SamplingByName, ModelByName, total=False):
    """What `Hermes` takes beside its model."""


#: What other programs call an option, where the names are not alike.
_ELSEWHERE: Mapping[str, str] = {
    "format": "json_schema",
    "grammar": "constraint",
    "logprobs": "top_logprobs",
    "num_predict": "max_tokens",
    "response_format": "json_schema",
}


def names_of(kind: type) -> frozenset[str]:
    """The options that one of the classes above lists."""
    return frozenset(kind.__annotations__)


def require_known(names: Iterable[str], kind: type, *, method: str) -> None:
    """Check that each name is one of those that `kind` lists.

    Args:
        names: The options' names.
        kind: One of the classes above.
        method: What the caller called, for the message.

    Raises:
        TypeError: one is not; the message names the closest that is.
    """
    known = names_of(kind)
    for name in names:
        if name not in known:
            raise TypeError(f"{method}() has no option {name!r}{_meant(name, known)}")


def _meant(name: str, known: frozenset[str]) -> str:
    """The end of the sentence that says which of the known names was meant."""
    elsewhere = _ELSEWHERE.get(name)
    if elsewhere not in known:
        elsewhere = next(
            iter(difflib.get_close_matches(name, sorted(known), n=1)), None
        )
    return f"; did you mean {elsewhere!r}?" if elsewhere else ""
