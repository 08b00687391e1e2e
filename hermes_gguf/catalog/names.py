"""Spellings: `name:quant`, and the quantization inside a file's name.

Source: quantization names of llama.cpp (`llama-quantize --help`).
"""

from __future__ import annotations

import re

#: Best all-round first; what to take when a repository lacks the wanted one.
QUANT_PREFERENCE = (
    "Q4_K_M",
    "q4",
    "Q4_K_S",
    "Q4_0",
    "Q5_K_M",
    "IQ4_XS",
    "Q5_K_S",
    "Q6_K",
    "Q8_0",
    "Q3_K_M",
    "F16",
    "BF16",
)

_QUANT = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(I?Q[1-8](?:_[A-Z0-9]+)*|BF16|F(?:P)?16|F(?:P)?32|TQ[12]_0|MXFP4)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)


def split_model_name(name: str) -> tuple[str, str | None]:
    """`"hermes-3-8b:Q8_0"` → `("hermes-3-8b", "Q8_0")`; no colon → `(name, None)`."""
    base, colon, quant = name.rpartition(":")
    return (base, quant) if colon and base and quant else (name, None)


def quant_from_filename(filename: str) -> str | None:
    """The quantization that a GGUF file's name states (the last one), or None."""
    stem = _PART.sub(".gguf", filename.rsplit("/", 1)[-1])
    found = _QUANT.findall(stem)
    return found[-1] if found else None


def all_parts(filename: str) -> tuple[str, ...]:
    """All parts of the split GGUF that a name is a part of; of a whole, itself.

    Source: `llama_split_path` of llama.cpp (`%s-%05d-of-%05d.gguf`).
    """
    match = _PART.search(filename)
    if match is None:
        return (filename,)
    stem, ending = filename[: match.start()], filename[match.end(2) :]
    numbers = range(1, int(match[2]) + 1)
    if int(match[1]) not in numbers:
        return (filename,)
    return tuple(f"{stem}-{n:05d}-of-{match[2]}{ending}" for n in numbers)
