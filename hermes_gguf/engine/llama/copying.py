"""Guess the JSON values that are copied out of the prompt.

Pure. Values of calls and records mostly stand in the request word for word. Before the
first letter the request is asked for the likeliest one; from the first letters on the
rest of the prompt is searched too, and cut where a value would end. It knows no tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import tags
from .candidates import Candidates
from .spans import phrase_end

#: A value that was begun: in quotes, or a number after its key.
_STRING = re.compile(rb'"([^"\\:,\[\]{}\n][^"\\\n]{0,63})\Z')
_NUMBER = re.compile(rb'(?:": |, |\[)(-?[0-9][0-9.]{0,20})\Z')
#: A value comes next, in quotes or not.
_BEFORE = re.compile(rb'(?:": |, |\[)("?)\Z')
#: An item of an array was just written, and another one comes.
_ITEM = re.compile(rb'(?:\[|, )(?:"([^"\\]+)"|(-?[0-9][0-9.]*)), "?\Z')
#: Before a letter or digit: it begins no word and no number.
_INSIDE = re.compile(rb"[\w.,:/-]\Z")
_USER_TURNS = (
    f"{tags.IM_START}user".encode(),
    f"{tags.START_HEADER}user{tags.END_HEADER}".encode(),
)
_WRITTEN_BYTES = 80
_CANDIDATES, _SEARCHES = 6, 40
_KINDS = ("doubtful", "likely", "sure")
#: The kinds of guesses that are a value, or the rest of one.
VALUE_KINDS = frozenset({*_KINDS, "item", "rest"})
#: The value that was begun is all there.
WHOLE = "whole"


class ValueCopy:
    """Guesses values from one prompt.

    Attributes:
        request: The last turn of the user.
    """

    def __init__(self, prompt: bytes) -> None:
        self._prompt = prompt
        self.request = _last_turn(prompt)
        self._candidates = Candidates(self.request)
        #: Where the phrase lies that was found last: values often keep its order.
        self._at = -1

    def propose(self, written: bytes) -> tuple[str, bytes]:
        """How the value goes on that the answer ends with, and the kind of the guess.

        No kind, no text: nothing is known. `WHOLE` and no text: it is complete.
        """
        tail = written[-_WRITTEN_BYTES:]
        before = _BEFORE.search(tail)
        if before is not None:
            return self._next(written, quoted=bool(before[1]))
        begun = _STRING.search(tail) or _NUMBER.search(tail)
        return self._rest(begun[1], written) if begun else ("", b"")

    def item_after(self, value: bytes) -> bytes:
        """What follows a value in a list of the request; empty at its end."""
        return self._candidates.item_after(value)

    def _next(self, written: bytes, *, quoted: bool) -> tuple[str, bytes]:
        item = _ITEM.search(written[-_WRITTEN_BYTES:])
        following = self.item_after(item[1] or item[2]) if item else b""
        if following:
            return "item", following
        found = self._candidates.best(written, quoted=quoted)
        return (_KINDS[found.certainty], found.text) if found else ("", b"")

    def _rest(self, begun: bytes, written: bytes) -> tuple[str, bytes]:
        """The rest of a value that begins so."""
        before = written[: len(written) - len(begun)]
        found = self._candidates.best(before, quoted=before.endswith(b'"'), begun=begun)
        if found is not None and found.text.startswith(begun):
            rest = found.text[len(begun) :]
            return ("rest" if rest else WHOLE), rest
        copied, is_whole = b"", False
        for at in self._places(begun):
            phrase = self._prompt[at : phrase_end(self._prompt, at, known=len(begun))]
            if len(phrase) <= len(begun):
                is_whole = True
            elif phrase not in written:
                self._at = at
                return "rest", phrase[len(begun) :]
            else:
                # What was copied already is the second choice.
                copied = copied or phrase[len(begun) :]
        if copied:
            return "rest", copied
        return (WHOLE if is_whole else ""), b""

    def _places(self, prefix: bytes) -> Iterator[int]:
        """Where a word begins so: after the last find, then from the end back."""
        text, n_found = self._prompt, 0
        for at in self._occurrences(prefix):
            if prefix[:1].isalnum() and _INSIDE.search(text, max(0, at - 1), at):
                continue
            yield at
            n_found += 1
            if n_found == _CANDIDATES:
                return

    def _occurrences(self, prefix: bytes) -> Iterator[int]:
        at = self._at
        for _ in range(_SEARCHES if at >= 0 else 0):
            at = self._prompt.find(prefix, at + 1)
            if at < 0:
                break
            yield at
        end = len(self._prompt)
        for _ in range(_SEARCHES):
            at = self._prompt.rfind(prefix, 0, end)
            if at < 0:
                return
            yield at
            end = at + len(prefix) - 1


def _last_turn(prompt: bytes) -> bytes:
    """The text of the user's last turn; all of it where there are no turns."""
    starts = [prompt.rfind(mark) + len(mark) for mark in _USER_TURNS if mark in prompt]
    turn = prompt[max(starts, default=0) :]
    ends = [at for mark in tags.TURN_ENDS if (at := turn.find(mark.encode())) >= 0]
    return turn[: min(ends, default=len(turn))].strip()
