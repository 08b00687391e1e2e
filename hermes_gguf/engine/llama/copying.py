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
#: Most values are short, and a wrong guess costs by its length.
_MOST_TOKENS = 5
_LEAST_RIGHT = 0.4


class ValueCopy:
    """Guesses values from one prompt."""

    def __init__(self, vocabulary: Vocabulary, prompt: bytes) -> None:
        self._vocabulary = vocabulary
        self._prompt = prompt
        self._request = prompt[max(0, *(prompt.rfind(turn) for turn in _USER_TURNS)) :]
        #: Where the phrase lies that was found last: values often keep its order.
        self._at = -1
        self._first = _FirstGuesses()

    def propose(self, written: bytes, limit: int) -> list[int]:
        """Tokens that may come after `written`, at most `limit`; often none.

        Args:
            written: The answer from its beginning on.
            limit: Tokens at most.
        """
        if limit <= 0:
            return []
        self._first.judge(written)
        tail = written[-_WRITTEN_BYTES:]
        begun = _STRING.search(tail) or _NUMBER.search(tail)
        if begun is not None:
            tokens = self._continued(begun[1], written)
        elif (before := _BEFORE.search(tail)) is not None:
            tokens = self._next(written, in_quotes=bool(before[1]))
        else:
            tokens = []
        return tokens[: min(limit, _MOST_TOKENS)]

    def _next(self, written: bytes, *, in_quotes: bool) -> list[int]:
        """The first name or number of the request that was not written yet."""
        if not self._first.pay:
            return []
        for found in (_NAMES if in_quotes else _NUMBERS).finditer(self._request):
            known = rb"(?<!\w)" + re.escape(found[0]) + rb"(?!\w)"
            if not re.search(known, written):
                self._first.note(len(written), found[0])
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


class _FirstGuesses:
    """Whether guessing values before their first letter pays in this answer."""

    def __init__(self) -> None:
        self._n_right, self._n_judged = 1, 1
        self._open: tuple[int, bytes] | None = None

    @property
    def pay(self) -> bool:
        return self._n_right / self._n_judged >= _LEAST_RIGHT

    def note(self, offset: int, guess: bytes) -> None:
        """A guess of what is written from `offset` on."""
        self._open = offset, guess

    def judge(self, written: bytes) -> None:
        """See what became of the last guess."""
        if self._open is None or len(written) <= self._open[0]:
            return
        offset, guess = self._open
        self._open = None
        self._n_judged += 1
        came = written[offset : offset + len(guess)]
        self._n_right += guess.startswith(came)
