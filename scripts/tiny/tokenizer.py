"""The embedded model's tokens: learning them, and text → ids as llama.cpp does it.

Byte-level BPE with Llama 3's splitting rule. Merges never cross from letters to
signs or line ends, digits stay single, and only the signs of JSON grow together: so
a text that a grammar forces, piece by piece, has the same tokens as the whole. Words
have no space inside, but for some frequent ones: so a value in a request and its copy
in a call have the same tokens.

llama.cpp cuts added tokens out of a text longest first; `_cut` does the same.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from hermes_gguf import tags
from hermes_gguf.messages import Tool, UserMessage
from hermes_gguf.prompt import render_prompt
from hermes_gguf.prompt.rendered import Prompt

from .cutting import MARK, NO_CUTS, Cuts, mark_cuts

#: Source: `llama-bpe` in llama.cpp, src/llama-vocab.cpp.
LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_STRICT_SPLIT = r'\p{L}+|\p{N}| ?["{}\[\]:,]+| +|[^\p{L}\p{N}]'
N_MERGED = 2560
N_SPACED = 260

CONTROL = (tags.BEGIN_OF_TEXT, tags.END_OF_TEXT, tags.IM_START, tags.IM_END)
_TAGS = (
    tags.TOOLS_OPEN, tags.TOOLS_CLOSE, tags.TOOL_CALL_OPEN, tags.TOOL_CALL_CLOSE,
    tags.TOOL_RESPONSE_OPEN, tags.TOOL_RESPONSE_CLOSE,
    tags.SCHEMA_OPEN, tags.SCHEMA_CLOSE,
)  # fmt: skip
_SCALARS = ("string", "integer", "number", "boolean")
_SCHEMA_PIECES = (
    '{"type": "function", "function": {"name": "',
    '", "parameters": {"type": "object", "properties": {"',
    '{"type": "object", "properties": {"',
    '{"type": "array", "items": {"type": "string"}, "description": "',
    '{"type": "array", "items": {"type": "string"}',
    '{"items": {"type": "string"}, "title": "',
    *(f'{{"type": "{name}", "description": "' for name in _SCALARS),
    *(f'{{"type": "{name}"' for name in _SCALARS),
    '{"type": "string", "enum": ["',
    *(f', "type": "{name}"}}' for name in (*_SCALARS, "array", "object")),
    '{"properties": {"', "(str): ", "(int): ", "(float): ", "(bool): ", "(list[str]): ",
    "\n\n    Args:\n        ", "\n    Returns:\n        ", "        ",
)  # fmt: skip


def boilerplate() -> tuple[str, ...]:
    """The long fixed texts of the tool prompt and of JSON mode, one token each."""
    tool = Tool("x", "y")
    with_tools = render_prompt([UserMessage("")], tools=[tool])
    start, end = with_tools.untrusted[0]
    opening = f"{tags.IM_START}system\n"
    close = with_tools.text.index(tags.IM_END)
    with_schema = render_prompt([UserMessage("")], json_schema={})
    return (
        with_tools.text[len(opening) : start],
        with_tools.text[end:close],
        with_schema.text[len(opening) : with_schema.untrusted[0][0]],
    )


@dataclass(frozen=True)
class TinyTokenizer:
    """Vocabulary and merges; ids are places in `pieces`.

    Attributes:
        pieces: Every token: byte-level spelling, or plain text for added tokens.
        merges: Pairs in the order in which they are made, as "left right".
        n_plain: How many tokens are plain; control and added ones follow.
    """

    pieces: tuple[str, ...]
    merges: tuple[str, ...]
    n_plain: int

    @cached_property
    def ids(self) -> dict[str, int]:
        return {piece: index for index, piece in enumerate(self.pieces)}

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Added tokens that are read in any text, longest first."""
        texts = self.pieces[self.n_plain + len(CONTROL) :]
        return tuple(sorted(texts, key=len, reverse=True))

    @cached_property
    def _bpe(self) -> Tokenizer:
        plain = {
            piece: index for index, piece in enumerate(self.pieces[: self.n_plain])
        }
        pairs = [tuple(merge.split(" ")) for merge in self.merges]
        bpe = Tokenizer(models.BPE(plain, pairs, ignore_merges=True))
        bpe.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(MARK, "removed"),
                pre_tokenizers.Split(Regex(LLAMA3_SPLIT), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        bpe.decoder = decoders.ByteLevel()
        return bpe

    def encode(
        self, text: str, *, markup: bool = False, cuts: Cuts = NO_CUTS
    ) -> list[int]:
        """Ids of a text; control tokens are read only as markup."""
        texts = self.added
        if markup:
            texts = tuple(sorted((*texts, *CONTROL), key=len, reverse=True))
        ids: list[int] = []
        for part, is_token in _cut(text, texts):
            if is_token:
                ids.append(self.ids[part])
            else:
                ids += self._bpe.encode(mark_cuts(part, cuts)).ids
        return ids

    def encode_prompt(self, prompt: Prompt, cuts: Cuts = NO_CUTS) -> list[int]:
        """Ids of a rendered prompt, BOS first; what is untrusted is only text."""
        ids, at = [self.ids[tags.BEGIN_OF_TEXT]], 0
        for start, end in prompt.untrusted:
            ids += self.encode(prompt.text[at:start], markup=True, cuts=cuts)
            ids += self.encode(prompt.text[start:end], cuts=cuts)
            at = end
        return ids + self.encode(prompt.text[at:], markup=True, cuts=cuts)

    def decode(self, ids: Sequence[int]) -> str:
        text, run = "", list[int]()
        for token in [*ids, -1]:
            if 0 <= token < self.n_plain:
                run.append(token)
                continue
            text += self._bpe.decode(run)
            run = []
            text += self.pieces[token] if token >= 0 else ""
        return text

    def save(self, path: Path) -> None:
        body = {"n_plain": self.n_plain, "pieces": self.pieces, "merges": self.merges}
        path.write_text(
            json.dumps(body, ensure_ascii=False, indent=0), encoding="utf-8"
        )

    @classmethod
    def load(cls, path: Path) -> TinyTokenizer:
        body = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(body["pieces"]), tuple(body["merges"]), body["n_plain"])


def _cut(text: str, added: Sequence[str]) -> list[tuple[str, bool]]:
    """Cut added tokens out, the longest one everywhere before the next."""
    parts = [(text, False)]
    for token in added:
        if token not in text:
            continue
        cut: list[tuple[str, bool]] = []
        for part, is_token in parts:
            if is_token:
                cut.append((part, True))
                continue
            first, *rest = part.split(token)
            cut.append((first, False))
            for piece in rest:
                cut += [(token, True), (piece, False)]
        parts = [(part, is_token) for part, is_token in cut if part]
    return parts


def train_tokenizer(texts: Iterable[str]) -> TinyTokenizer:
    """Learn the vocabulary from rendered dialogues."""
    fixed = sorted(
        (*CONTROL, *_TAGS, *_SCHEMA_PIECES, *boilerplate()), key=len, reverse=True
    )
    plain = [
        part for text in texts for part, is_token in _cut(text, fixed) if not is_token
    ]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_STRICT_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=N_MERGED, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(plain, trainer)
    model = json.loads(bpe.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].__getitem__)
    merges = [
        merge if isinstance(merge, str) else " ".join(merge)
        for merge in model["merges"]
    ]
    for word in _frequent_words(plain, set(pieces)):
        merges.append(f"Ġ {word}")
        pieces.append(f"Ġ{word}")
    added = (*_TAGS, *_SCHEMA_PIECES, *boilerplate())
    return TinyTokenizer((*pieces, *CONTROL, *added), tuple(merges), len(pieces))


def _frequent_words(texts: list[str], known: set[str]) -> list[str]:
    """Lower-case words that often follow a space, and are single tokens."""
    counts = Counter(
        word for text in texts for word in re.findall(r"(?<= )[a-z]+", text)
    )
    return [word for word, _ in counts.most_common(2000) if word in known][:N_SPACED]
