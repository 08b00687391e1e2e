"""Which stretch of a request is the value of a key: near the key's words, in order.

Pure. It reads the answer so far to learn the key, and what was copied already. How far
the best one is ahead of the next tells how likely it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from .likeness import likeness, name_words
from .spans import Span, number_spans, phrase_end, text_spans

_KEY = re.compile(rb'"([^"\\]{1,64})": ')
_VALUE = re.compile(rb'(?:: |\[|, )(?:"([^"\\]+)"|(-?[0-9][0-9.]*))(?=[,}\]])')
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+|[0-9]+")
#: What stands between a word and the value that it announces.
_AFTER_LABEL = re.compile(rb"(?:s|es)?['\"]?:? ?")
_FILLER = re.compile(
    rb"(?:is|was|are|were|of|the|a|an|at|for|on|by|to|number|no|called|named|about|with"
    rb"|in|as|has|from|and)[ :]+",
    re.IGNORECASE,
)
#: Between a value and the word that says what it is: "Ann Lee, our manager".
_APPOSITION = re.compile(
    rb",? \(?['\"]?(?:(?:is|as|called|known as|hereafter|hereinafter) )?"
    rb"(?:the|a|an|my|our|your|his|her|their) ['\"]?"
)
_NO_VALUE = b"'\",.;:()<\n "
#: Between two items of a list.
_JOINT = re.compile(rb"['\"]?(?:, (?:and |or )?| and | or )['\"]?")
#: What a stretch is worth by its looks alone, and the looks that some keys ask for.
_WORTH = {"number": 0.5, "name": 0.5, "quote": 0.6, "date": 0.4, "code": 0.35,
          "labelled": 0.4, "near": 0.1, "digits": 0.1, "address": 0.2,
          "first_word": 0.1}  # fmt: skip
_USUAL = {b"date": "date", b"day": "date", b"time": "code", b"number": "code",
          b"id": "code", b"code": "code", b"phone": "code", b"email": "address",
          b"mail": "address", b"url": "address", b"name": "name", b"city": "name",
          b"country": "name", b"person": "name", b"location": "name"}  # fmt: skip
_LEAST_SCORE = 0.3
_LABEL_WEIGHT, _USUAL_WEIGHT, _ORDER_WEIGHT, _EARLY_WEIGHT = 1.25, 0.5, 0.5, 0.2
#: Words and bytes over which a neighbour loses its weight.
_BEFORE_WORDS, _AFTER_WORDS, _ORDER_BYTES, _EARLY_BYTES = 4.0, 2.0, 80.0, 200.0
#: The end of a sentence is as far as this many words.
_BREAK_WORDS = 5
_FARTHEST_BYTES = 200
#: By how much the best must be ahead to be likely, and to be sure.
_AHEAD = (0.25, 0.8)
_RECENT_VALUES = 3
_READ_BYTES, _WRITTEN_BYTES = 16_000, 2_000


class Candidate(NamedTuple):
    """What may be the value.

    Attributes:
        text: What is copied.
        certainty: 0, 1 or 2: how far it is ahead of the next best.
    """

    text: bytes
    certainty: int


class Candidates:
    """Finds values in one request, of which the end is read."""

    def __init__(self, request: bytes) -> None:
        self._text = text = request[-_READ_BYTES:]
        self._words = [(m.start(), m.end(), m[0].lower()) for m in _WORD.finditer(text)]
        self._quoted = list(text_spans(text))
        self._numbers = list(number_spans(text))
        self._places: dict[bytes, list[tuple[int, int, float]]] = {}

    def best(
        self, written: bytes, *, quoted: bool, begun: bytes = b""
    ) -> Candidate | None:
        """The likeliest value for the last key of the answer, or None.

        Args:
            written: The answer up to where the value begins.
            quoted: Whether the value stands in quotes.
            begun: What is known of its beginning.
        """
        written = written[-_WRITTEN_BYTES:]
        words, last = key_words(written), self._last_copied(written)
        scores: dict[bytes, float] = {}
        for span in self._spans(words, quoted=quoted):
            value = self._text[span.start : span.end]
            if not value.startswith(begun) or _stands_in(value, written):
                continue
            score = self._score(span, words, last)
            if score > scores.get(value, _LEAST_SCORE):
                scores[value] = score
        if not scores:
            return None
        best = max(scores, key=scores.__getitem__)
        others = (scores[value] for value in scores if value[:3] != best[:3])
        ahead = scores[best] - max(others, default=0.0)
        text = best if quoted else best.replace(b",", b"")
        return Candidate(text, sum(ahead >= least for least in _AHEAD))

    def item_after(self, value: bytes) -> bytes:
        """What a list goes on with after one of its items; empty at its end."""
        at = self._text.find(value)
        joint = _JOINT.match(self._text, at + len(value)) if at >= 0 else None
        if joint is None:
            return b""
        return self._text[joint.end() : phrase_end(self._text, joint.end())]

    def _spans(self, words: list[bytes], *, quoted: bool) -> Iterator[Span]:
        if not quoted:
            yield from self._numbers
            return
        yield from self._quoted
        for word in words:
            for _, end, _ in self._where(word):
                yield from self._announced(end)

    def _announced(self, at: int) -> Iterator[Span]:
        """The phrase that a word announces: `name: value`, `the name is value`."""
        found = _AFTER_LABEL.match(self._text, at)
        start = found.end() if found else at
        kind = "labelled" if b":" in self._text[at:start] else "near"
        while filler := _FILLER.match(self._text, start):
            start, kind = filler.end(), "labelled"
        if self._text[start : start + 1].strip(_NO_VALUE):
            yield Span(start, phrase_end(self._text, start), kind)

    def _where(self, word: bytes) -> list[tuple[int, int, float]]:
        """Where words like this one stand, and how like it they are."""
        if word not in self._places:
            self._places[word] = [
                (start, end, like)
                for start, end, other in self._words
                if (like := likeness(word, other))
            ]
        return self._places[word]

    def _score(self, span: Span, words: list[bytes], last: int) -> float:
        near = sum(self._nearness(span, word) for word in words)
        score = _WORTH[span.kind] + _LABEL_WEIGHT * near / math.sqrt(max(1, len(words)))
        score += _USUAL_WEIGHT * sum(_USUAL.get(word) == span.kind for word in words)
        if last < 0:
            score += _EARLY_WEIGHT * math.exp(-span.start / _EARLY_BYTES)
        elif span.start >= last:
            score += _ORDER_WEIGHT * math.exp((last - span.start) / _ORDER_BYTES)
        return score

    def _nearness(self, span: Span, word: bytes) -> float:
        best = 0.0
        for start, end, like in self._where(word):
            if end <= span.start:
                gap, reach = self._text[end : span.start], _BEFORE_WORDS
            elif start >= span.end:
                gap, reach = self._text[span.end : start], _AFTER_WORDS
            else:
                continue
            if len(gap) > _FARTHEST_BYTES or b"\n\n" in gap:
                continue
            if reach == _AFTER_WORDS and _APPOSITION.fullmatch(gap):
                best = max(best, like)
                continue
            n_words = len(gap.split())
            if b". " in gap or b"\n" in gap or (reach == _AFTER_WORDS and b", " in gap):
                n_words += _BREAK_WORDS
            best = max(best, like * math.exp(-n_words / reach))
        return best

    def _last_copied(self, written: bytes) -> int:
        """Where the value ends that was copied last; -1 when none was."""
        for quoted, number in reversed(_VALUE.findall(written)[-_RECENT_VALUES:]):
            at = self._text.find(quoted or number)
            if at >= 0:
                return at + len(quoted or number)
        return -1


def key_words(written: bytes) -> list[bytes]:
    """The words of the last key of an answer."""
    keys = _KEY.findall(written)
    return name_words(keys[-1]) if keys else []


def _stands_in(value: bytes, written: bytes) -> bool:
    return re.search(rb"(?<!\w)" + re.escape(value) + rb"(?!\w)", written) is not None
