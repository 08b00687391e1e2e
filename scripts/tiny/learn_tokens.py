"""Learn the vocabulary from dialogues: `tokenizer.json` in the work folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from .dialogues import draw_dialogue
from .encode import render_dialogue
from .tokenizer import train_tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tiny"))
    parser.add_argument("--dialogues", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    rng = Random(options.seed)
    texts = []
    for _ in range(options.dialogues):
        prompt, completion = render_dialogue(draw_dialogue(rng))
        texts.append(prompt.text + completion)
    tokenizer = train_tokenizer(texts)
    options.work.mkdir(parents=True, exist_ok=True)
    tokenizer.save(options.work / "tokenizer.json")
    print(f"{len(tokenizer.pieces)} tokens, {len(tokenizer.merges)} merges")


if __name__ == "__main__":
    main()
