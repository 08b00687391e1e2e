from __future__ import annotations

from pathlib import Path

import pytest

from hermes_gguf.engine import load_engine
from hermes_gguf.engine.base import GenerationRequest, Piece
from hermes_gguf.engine.llama import hardware
from hermes_gguf.engine.llama.attention import scores_bytes
from hermes_gguf.engine.llama.fitting import Fit, fit_to_machine
from hermes_gguf.engine.llama.gguf_file import read_gguf_header
from hermes_gguf.engine.llama.library import GpuDevice
from hermes_gguf.errors import ModelLoadError, OptionError
from hermes_gguf.options import LoadOptions, SamplingOptions
from hermes_gguf.prompt.rendered import Prompt

LAPTOP = "CPU : AVX2 = 1 | LLAMAFILE = 1 | "
NO_KERNELS = "CPU : AVX2 = 1 | "


def fit(path: Path, *, system_info: str = LAPTOP, gpu: bool = False, **options) -> Fit:
    devices = [GpuDevice("A GPU", 8 << 30, False)] if gpu else []
    return fit_to_machine(
        "m",
        read_gguf_header(path),
        LoadOptions(**options),
        devices=devices,
        system_info=system_info,
        on_warning=print,
    )


@pytest.mark.parametrize(
    ("options", "flash"),
    [
        ({}, False),
        ({"flash_attention": True}, True),
        ({"n_slots": 4}, True),
        ({"n_slots": 4, "flash_attention": False}, False),
        ({"kv_type": "q8_0"}, True),
        ({"kv_type": "f32", "n_slots": 4}, False),
        ({"kv_type": "f32", "flash_attention": True}, True),
        ({"gpu": True}, True),
        ({"gpu": True, "gpu_layers": 0}, False),
        ({"system_info": NO_KERNELS}, True),
        ({"n_ctx": 100_000_000}, True),
    ],
)
def test_one_conversation_on_a_cpu_is_attended_with_plain_products(
    model_path, options, flash, monkeypatch
):
    monkeypatch.setattr(hardware, "available_bytes", lambda: 1 << 50)
    assert fit(model_path, **options).flash_attention is flash


def test_scores_take_only_memory_that_is_free(model_path, monkeypatch):
    header = read_gguf_header(model_path)
    n_ctx = 65_536
    need = hardware.memory_need(header, n_cells=n_ctx, kv_type="f16", n_batch=512)
    scores = scores_bytes(header, n_cells=n_ctx, n_batch=512)

    def free(n_bytes: int) -> None:
        monkeypatch.setattr(hardware, "available_bytes", lambda: n_bytes)

    free(need.total_bytes + scores)
    assert not fit(model_path, n_ctx=n_ctx).flash_attention
    free(need.total_bytes + scores - 1)
    assert fit(model_path, n_ctx=n_ctx).flash_attention
    with pytest.raises(ModelLoadError, match="are free"):
        fit(model_path, n_ctx=n_ctx, flash_attention=False)


def test_a_quantized_cache_needs_flash_attention():
    with pytest.raises(OptionError, match=r"flash_attention.* q8_0 cache"):
        LoadOptions(kv_type="q8_0", flash_attention=False)


def test_both_ways_write_the_same_text(model_path):
    """In f32, where neither rounds enough to matter."""

    def write(flash: bool) -> str:
        options = LoadOptions(kv_type="f32", flash_attention=flash, n_batch=64)
        with load_engine(model_path, options=options) as engine:
            prompt = Prompt("The quick brown fox jumps over the lazy dog. " * 12)
            greedy = SamplingOptions(temperature=0, repeat_penalty=1.0)
            asked = GenerationRequest(prompt=prompt, sampling=greedy, max_tokens=24)
            items = list(engine.generate(asked))
        return "".join(item.text for item in items if isinstance(item, Piece))

    assert write(False) == write(True)
