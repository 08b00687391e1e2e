"""A state for the other way to attend; none where its layout is not the known one."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from hermes_gguf.engine.llama.turned import turn_values

N_CELLS, N_LAYERS, WIDTH = 5, 3, 8


def make_state(*, is_transposed: bool, kind: int = 1) -> np.ndarray:
    """What llama.cpp writes for a sequence; its values count from 0 in each layer."""
    element = {0: "<u4", 1: "<u2", 8: "<u2"}[kind]
    size = np.dtype(element).itemsize
    values = np.arange(N_CELLS * WIDTH, dtype=element).reshape(N_CELLS, WIDTH)
    parts = [struct.pack("<Ii2I", 0xAF143CD8, 0, 1, N_CELLS)]
    parts += [struct.pack("<3i", position, 1, 0) for position in range(N_CELLS)]
    parts.append(struct.pack("<2I", is_transposed, N_LAYERS))
    for layer in range(N_LAYERS):
        parts.append(struct.pack("<iQ", kind, size * WIDTH))
        parts.append(bytes([layer]) * (N_CELLS * size * WIDTH))
    for _ in range(N_LAYERS):
        if is_transposed:
            parts.append(struct.pack("<i2I", kind, size, WIDTH))
            parts.append(values.T.tobytes())
        else:
            parts.append(struct.pack("<iQ", kind, size * WIDTH))
            parts.append(values.tobytes())
    return np.frombuffer(b"".join(parts), dtype=np.uint8)


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("is_transposed", [False, True])
def test_the_values_are_turned_and_nothing_else(is_transposed, kind):
    state = make_state(is_transposed=is_transposed, kind=kind)
    turned = turn_values(state)
    assert turned is not None
    wanted = make_state(is_transposed=not is_transposed, kind=kind)
    assert turned.tobytes() == wanted.tobytes()


def changed(at: int, value: int) -> np.ndarray:
    state = make_state(is_transposed=True).copy()
    state[at] = value
    return state


@pytest.mark.parametrize(
    "state",
    [
        np.zeros(0, dtype=np.uint8),
        make_state(is_transposed=True)[:-1],
        make_state(is_transposed=True)[:100],
        np.concatenate([make_state(is_transposed=True)] * 2),
        make_state(is_transposed=True, kind=8),
        changed(8, 2),
        changed(12, 6),
        changed(20, 2),
        changed(80, 4),
    ],
    ids=[
        "nothing",
        "a byte short",
        "cut",
        "two caches",
        "quantized",
        "two streams",
        "more cells",
        "a cell of two sequences",
        "more layers",
    ],
)
def test_another_layout_is_refused(state):
    assert turn_values(state) is None
