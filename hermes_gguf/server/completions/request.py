"""A request for raw completions → the engine's requests. Pure; refuses by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from ...engine.base import GenerationRequest
from ...errors import OptionError
from ...options import SamplingOptions
from ...prompt.rendered import Prompt
from ..convert import n_choices, refuse_foreign, sampling_of, stop_texts
from ..served import seeded
from .wire import CompletionRequest

#: A text, in which the texts of special tokens are these tokens; or token ids.
RawPrompt: TypeAlias = str | tuple[int, ...]

#: The most alternatives that this API knows.
_MOST_TOP = 5
#: Answers that one request may have in all.
_MOST_ANSWERS = 64
_ELSEWHERE = "/v1/chat/completions has it"
#: Fields of the chat endpoint that would change the answer, each with the values that
#: ask for nothing.
_CHAT_ONLY: dict[str, tuple[Any, ...]] = {
    "messages": (),
    "tools": ([],),
    "tool_choice": ("auto", "none"),
    "response_format": ({"type": "text"},),
    "thinking": (False,),
    "chat_template_kwargs": ({},),
    "top_logprobs": (0,),
    "max_completion_tokens": (),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for.

    Attributes:
        prompts: What to go on from.
        requests: For each prompt its answers.
        echo: Whether each answer begins with its prompt.
    """

    prompts: list[RawPrompt]
    requests: list[list[GenerationRequest]]
    echo: bool


def read_request(request: CompletionRequest, *, sampling: SamplingOptions) -> Asked:
    """The request in our terms; `sampling` holds what it leaves unsaid.

    Raises:
        OptionError: a field asks for something that is not supported.
    """
    n = n_choices(request.n)
    _refuse_unsupported(request, n)
    prompts = _prompts(request.prompt)
    if len(prompts) * n > _MOST_ANSWERS:
        problem = f"one request may have {_MOST_ANSWERS} answers in all"
        raise OptionError("prompt", problem, hint="send fewer prompts at once")
    samplings = seeded(sampling_of(request, sampling), n)
    requests = [
        [_generation(request, prompt, one) for one in samplings] for prompt in prompts
    ]
    return Asked(prompts, requests, bool(request.echo))


def _generation(
    request: CompletionRequest, prompt: RawPrompt, sampling: SamplingOptions
) -> GenerationRequest:
    return GenerationRequest(
        prompt=Prompt(prompt) if isinstance(prompt, str) else prompt,
        sampling=sampling,
        max_tokens=request.max_tokens,
        stop=stop_texts(request.stop),
        n_probs=request.logprobs,
        prompt_probs=bool(request.echo) and request.logprobs is not None,
    )


def _refuse_unsupported(request: CompletionRequest, n: int) -> None:
    if request.suffix:
        raise OptionError("suffix", "not supported; text is only added at the end")
    if request.best_of not in (None, 1, n):
        raise OptionError("best_of", "not supported; ask for `n` and choose yourself")
    if not 0 <= (request.logprobs or 0) <= _MOST_TOP:
        raise OptionError("logprobs", f"must be in 0..{_MOST_TOP}")
    for name, value in (request.model_extra or {}).items():
        if name in _CHAT_ONLY and value is not None and value not in _CHAT_ONLY[name]:
            raise OptionError(name, "not supported here", hint=_ELSEWHERE)
    refuse_foreign(request, instead="/v1/chat/completions takes JSON Schemas")


def _prompts(said: Any) -> list[RawPrompt]:
    match said:
        case str():
            return [said]
        case [str(), *_] if all(isinstance(text, str) for text in said):
            return list(said)
        case [int(), *_] if _are_ids(said):
            return [tuple(said)]
        case [list(), *_] if all(map(_are_ids, said)):
            return [tuple(ids) for ids in said]
    raise OptionError("prompt", "must be a text, token ids, or a list of either")


def _are_ids(said: Any) -> bool:
    return isinstance(said, list) and all(type(token) is int for token in said)
