"""A toy vocabulary: every byte, and some longer tokens; longest match tokenizes."""

from __future__ import annotations

from collections.abc import Iterable

from hermes_gguf.engine.llama.vocabulary import Vocabulary

WORDS = (
    '{"', '": "', '", "', '"}', "name", "nam", "city", "Par", "Paris", '"P', "is",
    "<tool_call>", "\n", "é", "ab", "abc", "ll",
)  # fmt: skip
EOG_TEXT = "<|im_end|>"


def toy_vocabulary(words: Iterable[str] = WORDS) -> Vocabulary:
    pieces = [bytes((byte,)) for byte in range(256)]
    pieces += [word.encode() for word in words]
    pieces += [EOG_TEXT.encode(), b"<|im_start|>", b""]
    n = len(pieces)
    special = frozenset({n - 3, n - 2})
    longest = sorted(range(256, n - 3), key=lambda t: -len(pieces[t]))

    def tokenize(text: bytes, read_special: bool) -> list[int]:
        order = [*sorted(special), *longest] if read_special else longest
        tokens, at = [], 0
        while at < len(text):
            token = next((t for t in order if text.startswith(pieces[t], at)), text[at])
            tokens.append(token)
            at += len(pieces[token])
        return tokens

    return Vocabulary(
        pieces=pieces,
        special=special,
        control=special,
        eog=frozenset({n - 3}),
        bos=None,
        add_bos=False,
        tokenize=tokenize,
    )
