"""A prompt becomes token ids: one BOS, and no special token from untrusted text.

Knows spans and special tokens; how text is split into tokens is the vocabulary's
business. The text is cut only where an untrusted special token must be broken, so
that every other text is tokenized exactly as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
    special = _special_texts(vocabulary)
    if special is None:
        return []
    cuts: set[int] = set()
    for start, end in untrusted:
        # A special text may begin before the span and reach into it.
        for at, length in special.find(text, max(0, start - special.longest + 1), end):
            if at + length > start and start < end:
                cuts.add(at + 1)
    return sorted(cuts)


class _SpecialTexts:
    """Finds texts of special tokens, overlapping ones too.

    By their first characters, of which there are few kinds: an expression of all 256
    texts of a Llama 3 takes longer to compile than a prompt to tokenize.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.longest = max(map(len, texts))
        self._n_first = min(map(len, texts))
        self._texts: dict[str, list[str]] = {}
        for text in texts:
            self._texts.setdefault(text[: self._n_first], []).append(text)
        self._first = re.compile("|".join(map(re.escape, self._texts)))

    def find(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where each of them begins in `text[start:end]`, and how long it is."""
        while (match := self._first.search(text, start)) and match.start() < end:
            at = match.start()
            for special in self._texts[match[0]]:
                if text.startswith(special, at):
                    yield at, len(special)
            start = at + 1


@lru_cache(maxsize=8)
def _finder_of(texts: tuple[str, ...]) -> _SpecialTexts:
    return _SpecialTexts(texts)


def _special_texts(vocabulary: Vocabulary) -> _SpecialTexts | None:
    # Texts of one character cannot be cut; vocabularies have none that matter.
    pieces = {vocabulary.pieces[token] for token in vocabulary.special}
    texts = tuple(sorted(p.decode("utf-8", "replace") for p in pieces if len(p) > 1))
    return _finder_of(texts) if texts else None
