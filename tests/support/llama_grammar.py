"""llama.cpp's own grammar engine, in a child process that may die.

The vocabulary is made here: one token for each character of `ALPHABET`. The child
answers, for a grammar and a text, which characters llama.cpp allows at every place
of the text and whether the text may end there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

ALPHABET = 'abcxyz019 \n\t"\\[]{}()<>-^.,:#_/+*|?é漢😀'
_SPECIAL = ("<unk>", "<s>", "</s>")


def write_vocab(path: Path) -> None:
    """A vocabulary-only GGUF file with the tokens of `ALPHABET`."""
    from gguf import GGUFWriter, TokenType

    tokens = [*_SPECIAL, *ALPHABET]
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([t.replace(" ", "▁") for t in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    kinds = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL]
    writer.add_token_types([*kinds, *[TokenType.NORMAL] * len(ALPHABET)])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@dataclass(frozen=True)
class Place:
    """What may come after a prefix: characters, and whether the text may end."""

    chars: frozenset[str]
    may_end: bool


class LlamaGrammar:
    """Asks a child process; starts it anew when it died."""

    def __init__(self, vocab: Path) -> None:
        self._vocab = vocab
        self._child: subprocess.Popen[str] | None = None

    def walk(self, gbnf: str, text: str) -> Sequence[Place] | None:
        """The place after each prefix of `text`, up to the first illegal character.

        None when llama.cpp refuses the grammar.
        """
        reply = self._ask({"gbnf": gbnf, "text": text})
        if reply is None:
            return None
        return [Place(frozenset(chars), end) for chars, end in reply]

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _ask(self, request: Any) -> Any:
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, __file__, str(self._vocab)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(request) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"llama.cpp died of {request!r}")
        return json.loads(line)


class _Engine:
    def __init__(self, path: str) -> None:
        import llama_cpp.llama_cpp as lib

        self.lib = lib
        params = lib.llama_model_default_params()
        params.vocab_only = True
        self.model = lib.llama_model_load_from_file(path.encode(), params)
        assert self.model, "the vocabulary does not load"
        self.vocab = lib.llama_model_get_vocab(self.model)
        self.n_tokens = len(_SPECIAL) + len(ALPHABET)

    def walk(self, gbnf: str, text: str) -> list[tuple[str, bool]] | None:
        sampler = self.lib.llama_sampler_init_grammar(
            self.vocab, gbnf.encode(), b"root"
        )
        if not sampler:
            return None
        try:
            return self._places(sampler, text)
        finally:
            self.lib.llama_sampler_free(sampler)

    def _places(self, sampler: Any, text: str) -> list[tuple[str, bool]]:
        places = []
        for char in [*text, None]:
            legal = self._legal(sampler)
            chars = "".join(
                c for i, c in enumerate(ALPHABET, len(_SPECIAL)) if i in legal
            )
            places.append((chars, 2 in legal))
            if char is None or char not in chars:
                break
            token = len(_SPECIAL) + ALPHABET.index(char)
            self.lib.llama_sampler_accept(sampler, token)
        return places

    def _legal(self, sampler: Any) -> set[int]:
        from ctypes import byref

        data = (self.lib.llama_token_data * self.n_tokens)()
        for i in range(self.n_tokens):
            data[i].id, data[i].logit, data[i].p = i, 0.0, 0.0
        array = self.lib.llama_token_data_array(data, self.n_tokens, -1, False)
        self.lib.llama_sampler_apply(sampler, byref(array))
        return {data[i].id for i in range(self.n_tokens) if data[i].logit == 0.0}


def _serve(engine: _Engine, lines: TextIO) -> None:
    for line in lines:
        request = json.loads(line)
        reply = engine.walk(request["gbnf"], request["text"])
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    _serve(_Engine(sys.argv[1]), sys.stdin)
