"""Does llama.cpp read and compute what training did? Tokens and logits compared.

`python -m scripts.tiny.check --work DIR` compares the tokenizers on random strings
and on dialogues, and the logits of the f32 and the Q8_0 file with PyTorch's.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import llama_cpp
import numpy as np
import torch

from .dialogues import draw_dialogue
from .encode import encode_dialogue, render_dialogue
from .export import load_checkpoint, write_gguf
from .model import Shape, TinyLlama
from .tokenizer import TinyTokenizer
from .values import made_up

_ODD = (
    "é",
    "ß",
    "日本",
    "🙂",
    "\u00a0",
    "\t",
    "\r\n",
    "\n\n",
    "'s",
    "'RE",
    "  ",
    "١٢",
    "ﬁ",
    "Ⅷ",
    "\u0301",
)
_SIGNS = list("\"{}[]:,.;!?-_/\\@#$%&*()<>=+'~^|`")


def random_text(rng: Random, tokenizer: TinyTokenizer) -> str:
    """A string of words, signs, digits, odd characters and added tokens."""
    parts = []
    for _ in range(rng.randint(1, 25)):
        piece = tokenizer.pieces[rng.randrange(256, tokenizer.n_plain)]
        choices = (
            made_up(rng),
            made_up(rng).capitalize(),
            rng.choice(_SIGNS) * rng.randint(1, 3),
            str(rng.randint(0, 10**6)),
            rng.choice(_ODD),
            " " * rng.randint(1, 9),
            "\n",
            chr(rng.randint(1, 0x2FFF)),
            rng.choice(tokenizer.added),
            piece.replace("Ġ", " "),
        )
        parts.append(rng.choice(choices))
    return "".join(parts)


def load(path: Path, **options: object) -> llama_cpp.Llama:
    # An f32 cache: what is compared is the weights, not the cache's rounding.
    cache = {"type_k": llama_cpp.GGML_TYPE_F32, "type_v": llama_cpp.GGML_TYPE_F32}
    return llama_cpp.Llama(str(path), verbose=False, n_threads=1, **cache, **options)


def differing_texts(
    model: llama_cpp.Llama, tokenizer: TinyTokenizer, *, count: int, seed: int
) -> Iterator[str]:
    """Random texts that the two tokenizers read differently."""
    rng = Random(seed)
    for number in range(count):
        if number % 10:
            text = random_text(rng, tokenizer)
        else:
            prompt, completion = render_dialogue(draw_dialogue(rng))
            text = prompt.text + completion
        markup = rng.random() < 0.5
        theirs = model.tokenize(text.encode(), add_bos=False, special=markup)
        if theirs != tokenizer.encode(text, markup=markup):
            yield text


def compare_logits(
    model: llama_cpp.Llama, network: TinyLlama, ids: list[int]
) -> tuple[float, float]:
    """The largest difference of logits, and the share of equal argmaxes."""
    model.reset()
    model.eval(ids)
    theirs = np.array(model.scores[: len(ids)], dtype=np.float32)
    with torch.no_grad():
        ours = network.logits(network(torch.tensor([ids])))[0].numpy()
    return float(np.abs(theirs - ours).max()), float(
        (theirs.argmax(1) == ours.argmax(1)).mean()
    )


def network_of(shape: Shape, weights: dict[str, torch.Tensor]) -> TinyLlama:
    network = TinyLlama(shape)
    network.load_state_dict(weights, strict=False)
    return network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tiny"))
    parser.add_argument("--strings", type=int, default=10_000)
    parser.add_argument("--dialogues", type=int, default=30)
    options = parser.parse_args()
    torch.set_num_threads(1)
    shape, weights = load_checkpoint(options.work / "checkpoint.pt")
    tokenizer = TinyTokenizer.load(options.work / "tokenizer.json")
    network = network_of(shape, weights)
    rng = Random(5)
    rows = [
        encode_dialogue(tokenizer, draw_dialogue(rng))[0][:1024]
        for _ in range(options.dialogues)
    ]
    with tempfile.TemporaryDirectory() as folder:
        for quantize in (False, True):
            path = Path(folder) / "model.gguf"
            write_gguf(
                path,
                shape=shape,
                weights=weights,
                tokenizer=tokenizer,
                quantize=quantize,
            )
            model = load(path, n_ctx=1024, logits_all=True)
            if not quantize:
                bad = list(
                    differing_texts(model, tokenizer, count=options.strings, seed=3)
                )
                print(
                    f"tokenizers differ on {len(bad)} of {options.strings} texts",
                    *map(repr, bad[:3]),
                    sep="\n  ",
                )
            found = [compare_logits(model, network, ids) for ids in rows]
            kind = "Q8_0" if quantize else "f32"
            equal = np.average(
                [share for _, share in found], weights=[len(ids) for ids in rows]
            )
            worst = max(difference for difference, _ in found)
            print(f"{kind}: largest difference {worst:.4f}, equal argmax {equal:.2%}")
            model.close()


if __name__ == "__main__":
    main()
