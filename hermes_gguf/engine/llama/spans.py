"""Stretches of a text that look like values: names, dates, codes, numbers, quotes.

Pure; it knows no keys and no answers. What it finds is copied into JSON, so a stretch
ends where a value would: before a sign, and before a word that joins sentences. The
words are English; elsewhere fewer stretches are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MONTH = (
    rb"(?:January|February|March|April|May|June|July|August|September|October"
    rb"|November|December)"
)
#: A word with a capital, one of two bytes too.
_CAPITAL = rb"[A-Z\xc3][^\s,.;:!?\"')(<]*"
_SPANS = re.compile(
    rb"(?<=[\s(]['\"])(?P<quote>[^'\"\n]{1,64})(?=['\"])"
    rb"|(?P<address>[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|https?://[^\s\"'<>)]+)"
    rb"|(?P<date>(?<!\w)[0-9]{1,2}(?:st|nd|rd|th)? " + _MONTH + rb"(?: [0-9]{4})?"
    rb"|" + _MONTH + rb" [0-9]{1,2}(?:st|nd|rd|th)?(?:,? [0-9]{4})?"
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2})"
    rb"|(?P<code>(?<!\w)(?=[^\s,;]{0,64}[0-9])[A-Z0-9+][\w.,:/+-]{0,62}\w"
    rb"(?: [0-9]{2,}(?!\w))*)"
    rb"|(?P<name>(?<!\w)" + _CAPITAL +
    rb"(?:(?: (?:of|de|the|&|la))? " + _CAPITAL + rb")*)"
)  # fmt: skip
#: Plain numbers, with commas between thousands: no dates, no times.
_NUMBERS = re.compile(
    rb"(?<![\w.,:/-])-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?![\w]|[.,:/-][0-9])"
)
#: What ends a value: a sign before white space, a quote, a bracket, a line.
_END = re.compile(rb"[,.;:!?)]+(?=[\s\"'<]|\Z)|[\"\n<>(]")
_WORD_AFTER = re.compile(rb" (\S+)")
#: Words that go on with the sentence and seldom with a value.
_JOINING = frozenset(
    b"and or but for with that which who whose is are was were be been has have had"
    b" will would can could should must to at on in by from until since when while"
    b" where as if then than so because about after before during under over between"
    b" not he she it they we you i his her its our my your".split()
)
#: Words with a capital that open a question or a wish.
_OPENING = frozenset(
    b"i a the this what what's which who when where why how is are can could would will"
    b" do does find get give show tell please calculate compute determine i'm i'd"
    b" dear".split()
)
_SENTENCE_START = re.compile(rb"(?:[.!?:]\s+|\n)\Z")
_PHRASE_BYTES = 64


class Span(NamedTuple):
    """A stretch of the text, `end` exclusive, and what it looks like."""

    start: int
    end: int
    kind: str


def text_spans(text: bytes) -> Iterator[Span]:
    """What could be copied into quotes."""
    for found in _SPANS.finditer(text):
        kind = found.lastgroup or ""
        if kind == "name" and _opens_a_sentence(text, found):
            kind = "first_word"
        elif kind == "code" and found[0].isdigit():
            kind = "digits"
        if found[0].split()[0].lower() not in _OPENING:
            yield Span(found.start(), found.end(), kind)


def number_spans(text: bytes) -> Iterator[Span]:
    """Plain numbers."""
    for found in _NUMBERS.finditer(text):
        yield Span(found.start(), found.end(), "number")


def phrase_end(text: bytes, start: int, *, known: int = 0) -> int:
    """Where a value that begins at `start` would end; its first `known` bytes are."""
    limit = start + known + _PHRASE_BYTES
    sign = _END.search(text, start + max(known, 1), limit)
    end = sign.start() if sign else min(limit, len(text))
    for word in _WORD_AFTER.finditer(text, start + known, end):
        if word[1].lower() in _JOINING:
            return word.start()
    if sign or end == len(text):
        return end
    # The last word may be cut.
    space = text.rfind(b" ", start + max(known, 1), end)
    return space if space > 0 else end


def _opens_a_sentence(text: bytes, found: re.Match[bytes]) -> bool:
    if b" " in found[0] or found[0].isupper():
        return False
    before = text[max(0, found.start() - 3) : found.start()]
    return not before or _SENTENCE_START.search(before) is not None
