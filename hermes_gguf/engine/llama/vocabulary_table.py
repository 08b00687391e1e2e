"""The tokens of a model, kept on disk: bytes, attributes and byte order.

Asking llama.cpp for 128,000 tokens and sorting them takes half a second of Python at
every start; reading them back takes a twentieth of that. A table that is damaged or
belongs to another file is made anew, never used.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from ...files import write_atomically

_FORMAT = 1
_SUFFIX = ".vocabulary.npz"


@dataclass(frozen=True)
class VocabularyTable:
    """What is kept of a vocabulary.

    Attributes:
        pieces: Bytes of every token.
        attributes: llama.cpp's attribute bits of every token.
        order: Token ids in the order of their bytes.
    """

    pieces: list[bytes]
    attributes: list[int]
    order: list[int]


def table_path(folder: Path, *parts: object) -> Path:
    """Where the table of a file lies that `parts` identify."""
    digest = hashlib.sha256(repr((_FORMAT, *parts)).encode()).hexdigest()
    return folder / f"{digest[:24]}{_SUFFIX}"


def load_table(path: Path) -> VocabularyTable | None:
    """The table at `path`; None if there is no sound one."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            ends, text = kept["ends"], kept["text"].tobytes()
            attributes, order = kept["attributes"], kept["order"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if not len(ends) == len(attributes) == len(order):
        return None
    cuts = [0, *ends.tolist()]
    pieces = [text[start:end] for start, end in pairwise(cuts)]
    return VocabularyTable(pieces, attributes.tolist(), order.tolist())


def save_table(path: Path, table: VocabularyTable) -> None:
    """Keep a vocabulary; a disk that refuses costs only the time of the next start."""
    file = io.BytesIO()
    np.savez(
        file,
        ends=np.cumsum([len(piece) for piece in table.pieces], dtype=np.uint32),
        text=np.frombuffer(b"".join(table.pieces), dtype=np.uint8),
        attributes=np.asarray(table.attributes, dtype=np.uint32),
        order=np.asarray(table.order, dtype=np.uint32),
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, [file.getvalue()])
    except OSError:
        return
