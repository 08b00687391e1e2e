"""The answer and the reasoning: prose, and the tags that end it.

What follows an opening tag of a call is the business of `call_block`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import tags
from . import spelling
from .call_block import open_block
from .tag_finder import TagFinder
from .turn import State, Turn


class Answer:
    """In the visible answer."""

    def __init__(self, turn: Turn, *, wrappers: Mapping[str, str]) -> None:
        """Prepare to read.

        Args:
            turn: What is read.
            wrappers: Opening tags of calls and their closing tags; none when
                nothing is a call.
        """
        self._turn = turn
        self._wrappers = wrappers
        known = [*wrappers, *wrappers.values(), *spelling.REASONING, *tags.TURN_ENDS]
        known += spelling.TOOL_RESULT_TAGS if wrappers else ()
        self._tags = TagFinder(known)

    def step(self) -> State | None:
        """Show text up to the next tag."""
        turn = self._turn
        before, tag, turn.tape.text = self._tags.split(turn.tape.text)
        turn.say(before, n_behind=len(tag))
        if tag:
            return self._read_tag(tag)
        return self if before else None

    def end(self) -> State | None:
        """Show what could have become a tag."""
        turn = self._turn
        turn.say(turn.tape.take())
        turn.end_text()
        return None

    def _read_tag(self, tag: str) -> State:
        turn = self._turn
        if tag in self._wrappers:
            return open_block(turn, tag, self._wrappers[tag])
        if tag in spelling.REASONING and turn.text.at_line_start:
            return Reasoning(turn, closing=spelling.REASONING[tag])
        if tag in tags.TURN_ENDS:
            turn.text.hold_turn_end(tag)
        elif tag in spelling.TOOL_RESULT_TAGS and turn.after_call:
            return Rest(turn)
        elif tag == turn.left_open:
            turn.left_open = ""
            turn.text.end_segment()
        else:
            turn.say(tag)
        return self


class Reasoning:
    """Between the tags of reasoning."""

    def __init__(self, turn: Turn, *, closing: str = tags.THINK_CLOSE) -> None:
        """Prepare to read up to the tag `closing`."""
        self._turn = turn
        self._tags = TagFinder([closing, *tags.TURN_ENDS])

    def step(self) -> State | None:
        """Show reasoning up to its closing tag."""
        turn = self._turn
        before, tag, turn.tape.text = self._tags.split(turn.tape.text)
        turn.think(before)
        if tag in tags.TURN_ENDS:
            turn.reasoning.hold_turn_end(tag)
        elif tag:
            turn.reasoning.end_segment()
            turn.text.end_segment()
            return turn.answer
        return self if before or tag else None

    def end(self) -> State | None:
        """Show what could have become the closing tag."""
        self._turn.think(self._turn.tape.take())
        return None


class Rest:
    """Behind all that is of interest: a model invents results of its own calls."""

    def __init__(self, turn: Turn) -> None:
        """Prepare to pass over all that comes."""
        self._turn = turn

    def step(self) -> State | None:
        """Pass over everything."""
        self._turn.tape.take()
        return self

    def end(self) -> State | None:
        """Nothing was held back."""
        return None
