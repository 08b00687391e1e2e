"""A model that converses: messages and tools in, events out.

Knows the order of the road (validate, render, constrain, generate, parse), and which
dialect and prompt style a model speaks. Each station has its own room. It executes no
tools: `tool_loop` does.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from ..catalog import ModelSpec
from ..engine.base import Engine, GenerationRequest
from ..errors import OptionError
from ..messages import JsonObject, Message, Tool, ToolChoice
from ..options import SamplingOptions, require, require_count
from ..parsing import TOOL_RESULT_TAGS, OutputParser
from ..prompt import (
    DEFAULT_STYLE,
    Prompt,
    get_dialect,
    get_style,
    render_prompt,
)
from ..tags import TOOL_CALL_OPEN
from .answer_form import AnswerForm
from .check import is_valid_call
from .completion import Completion
from .enforcement import Enforcement
from .identify import options_of_metadata, options_of_spec
from .own_grammar import GrammarLike, to_constraint
from .recheck import complete_checked
from .stream import ChatStream

_log = logging.getLogger(__name__)


class ChatModel:
    """An engine that speaks one Hermes dialect. Safe to use from many threads.

    Attributes:
        engine: The engine below.
        sampling: How tokens are chosen when a request does not say.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        dialect: str = "chatml",
        style: str = DEFAULT_STYLE,
        default_system: str | None = None,
        thinking_prompt: str | None = None,
        sampling: SamplingOptions | None = None,
        lenient: bool = False,
        on_unsupported: Literal["refuse", "check"] = "refuse",
        date: datetime.date | None = None,
        few_shot: Sequence[Message] = (),
        keep_reasoning: bool = False,
    ) -> None:
        """Join an engine with the way its model was trained.

        Args:
            engine: What generates text.
            dialect: "chatml" or "llama3".
            style: One of `prompt.PROMPT_STYLES`.
            default_system: System text of a conversation that has none.
            thinking_prompt: The model's own directive for reasoning.
            sampling: Defaults for requests; None is the model card's.
            lenient: Also read calls in foreign wrappers, bare or fenced.
            on_unsupported: What to do with a schema keyword that no grammar can
                enforce: refuse the request, or leave it to a check.
            date: Today, for a style that names it; None is the day of the request.
            few_shot: An example conversation, shown before every real one.
            keep_reasoning: Repeat the reasoning of earlier answers in the history.

        Raises:
            OptionError: the style or the dialect does not exist, or a value cannot be.
        """
        is_choice = on_unsupported in ("refuse", "check")
        require(is_choice, "on_unsupported", 'must be "refuse" or "check"')
        _require_kinds(
            sampling=sampling,
            default_system=default_system,
            thinking_prompt=thinking_prompt,
            lenient=lenient,
            date=date,
            keep_reasoning=keep_reasoning,
        )
        self.engine = engine
        self.sampling = sampling or SamplingOptions()
        self._style = get_style(style)
        self._dialect = get_dialect(dialect, style=self._style).name
        self._default_system = default_system
        self._thinking_prompt = thinking_prompt
        self._lenient = lenient
        self._on_unsupported = on_unsupported
        self._date = date
        self._few_shot = tuple(few_shot)
        self._keep_reasoning = keep_reasoning

    @classmethod
    def from_spec(
        cls, engine: Engine, spec: ModelSpec | None = None, **options: Any
    ) -> ChatModel:
        """Set up for a catalogue entry, or by the metadata of an unknown file.

        Args:
            engine: What generates text.
            spec: The catalogue's entry; None reads `engine.info.metadata`.
            **options: Override what was found, as in `ChatModel`.

        Raises:
            OptionError: the metadata do not tell the dialect.
        """
        if spec is None:
            found = options_of_metadata(engine, given=options)
        else:
            found = options_of_spec(spec)
        return cls(engine, **{**found, **options})

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Tool] = (),
        tool_choice: ToolChoice = "auto",
        parallel_tool_calls: bool = True,
        json_schema: JsonObject | None = None,
        closed_schema: bool = True,
        sampling: SamplingOptions | None = None,
        max_tokens: int | None = None,
        stop: str | Sequence[str] | None = (),
        thinking: bool = False,
        constraint: GrammarLike | None = None,
        constrain: bool = True,
        jump_forward: bool = True,
        priority: int = 0,
        top_logprobs: int | None = None,
    ) -> ChatStream:
        """Answer a conversation, event by event.

        Args:
            messages: The conversation; the model speaks next.
            tools: What the model may call.
            tool_choice: "auto", "required", "none" or one `NamedTool`.
            parallel_tool_calls: Whether one answer may hold several calls.
            json_schema: What a JSON answer obeys; prompt and grammar both say it.
            closed_schema: Its objects allow no extra keys unless they say so.
            sampling: How tokens are chosen; None is the model's default.
            max_tokens: Tokens of the answer at most.
            stop: Texts that end the answer and are not part of it.
            thinking: Ask for reasoning first.
            constraint: A grammar of the caller's own, in place of ours: GBNF text, or
                what `compile_schema` returns.
            constrain: Enforce calls and JSON by grammar; off, only ask for them.
            jump_forward: Decode text that the grammar forces as a batch.
            priority: Lower runs first when requests wait.
            top_logprobs: Report each token of the text with its log probability, and
                so many of the likeliest in its place; None reports nothing. What a
                grammar dictates is then chosen by the model too, as far as it can be.

        Raises:
            RequestError: messages, tools, schema or options cannot be; the
                ContextOverflowError may come from the first `next`.
        """
        form = AnswerForm(
            tuple(tools),
            tool_choice,
            parallel_tool_calls=parallel_tool_calls,
            json_schema=json_schema,
            closed_schema=closed_schema,
            thinking=thinking,
        )
        prompt = self._prompt(messages, form)
        require(isinstance(constrain, bool), "constrain", "must be True or False")
        if top_logprobs is not None:
            require_count("top_logprobs", top_logprobs, least=0)
        grammar = to_constraint(constraint)
        is_ours = constrain and grammar is None
        enforcement = Enforcement()
        if is_ours:
            # A giant schema may take minutes to compile: not for a prompt that its own
            # text makes too long.
            self.engine.require_room(prompt)
            grammar = form.compile_constraint(self._style, self._on_unsupported)
            enforcement = Enforcement.of(grammar)
        request = GenerationRequest(
            prompt=prompt,
            sampling=sampling or self.sampling,
            max_tokens=max_tokens,
            constraint=grammar,
            stop=_stop_texts(stop, is_free=form.has_tools and not grammar),
            # What a call is made of is not the text that stop texts are about.
            stop_until=TOOL_CALL_OPEN if form.has_tools and is_ours else "",
            jump_forward=jump_forward,
            priority=priority,
            n_probs=top_logprobs,
        )
        parser = self._parser(form)
        items = self.engine.generate(request)
        return ChatStream(items, parser, enforcement=enforcement)

    def complete(
        self, messages: Sequence[Message], *, max_retries: int = 2, **options: Any
    ) -> Completion:
        """The whole answer; the further options are those of `stream`.

        Args:
            messages: The conversation; the model speaks next.
            max_retries: New attempts after an answer that breaks a keyword which no
                grammar enforces; only with `on_unsupported="check"`.
            **options: As in `stream`.

        Raises:
            OutputError: no attempt gave a valid answer.
        """
        require_count("max_retries", max_retries, least=0)
        if self._on_unsupported == "refuse" or options.get("constrain") is False:
            return self.ask(messages, **options)
        return complete_checked(
            partial(self.ask, **options),
            messages,
            tools=options.get("tools", ()),
            json_schema=options.get("json_schema"),
            max_retries=max_retries,
        )

    def ask(self, messages: Sequence[Message], **options: Any) -> Completion:
        """One attempt at an answer; its `enforcement` says what no grammar enforced.

        Args:
            messages: The conversation; the model speaks next.
            **options: As in `stream`.
        """
        with self.stream(messages, **options) as stream:
            for _ in stream:
                pass
            return stream.completion()

    def render(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Tool] = (),
        json_schema: Mapping[str, Any] | None = None,
        thinking: bool = False,
    ) -> Prompt:
        """The exact text that the model would read."""
        return render_prompt(
            messages,
            tools=tools,
            dialect=self._dialect,
            style=self._style,
            json_schema=json_schema,
            default_system=self._default_system,
            thinking=thinking,
            thinking_prompt=self._thinking_prompt,
            date=self._today(),
            few_shot=self._few_shot,
            keep_reasoning=self._keep_reasoning,
        )

    def close(self) -> None:
        """Free the model below."""
        self.engine.close()

    def _prompt(self, messages: Sequence[Message], form: AnswerForm) -> Prompt:
        prompt = self.render(
            messages,
            tools=form.shown_tools,
            json_schema=form.json_schema,
            thinking=form.thinking,
        )
        _log.debug("prompt: %s", prompt.text)
        return prompt

    def _parser(self, form: AnswerForm) -> OutputParser:
        tools = form.shown_tools
        # A JSON answer may look like a call without tags, so none is looked for.
        names = {tool.name for tool in tools} if form.json_schema is None else None
        return OutputParser(
            tool_calls=bool(tools),
            tool_names=names,
            accept_bare=lambda call: is_valid_call(call, tools, trusted=False),
            lenient=self._lenient,
        )

    def _today(self) -> datetime.date | None:
        if not self._style.uses_date:
            return None
        return self._date or datetime.date.today()


#: What an option of a model may be, and how that is called.
_KINDS: Mapping[str, tuple[Any, str]] = {
    "sampling": (SamplingOptions | None, "SamplingOptions"),
    "default_system": (str | None, "a text"),
    "thinking_prompt": (str | None, "a text"),
    "lenient": (bool, "True or False"),
    "date": (datetime.date | None, "a date"),
    "keep_reasoning": (bool, "True or False"),
}


def _require_kinds(**said: Any) -> None:
    for name, value in said.items():
        kind, called = _KINDS[name]
        problem = f"must be {called}, not {value!r}"
        require(isinstance(value, kind), name, problem)


def _stop_texts(stop: str | Sequence[str] | None, *, is_free: bool) -> tuple[str, ...]:
    if not isinstance(stop, str | Iterable | None) or isinstance(stop, bytes):
        raise OptionError("stop", f"must be texts, not {stop!r}")
    given = (stop,) if isinstance(stop, str) else tuple(stop or ())
    # Nothing else ends a free answer that goes on to invent tool results.
    return (*given, *(TOOL_RESULT_TAGS if is_free else ()))
