"""From the opening tag of a call to its end: call objects, separators, broken calls.

Text is never thrown away: what is no call comes out as text, or inside of a
`ToolCallFailed`. How a call object is read is the business of `call_reader`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import ToolCallSyntaxError
from ..events import ToolCallFailed
from . import spelling
from .tag_finder import TagFinder
from .turn import State, Turn

_CUT_OFF = "the call is cut off before its end"


def open_block(turn: Turn, open_tag: str, close_tag: str) -> State:
    """The state behind an opening tag that was read just now."""
    turn.left_open = ""
    return _Between(turn, _Block(open_tag, close_tag, source=[open_tag]))


@dataclass(slots=True)
class _Block:
    """What the states inside of one pair of tags share.

    Attributes:
        open_tag: The tag that began it.
        close_tag: The tag that should end it.
        source: What was read since the tag or the latest whole call, as written.
        n_calls: Whole calls in it.
        tags: Finds both of its tags.
    """

    open_tag: str
    close_tag: str
    source: list[str]
    n_calls: int = 0
    tags: TagFinder = field(init=False)

    def __post_init__(self) -> None:
        self.tags = TagFinder([self.open_tag, self.close_tag])

    @property
    def n_chars(self) -> int:
        return sum(map(len, self.source))

    def fail(
        self, turn: Turn, problem: str, at: int, *, index: int | None = None
    ) -> State:
        """Report everything in `source` as a call that cannot be read."""
        text = "".join(self.source)
        error = ToolCallSyntaxError(problem, text=text, offset=at)
        turn.events.append(ToolCallFailed(error, index))
        turn.text.end_segment()
        turn.after_call = True
        return turn.answer


class _Between:
    """Between the tags, outside of any call object."""

    def __init__(self, turn: Turn, block: _Block) -> None:
        self._turn, self._block = turn, block

    def step(self) -> State | None:
        turn, block, text = self._turn, self._block, self._turn.tape.text
        skip = spelling.BETWEEN_CALLS if block.n_calls else spelling.BEFORE_FIRST_CALL
        if found := skip.match(text):
            block.source.append(found.group())
            turn.tape.skip(found.end())
            return self
        if text[0] == "{":
            return _Call(turn, block)
        if text.startswith(block.close_tag):
            turn.tape.skip(len(block.close_tag))
            turn.text.end_segment()
            return turn.answer
        return self._leave(text)

    def _leave(self, text: str) -> State | None:
        """What to do with text that belongs to no block; None while it may yet."""
        turn, block = self._turn, self._block
        opens_again = text.startswith(block.open_tag)
        if not opens_again and block.tags.may_begin(text):
            return None
        if not block.n_calls and spelling.UNFINISHED_FENCE.match(text):
            return None
        if block.n_calls or opens_again:
            turn.left_open = block.close_tag
            turn.text.end_segment()
            return turn.answer
        return _Prose(turn, block)

    def end(self) -> State | None:
        turn, block = self._turn, self._block
        held = turn.tape.take()
        if not block.n_calls:
            block.source.append(held)
            return block.fail(turn, _CUT_OFF, block.n_chars)
        if not block.close_tag.startswith(held):
            turn.say(held)
        return turn.answer


class _Prose:
    """No object follows the opening tag: a broken call, or talk about the tag."""

    def __init__(self, turn: Turn, block: _Block) -> None:
        self._turn, self._block = turn, block

    def step(self) -> State | None:
        turn, block = self._turn, self._block
        before, tag, turn.tape.text = block.tags.split(turn.tape.text)
        block.source.append(before)
        if tag == block.close_tag:
            block.source.append(tag)
            problem = "no JSON object follows the opening tag"
            return block.fail(turn, problem, len(block.open_tag))
        if tag:
            turn.tape.put_back(tag)
            return self._leave()
        return self if before else None

    def end(self) -> State | None:
        self._block.source.append(self._turn.tape.take())
        return self._leave()

    def _leave(self) -> State:
        open_tag, *prose = self._block.source
        text = "".join(prose)
        self._turn.say(open_tag, n_behind=len(text))
        return self._turn.return_to_answer(text)


class _Call:
    """In a call object."""

    def __init__(self, turn: Turn, block: _Block) -> None:
        self._turn, self._block = turn, block
        self._reader = turn.start_reader()
        self._from = block.n_chars

    def step(self) -> State | None:
        turn, block, reader = self._turn, self._block, self._reader
        turn.text.end_segment()
        turn.events += turn.read_call(reader, block.source)
        if reader.error is not None:
            return self._fail(reader.error, self._from + reader.error_at)
        if not reader.done:
            return self
        block.source.clear()
        block.n_calls += 1
        turn.n_calls += 1
        turn.after_call = True
        return _Between(turn, block)

    def end(self) -> State | None:
        return self._fail(_CUT_OFF, self._block.n_chars)

    def _fail(self, problem: str, at: int) -> State:
        """Find where the broken call ends; the tag may stand in a JSON string.

        A quote that was not escaped can make the reader run over the closing tag and
        into the next call: then the first closing tag is the end after all.
        """
        turn, block = self._turn, self._block
        source = "".join(block.source)
        index = None
        if self._reader.name is not None:
            index = turn.n_calls
            turn.n_calls += 1
        end = source.find(block.close_tag, self._from, at)
        if end >= 0 and source.find(block.open_tag, end, at) >= 0:
            end += len(block.close_tag)
            block.source = [source[:end]]
            turn.tape.put_back(source[end:])
            return block.fail(turn, problem, at, index=index)
        block.source = [source[:at]]
        turn.tape.put_back(source[at:])
        return _Broken(turn, block, problem, at, index)


class _Broken:
    """In a broken call, on the way to its closing tag."""

    def __init__(
        self, turn: Turn, block: _Block, problem: str, at: int, index: int | None
    ) -> None:
        self._turn, self._block = turn, block
        self._problem, self._at, self._index = problem, at, index
        self._tags = TagFinder([block.close_tag])

    def step(self) -> State | None:
        before, tag, self._turn.tape.text = self._tags.split(self._turn.tape.text)
        self._block.source += [before, tag]
        if tag:
            return self._report()
        return self if before else None

    def end(self) -> State | None:
        self._block.source.append(self._turn.tape.take())
        return self._report()

    def _report(self) -> State:
        block = self._block
        return block.fail(self._turn, self._problem, self._at, index=self._index)
