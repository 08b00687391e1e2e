"""Guess the JSON values that are copied out of the prompt.

Pure. Values of calls and records mostly stand in the request word for word. From the
first letters of a value this finds the phrase that begins so and cuts it where a value
would end; before the first letter it guesses the next number or name that the request
has and the answer lacks. Tokens are those that the model writes after a quote, where
words lack the space that they have in a sentence. It says nothing of how sure it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import tags
from .vocabulary import Vocabulary

#: A value that was begun: in quotes, or a number after its key.
_STRING = re.compile(rb'"([^"\\:,\[\]{}\n][^"\\\n]{0,63})\Z')
_NUMBER = re.compile(rb'(?:": |, |\[)(-?[0-9][0-9.]{0,20})\Z')
#: A value comes next, in quotes or not.
_BEFORE = re.compile(rb'(?:": |, |\[)("?)\Z')
#: Where the phrase that holds a value ends: a sign before white space, a quote, a line.
_PHRASE_END = re.compile(rb"[,.;:!?)]+(?=[\s\"'<]|\Z)|[\"\n<>]")
#: Plain numbers: no dates, no times, no thousands.
_NUMBERS = re.compile(rb"(?<![\w.,:/-])-?[0-9]+(?:\.[0-9]+)?(?![\w]|[.,:/-][0-9])")
#: Two words with capitals, or one that does not begin a sentence; words in quotes.
_NAMES = re.compile(
    rb"(?<!\w)[A-Z][^\s,.;:!?\"')]*(?: [A-Z][^\s,.;:!?\"')]*)+"
    rb"|(?<=[a-z,;] )[A-Z][^\s,.;:!?\"')]*"
    rb"|(?<=[ (]['\"])[^'\"\n]{1,64}(?=['\"])"
)
#: Before a letter or digit: it begins no word and no number.
_INSIDE = re.compile(rb"[\w.,:/-]\Z")
_USER_TURNS = (
    f"{tags.IM_START}user".encode(),
    f"{tags.START_HEADER}user{tags.END_HEADER}".encode(),
)
_WRITTEN_BYTES = 80
_PHRASE_BYTES = 64
_CANDIDATES, _SEARCHES = 6, 40


class ValueCopy:
    """Guesses values from one prompt."""

    def __init__(self, vocabulary: Vocabulary, prompt: bytes) -> None:
        self._vocabulary = vocabulary
        self._prompt = prompt
        self._request = prompt[max(0, *(prompt.rfind(turn) for turn in _USER_TURNS)) :]
        #: Where the phrase lies that was found last: values often keep its order.
        self._at = -1

    def rest(self, written: bytes) -> list[int]:
        """The rest of the value that the answer so far ends with; often nothing."""
        tail = written[-_WRITTEN_BYTES:]
        begun = _STRING.search(tail) or _NUMBER.search(tail)
        return self._continued(begun[1], written) if begun else []

    def next_value(self, written: bytes) -> list[int]:
        """Where a value comes next: what the request has and the answer lacks."""
        before = _BEFORE.search(written[-_WRITTEN_BYTES:])
        if before is None:
            return []
        for found in (_NAMES if before[1] else _NUMBERS).finditer(self._request):
            known = rb"(?<!\w)" + re.escape(found[0]) + rb"(?!\w)"
            if not re.search(known, written):
                return self._vocabulary.tokenize_after(found[0], read_special=False)
        return []

    def _continued(self, begun: bytes, written: bytes) -> list[int]:
        """The rest of a phrase that begins so, best of one that was not copied yet."""
        used: list[int] = []
        for at in self._places(begun):
            phrase = self._phrase(at, len(begun))
            tokens = self._rest(phrase, len(begun))
            if tokens and phrase not in written:
                self._at = at
                return tokens
            used = used or tokens
        return used

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

    def _phrase(self, at: int, n_known: int) -> bytes:
        phrase = self._prompt[at : at + n_known + _PHRASE_BYTES]
        end = _PHRASE_END.search(phrase, n_known)
        return phrase[: end.start()] if end else phrase

    def _rest(self, phrase: bytes, n_known: int) -> list[int]:
        """The tokens after its first bytes; none if a token spans that place."""
        tokens = self._vocabulary.tokenize_after(phrase, read_special=False)
        length = 0
        for index, token in enumerate(tokens):
            if length == n_known:
                return tokens[index:]
            length += len(self._vocabulary.pieces[token])
        return []
