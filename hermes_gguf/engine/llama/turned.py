"""A sequence's state for the other way to attend.

Plain products keep the values transposed, flash attention does not; the rest of a state
is the same, so that what was read with one need not be read again with the other. The
layout is llama.cpp's; what is not laid out so to the last byte (sliding windows,
recurrent memories, quantized values) is refused.

Source: `llama_kv_cache::state_write` in src/llama-kv-cache.cpp of llama.cpp.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from ..prefix_store import State

#: ggml's number of a type → its elements, as bits.
_ELEMENTS: dict[int, np.dtype[Any]] = {0: np.dtype(np.uint32), 1: np.dtype(np.uint16)}
#: A mark, and the sequence that was saved.
_HEAD_BYTES = 8
#: Of a cell: its position, how many sequences it belongs to (one), and which.
_CELL_BYTES = 12
#: Of a layer: the type, and the size of a row; or of an element, and their number.
_LAYER_BYTES = 12


def turn_values(state: State) -> State | None:
    """A copy with the values transposed, or None where the layout is another one.

    Raises:
        MemoryError: there is none for the copy.
    """
    turned = np.array(state)
    try:
        _turn(turned)
    except (ValueError, KeyError, struct.error):
        return None
    return turned


def _turn(data: State) -> None:
    n_streams, n_cells = struct.unpack_from("=2I", data.data, _HEAD_BYTES)
    cells = _HEAD_BYTES + 8
    at = cells + _CELL_BYTES * n_cells
    n_sequences = data[cells:at].view(np.uint32).reshape(n_cells, 3)[:, 1]
    if n_streams != 1 or (n_sequences != 1).any():
        raise ValueError("not the cells of one sequence")
    is_transposed, n_layers = struct.unpack_from("=2I", data.data, at)
    struct.pack_into("=I", data.data, at, not is_transposed)
    at += 8
    for _ in range(n_layers):
        _, row_bytes = struct.unpack_from("=iQ", data.data, at)
        at += _LAYER_BYTES + n_cells * row_bytes
    for _ in range(n_layers):
        at = _turn_layer(data, at, n_cells, is_transposed=bool(is_transposed))
    if at != len(data):
        raise ValueError("something follows")


def _turn_layer(data: State, at: int, n_cells: int, *, is_transposed: bool) -> int:
    """Turn the values of one layer, which begins at `at`; where the next one does."""
    if is_transposed:
        kind, size, width = struct.unpack_from("=i2I", data.data, at)
        struct.pack_into("=iQ", data.data, at, kind, size * width)
    else:
        kind, row_bytes = struct.unpack_from("=iQ", data.data, at)
        size = _ELEMENTS[kind].itemsize
        width = row_bytes // size
        struct.pack_into("=i2I", data.data, at, kind, size, width)
    element = _ELEMENTS[kind]
    start = at + _LAYER_BYTES
    end: int = start + n_cells * width * size
    shape = (width, n_cells) if is_transposed else (n_cells, width)
    values = data[start:end].view(element)
    values[:] = values.reshape(shape).T.flatten()
    return end
