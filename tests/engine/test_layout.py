from __future__ import annotations

import pytest

from hermes_gguf.engine.llama import library
from hermes_gguf.engine.llama.layout import repacks_weights
from hermes_gguf.options import LoadOptions

ZEN4 = "CPU : AVX2 = 1 | AVX512 = 1 | AVX512_VNNI = 1 | REPACK = 1 | "
LAPTOP = "CPU : AVX2 = 1 | AVX_VNNI = 1 | REPACK = 1 | "
APPLE = "CPU : NEON = 1 | ARM_FMA = 1 | DOTPROD = 1 | REPACK = 1 | "


@pytest.mark.parametrize(
    ("system_info", "repack", "expected"),
    [
        (ZEN4, None, False),
        (LAPTOP, None, True),
        (APPLE, None, True),
        (ZEN4, True, True),
        (LAPTOP, False, False),
    ],
)
def test_weights_are_repacked_where_that_pays_or_as_told(
    system_info, repack, expected, monkeypatch, tmp_path
):
    monkeypatch.setattr(library, "system_info", lambda: system_info)
    options = LoadOptions(repack=repack)
    assert repacks_weights(options, tmp_path, on_warning=print) is expected
