"""A running answer: iterate its events, close it from any thread.

Joins the engine's pieces with the parser. It decides nothing about prompts or
grammars: `model` did that before the stream was made.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from ..engine.base import EngineFinish, EngineItem, Piece, PrefillProgress
from ..events import Event, Finish, TextDelta, ToolCallEnded
from ..parsing import OutputParser
from .completion import Completion, CompletionBuilder
from .enforcement import Enforcement
from .token_trace import TokenTrace

StreamItem: TypeAlias = Event | PrefillProgress

_log = logging.getLogger(__name__)


class ChatStream:
    """Iterator over the events of one answer; the last one is `Finish`.

    Closing cancels the generation; what was said until then stays in `completion`.
    `async for` waits without holding up the event loop; leaving it, and a task that is
    cancelled in it, close the stream.

    Attributes:
        enforcement: What holds the answer to the schemas that it was asked for.
    """

    def __init__(
        self,
        items: Iterator[EngineItem],
        parser: OutputParser,
        *,
        enforcement: Enforcement,
    ) -> None:
        self.enforcement = enforcement
        self._items = items
        self._parser = parser
        self._trace = TokenTrace()
        self._ready: deque[StreamItem] = deque()
        self._builder = CompletionBuilder(enforcement=enforcement)
        self._n_calls = 0
        self._flushed = False
        self._closed = False

    def __iter__(self) -> ChatStream:
        return self

    def __aiter__(self) -> AsyncIterator[StreamItem]:
        from .pump import read_all

        return read_all(self)

    def __next__(self) -> StreamItem:
        while not self._ready:
            if self._closed or self._flushed:
                raise StopIteration
            item = next(self._items)
            match item:
                case PrefillProgress():
                    return item
                case Piece(text, _, probs):
                    self._trace.feed(probs)
                    self._take(self._traced(self._parser.feed(text)))
                case EngineFinish():
                    self._finish(item)
        return self._ready.popleft()

    def close(self) -> None:
        """Cancel the generation; also while another thread waits in `next`."""
        self._closed = True
        close = getattr(self._items, "close", None)
        if close is not None:
            close()

    def completion(self) -> Completion:
        """The answer as far as it was read, after the end or after `close`."""
        self._flush()
        return self._builder.completion()

    def __enter__(self) -> ChatStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _traced(self, events: Iterable[Event]) -> Iterator[Event]:
        """The parser's events, each text with its tokens."""
        places = iter(self._parser.shown)
        for event in events:
            if isinstance(event, TextDelta):
                tokens = self._trace.take(*next(places))
                event = replace(event, probs=tuple(t.prob for t in tokens))
            yield event

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            self._n_calls += isinstance(event, ToolCallEnded)
            self._builder.feed(event)
            self._ready.append(event)

    def _flush(self) -> None:
        if not self._flushed:
            self._flushed = True
            self._take(self._traced(self._parser.flush()))

    def _finish(self, item: EngineFinish) -> None:
        self._flush()
        reason = item.reason
        if reason == "stop" and self._n_calls:
            reason = "tool_calls"
        _log.debug("answer: %s", self._builder.completion().message)
        last = Finish(reason, item.usage, item.seed, item.complete, item.stop_text)
        self._take([last])
