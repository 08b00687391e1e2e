"""The one road from model text to events, whichever way the text was cut.

A state machine over tags and call objects: each method named `_in_*` consumes what
it can be sure of, and says whether it got on. Text is never thrown away: what is no
call comes out as text or inside a `ToolCallFailed`. It knows no tokens, and it does
not know whether a call's arguments fit the tool's schema.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection

from .. import tags
from ..errors import ToolCallSyntaxError
from ..events import Event, ReasoningDelta, TextDelta, ToolCallEnded, ToolCallFailed
from ..messages import ToolCall
from . import spelling
from .call_reader import CallReader
from .channel import Channel
from .tag_finder import TagFinder
from .text_machine import TextMachine

_CUT_OFF = "the call is cut off before its end"


def new_call_id() -> str:
    """A fresh id for a tool call; the model never sees it."""
    return "call_" + secrets.token_hex(12)


class OutputParser(TextMachine):
    """Turns the text of one assistant turn into events.

    The events' texts, joined, do not depend on how the text was cut.
    """

    def __init__(
        self,
        *,
        tool_calls: bool = True,
        tool_names: Collection[str] | None = None,
        accept_bare: Callable[[ToolCall], bool] = lambda call: True,
        lenient: bool = False,
        in_reasoning: bool = False,
        new_id: Callable[[], str] = new_call_id,
    ) -> None:
        """Prepare for one turn.

        Args:
            tool_calls: Look for calls; without, `<tool_call>` is ordinary text.
            tool_names: Names of the known tools; with them, a whole message that is
                one bare JSON object naming one of them counts as a call.
            accept_bare: Asked before a bare object counts as a call: no grammar has
                seen it.
            lenient: Also accept other wrappers (`<tools>`, `<function_call>`), and
                a whole message that is one bare or fenced call of any name.
            in_reasoning: The prompt already opened `<think>`.
            new_id: Makes the ids of the calls.
        """
        self._names = tool_names
        self._accept_bare = accept_bare
        self._new_id = new_id
        self._wrappers: dict[str, str] = {}
        if tool_calls:
            self._wrappers[tags.TOOL_CALL_OPEN] = tags.TOOL_CALL_CLOSE
            self._wrappers |= spelling.LENIENT_WRAPPERS if lenient else {}
        result_tags = spelling.TOOL_RESULT_TAGS if tool_calls else ()
        self._answer_tags = TagFinder(
            [*self._wrappers, *self._wrappers.values(), *spelling.REASONING]
            + [*tags.TURN_ENDS, *result_tags]
        )
        self._bare_start = (
            spelling.FENCED_BARE_START if lenient else spelling.BARE_START
        )
        try_bare = tool_calls and (lenient or tool_names is not None)

        self._text, self._reasoning = Channel(), Channel()
        self._reasoning.end_segment()
        self._reasoning_end = TagFinder([tags.THINK_CLOSE, *tags.TURN_ENDS])
        start = self._in_start if try_bare else self._in_answer
        super().__init__(self._in_reasoning if in_reasoning else start)

        self._events: list[Event] = []
        self._source: list[str] = []
        self._open_tag = self._close_tag = ""
        self._block_tags = self._answer_tags
        self._reader = CallReader(index=0, call_id="")
        self._held_events: list[Event] = []
        self._call_from = 0
        self._problem, self._problem_at = "", 0
        self._failed_index: int | None = None
        self._n_calls = self._block_calls = 0
        self._after_call = self._unclosed = False

    @property
    def stopped(self) -> bool:
        """Whether the rest of the turn is of no interest (invented tool results)."""
        return self._state == self._in_rest

    def feed(self, text: str) -> list[Event]:
        """Read on, and return the events that are certain by now."""
        self._read(text)
        return self._take_events()

    def flush(self) -> list[Event]:
        """Say that the turn is over, and return what was held back."""
        while self._end():
            self._read("")
        return self._take_events()

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _say(self, text: str) -> None:
        if shown := self._text.feed(text):
            self._events.append(TextDelta(shown))

    def _think(self, text: str) -> None:
        if shown := self._reasoning.feed(text):
            self._events.append(ReasoningDelta(shown))

    def _in_start(self) -> bool:
        """Nothing was seen yet: is the whole message a bare call?"""
        if space := spelling.LEADING_SPACE.match(self._buffer):
            self._say(space.group())
            self._buffer = self._buffer[space.end() :]
        elif found := self._bare_start.match(self._buffer):
            self._source = [found.group()]
            self._buffer = self._buffer[found.end() :]
            self._begin_call(self._in_bare_call)
        elif spelling.UNFINISHED_FENCED_START.match(self._buffer):
            return False
        else:
            self._state = self._in_answer
        return True

    def _in_answer(self) -> bool:
        before, tag, rest = self._answer_tags.split(self._buffer)
        self._buffer = rest
        self._say(before)
        if tag in self._wrappers:
            self._open_block(tag)
        elif tag in spelling.REASONING and self._text.at_line_start:
            self._reasoning_end = TagFinder([spelling.REASONING[tag], *tags.TURN_ENDS])
            self._state = self._in_reasoning
        elif tag in tags.TURN_ENDS:
            self._text.hold_turn_end(tag)
        elif tag in spelling.TOOL_RESULT_TAGS and self._after_call:
            self._state = self._in_rest
        elif tag == self._close_tag and self._unclosed:
            self._unclosed = False
            self._text.end_segment()
        else:
            self._say(tag)
        return bool(before or tag)

    def _in_reasoning(self) -> bool:
        before, tag, rest = self._reasoning_end.split(self._buffer)
        self._buffer = rest
        self._think(before)
        if tag in tags.TURN_ENDS:
            self._reasoning.hold_turn_end(tag)
        elif tag:
            self._reasoning.end_segment()
            self._text.end_segment()
            self._state = self._in_answer
        return bool(before or tag)

    def _in_rest(self) -> bool:
        self._buffer = ""
        return True

    def _open_block(self, tag: str) -> None:
        self._open_tag, self._close_tag = tag, self._wrappers[tag]
        self._block_tags = TagFinder([tag, self._close_tag])
        self._source = [tag]
        self._block_calls = 0
        self._unclosed = False
        self._state = self._in_block

    def _in_block(self) -> bool:
        """Between the tags, outside of any call object."""
        skip = (
            spelling.BETWEEN_CALLS if self._block_calls else spelling.BEFORE_FIRST_CALL
        )
        if found := skip.match(self._buffer):
            self._source.append(found.group())
            self._buffer = self._buffer[found.end() :]
            return True
        if self._buffer[0] == "{":
            self._begin_call(self._in_call)
        elif self._buffer.startswith(self._close_tag):
            self._buffer = self._buffer.removeprefix(self._close_tag)
            self._text.end_segment()
            self._state = self._in_answer
        elif self._block_tags.may_begin(self._buffer) and not self._opens_again():
            return False
        elif not self._block_calls and spelling.UNFINISHED_FENCE.match(self._buffer):
            return False
        elif self._block_calls or self._opens_again():
            self._unclosed = True
            self._state = self._in_answer
        else:
            self._state = self._in_prose_block
        return True

    def _opens_again(self) -> bool:
        return self._buffer.startswith(self._open_tag)

    def _in_prose_block(self) -> bool:
        """No object follows the opening tag: a broken call, or talk about the tag."""
        before, tag, rest = self._block_tags.split(self._buffer)
        self._buffer = rest
        self._source.append(before)
        if tag == self._close_tag:
            self._problem = "no JSON object follows the opening tag"
            self._problem_at = len(self._open_tag)
            self._end_failed_call(tag)
        elif tag:
            self._requeue(tag)
            self._leave_prose_block()
        return bool(before or tag)

    def _leave_prose_block(self) -> None:
        self._state = self._in_answer
        self._requeue("".join(self._source[1:]))
        self._say(self._source[0])

    def _begin_call(self, state: Callable[[], bool]) -> None:
        self._reader = CallReader(index=self._n_calls, call_id=self._new_id())
        self._call_from = sum(map(len, self._source))
        self._state = state

    def _in_call(self) -> bool:
        self._text.end_segment()
        self._events += self._feed_reader()
        if self._reader.done:
            self._source = []
            self._n_calls += 1
            self._block_calls += 1
            self._after_call = True
            self._state = self._in_block
        elif self._reader.error is not None:
            self._fail_call(self._reader.error, self._call_from + self._reader.error_at)
        return True

    def _feed_reader(self) -> list[Event]:
        fed = self._take_buffer()
        events = self._reader.feed(fed)
        self._buffer = self._reader.rest
        self._source.append(fed[: len(fed) - len(self._buffer)])
        return events

    def _fail_call(self, problem: str, at: int) -> None:
        """Find where the broken call ends; the tag may stand in a JSON string.

        A quote that was not escaped can make the reader run over the closing tag and
        into the next call: then the first closing tag is the end after all.
        """
        source = "".join(self._source)
        self._problem, self._problem_at = problem, at
        if self._reader.name is not None:
            self._failed_index = self._n_calls
            self._n_calls += 1
        end = source.find(self._close_tag, self._call_from, at)
        if end >= 0 and source.find(self._open_tag, end, at) >= 0:
            end += len(self._close_tag)
            self._source = [source[:end]]
            self._requeue(source[end:])
            self._end_failed_call("")
        else:
            self._source = [source[:at]]
            self._requeue(source[at:])
            self._block_tags = TagFinder([self._close_tag])
            self._state = self._in_failed_call

    def _in_failed_call(self) -> bool:
        before, tag, rest = self._block_tags.split(self._buffer)
        self._buffer = rest
        self._source.append(before)
        if tag:
            self._end_failed_call(tag)
        return bool(before or tag)

    def _end_failed_call(self, closing: str) -> None:
        text = "".join(self._source) + closing
        error = ToolCallSyntaxError(self._problem, text=text, offset=self._problem_at)
        self._events.append(ToolCallFailed(error, self._failed_index))
        self._failed_index = None
        self._text.end_segment()
        self._after_call = True
        self._state = self._in_answer

    def _in_bare_call(self) -> bool:
        """A call without tags: shown as a call only if nothing else is in the turn."""
        self._held_events += self._feed_reader()
        reader = self._reader
        known = self._names is None or reader.name is None or reader.name in self._names
        if reader.error is not None or reader.foreign_key or not known:
            self._leave_bare_call()
        elif reader.done:
            self._state = self._in_bare_end
        return True

    def _in_bare_end(self) -> bool:
        """Behind a bare call only white space and the end of the turn may stand."""
        taken = spelling.AFTER_BARE.match(self._buffer)
        if taken is None and spelling.UNFINISHED_TURN_END.match(self._buffer):
            return False
        if taken is None:
            self._leave_bare_call()
        else:
            self._source.append(taken.group())
            self._buffer = self._buffer[taken.end() :]
        return True

    def _leave_bare_call(self) -> None:
        """It was ordinary text after all: read it again as such."""
        self._held_events = []
        self._state = self._in_answer
        self._requeue("".join(self._source))

    def _end(self) -> bool:
        """Settle what was held back; True when that left something to read."""
        ends: dict[Callable[[], bool], Callable[[], bool]] = {
            self._in_start: self._end_start,
            self._in_answer: self._end_answer,
            self._in_reasoning: self._end_reasoning,
            self._in_block: self._end_block,
            self._in_prose_block: self._end_prose_block,
            self._in_call: self._end_call,
            self._in_failed_call: self._end_search,
            self._in_bare_call: self._end_bare_call,
            self._in_bare_end: self._end_bare_end,
            self._in_rest: lambda: False,
        }
        return ends[self._state]()

    def _end_start(self) -> bool:
        self._state = self._in_answer
        return True

    def _end_answer(self) -> bool:
        self._say(self._take_buffer())
        if shown := self._text.flush():
            self._events.append(TextDelta(shown))
        self._state = self._in_rest
        return False

    def _end_reasoning(self) -> bool:
        self._think(self._take_buffer())
        self._state = self._in_rest
        return False

    def _end_block(self) -> bool:
        held = self._take_buffer()
        if self._block_calls:
            self._state = self._in_answer
            if not self._close_tag.startswith(held):
                self._say(held)
            return True
        self._source.append(held)
        self._problem = _CUT_OFF
        self._problem_at = sum(map(len, self._source))
        self._end_failed_call("")
        return True

    def _end_prose_block(self) -> bool:
        self._source.append(self._take_buffer())
        self._leave_prose_block()
        return True

    def _end_call(self) -> bool:
        self._fail_call(_CUT_OFF, sum(map(len, self._source)))
        return True

    def _end_search(self) -> bool:
        self._source.append(self._take_buffer())
        self._end_failed_call("")
        return True

    def _end_bare_call(self) -> bool:
        self._leave_bare_call()
        return True

    def _end_bare_end(self) -> bool:
        ended = [e.call for e in self._held_events if isinstance(e, ToolCallEnded)]
        if self._buffer or not all(map(self._accept_bare, ended)):
            self._leave_bare_call()
            return True
        self._events += self._held_events
        self._n_calls += 1
        self._state = self._in_rest
        return False
