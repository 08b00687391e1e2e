"""A prompt becomes token ids: one BOS, and no special token from untrusted text.

Knows spans and special tokens; how text is split into tokens is the vocabulary's
business. The text is cut only where an untrusted special token must be broken, so
that every other text is tokenized exactly as a whole.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from ...prompt.rendered import Prompt, Span
from .vocabulary import Vocabulary


def encode_prompt(
    prompt: Prompt, *, vocabulary: Vocabulary, with_bos: bool = True
) -> list[int]:
    """Token ids of `prompt`, with exactly one BOS where the vocabulary wants it."""
    text = prompt.text
    bos = vocabulary.bos if vocabulary.add_bos and with_bos else None
    if bos is not None:
        text, cut = _without_bos(prompt, vocabulary.pieces[bos].decode())
    else:
        cut = 0
    untrusted = [(a - cut, b - cut) for a, b in prompt.untrusted if b > cut]
    ids = _encode(text, untrusted, vocabulary)
    return ids if bos is None else [bos, *ids]


def preamble_length(prompt: Prompt, ids: list[int], *, vocabulary: Vocabulary) -> int:
    """How many of the prompt's `ids` lie within its preamble."""
    n_bytes = len(prompt.text[: prompt.preamble_end].encode("utf-8", "replace"))
    total = sum(len(vocabulary.pieces[token]) for token in ids)
    # Where BOS was put first (or taken out and put back), bytes shift by its text.
    end, length = len(prompt.text.encode("utf-8", "replace")) - total, 0
    for token in ids:
        end += len(vocabulary.pieces[token])
        if end > n_bytes:
            break
        length += 1
    return length if prompt.preamble_end else 0


def _without_bos(prompt: Prompt, bos_text: str) -> tuple[str, int]:
    """The text without a trusted BOS at its beginning, and how much was cut."""
    cut = 0
    limit = prompt.untrusted[0][0] if prompt.untrusted else len(prompt.text)
    while (
        bos_text
        and cut + len(bos_text) <= limit
        and prompt.text.startswith(bos_text, cut)
    ):
        cut += len(bos_text)
    return prompt.text[cut:], cut


def _encode(text: str, untrusted: list[Span], vocabulary: Vocabulary) -> list[int]:
    cuts = _cuts(text, untrusted, vocabulary)
    if not cuts:
        return vocabulary.tokenize(text.encode("utf-8", "replace"), True)
    ids: list[int] = []
    for start, end in pairwise([0, *cuts, len(text)]):
        part = text[start:end].encode("utf-8", "replace")
        if start == 0:
            ids += vocabulary.tokenize(part, True)
        else:
            ids += vocabulary.tokenize_after(part, read_special=True)
    return ids


def _cuts(text: str, untrusted: list[Span], vocabulary: Vocabulary) -> list[int]:
    """Offsets inside of every special token's text that touches an untrusted span."""
    if not untrusted:
        return []
    pattern = _special_pattern(vocabulary)
    if pattern is None:
        return []
    cuts: set[int] = set()
    for start, end in untrusted:
        # A special text may begin before the span and reach into it.
        at = max(0, start - pattern.longest + 1)
        while match := pattern.regex.search(text, at):
            if match.start() >= end:
                break
            for length in pattern.lengths_at(text, match.start()):
                if match.start() + length > start and start < end:
                    cuts.add(match.start() + 1)
            at = match.start() + 1
    return sorted(cuts)


class _SpecialPattern:
    """Finds texts of special tokens, overlapping ones too."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = sorted(texts, key=len, reverse=True)
        self.longest = len(self.texts[0])
        self.regex = re.compile("|".join(re.escape(text) for text in self.texts))

    def lengths_at(self, text: str, at: int) -> list[int]:
        """Lengths of all special texts that stand at offset `at`."""
        return [len(t) for t in self.texts if text.startswith(t, at)]


@lru_cache(maxsize=8)
def _pattern_of(texts: tuple[str, ...]) -> _SpecialPattern:
    return _SpecialPattern(list(texts))


def _special_pattern(vocabulary: Vocabulary) -> _SpecialPattern | None:
    # Texts of one character cannot be cut; vocabularies have none that matter.
    pieces = {vocabulary.pieces[token] for token in vocabulary.special}
    texts = tuple(sorted(p.decode("utf-8", "replace") for p in pieces if len(p) > 1))
    return _pattern_of(texts) if texts else None
