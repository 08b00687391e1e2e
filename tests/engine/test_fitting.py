"""What a load takes and whether it fits, for the true shapes, against measurements."""

from __future__ import annotations

import pytest

from hermes_gguf.catalog import Shape, load_catalog, ram_needed_bytes
from hermes_gguf.engine.llama import hardware
from hermes_gguf.engine.llama.draft_load import bytes_beside
from hermes_gguf.engine.llama.fitting import Fit, fit_to_machine, memory_need
from hermes_gguf.engine.llama.gguf_file import GgufHeader
from hermes_gguf.engine.llama.library import GpuDevice
from hermes_gguf.errors import ModelLoadError
from hermes_gguf.options import LoadOptions

MIB = 1 << 20
CPU = "CPU : AVX2 = 1 | LLAMAFILE = 1 | "
CATALOG = load_catalog(user_path=None)
#: The file of the random 8B model that was measured.
BYTES_8B = 5_056_387_648


def shape_of(name: str) -> Shape:
    shape = CATALOG.resolve(name).shape
    assert shape is not None
    return shape


def header_of(name: str, size_bytes: int = BYTES_8B) -> GgufHeader:
    """The header of a file of this shape that nobody has."""
    shape = shape_of(name)
    numbers = {
        "context_length": 131_072,
        "block_count": shape.n_layers,
        "embedding_length": shape.n_embd,
        "feed_forward_length": shape.n_ff,
        "attention.head_count": shape.n_heads,
        "attention.head_count_kv": shape.n_kv_heads,
        "attention.key_length": shape.head_dim,
        "attention.value_length": shape.head_dim,
    }
    metadata = {f"llama.{key}": value for key, value in numbers.items()}
    metadata |= {
        "general.architecture": "llama",
        "tokenizer.ggml.tokens": shape.n_vocab,
    }
    return GgufHeader(metadata, 291, size_bytes, size_bytes)


@pytest.mark.parametrize(
    ("options", "measured_mib"),
    [
        # Peak of anonymous and mapped memory of the process, llama-cpp-python 0.3.36,
        # two threads. Half of the context was in use, and all of it with plain
        # products, whose scores grow with it; a cache is there whole from the start.
        ({"n_ctx": 2048, "n_slots": 4}, 6_007),
        ({"n_ctx": 8192, "kv_type": "q8_0"}, 5_526),
        ({"n_ctx": 8192, "kv_type": "q4_0"}, 5_270),
        ({"n_ctx": 8192, "flash_attention": False}, 6_190),
    ],
    ids=str,
)
def test_what_an_8b_takes_is_known_within_five_percent(options, measured_mib):
    chosen = LoadOptions(**options)
    need = memory_need(header_of("hermes-3-8b"), chosen, chosen.n_ctx)
    assert need.total_bytes / MIB == pytest.approx(measured_mib, rel=0.05)


@pytest.mark.parametrize(
    ("name", "n_cells", "reported_mib"),
    [
        # What llama.cpp says of its compute buffers: llama_context and sched_reserve.
        ("hermes-3-3b", 8192, 80),
        ("hermes-3-8b", 8192, 124),
        ("hermes-3-8b", 32_768, 148),
        ("hermes-4-14b", 8192, 150),
        ("deephermes-3-24b", 8192, 238),
        ("hermes-4.3-36b", 8192, 220),
        ("hermes-4-70b", 32_768, 265),
    ],
)
def test_buffers_are_those_that_llama_cpp_reports(name, n_cells, reported_mib):
    def buffers(cells: int) -> int:
        need = hardware.memory_need(
            header_of(name), n_cells=cells, kv_type="f16", n_batch=512
        )
        return need.buffer_bytes

    of_this_program = 160 * MIB + 64 * shape_of(name).n_vocab
    assert (buffers(n_cells) - of_this_program) / MIB == pytest.approx(
        reported_mib, rel=0.05
    )


@pytest.mark.parametrize("name", ["hermes-3-3b", "hermes-3-8b", "hermes-4-70b"])
def test_the_list_of_models_and_the_engine_count_alike(name):
    n_ctx = 8192
    listed = ram_needed_bytes(BYTES_8B, shape=shape_of(name), n_ctx=n_ctx)
    need = memory_need(header_of(name), LoadOptions(n_ctx=n_ctx), n_ctx)
    assert listed == need.total_bytes


class Machine:
    """So much free memory, and what was said about a load."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free_mib = 0
        self.said: list[str] = []
        monkeypatch.setattr(hardware, "available_bytes", lambda: self.free_mib * MIB)

    def fit(
        self,
        free_mib: int,
        *,
        name: str = "hermes-3-8b",
        size_bytes: int = BYTES_8B,
        draft: GgufHeader | None = None,
        most_bytes: int | None = None,
        gpu: GpuDevice | None = None,
        **options,
    ) -> Fit:
        self.free_mib, self.said = free_mib, []
        chosen = LoadOptions(**options)
        return fit_to_machine(
            "m",
            header_of(name, size_bytes),
            chosen,
            devices=[gpu] if gpu else [],
            system_info=CPU,
            on_warning=self.said.append,
            beside=bytes_beside(draft, chosen, has_gpu=gpu is not None),
            most_bytes=most_bytes,
        )

    def refusal(self, free_mib: int, **options) -> ModelLoadError:
        with pytest.raises(ModelLoadError) as caught:
            self.fit(free_mib, **options)
        return caught.value


@pytest.fixture
def machine(monkeypatch):
    return Machine(monkeypatch)


@pytest.mark.parametrize(
    ("free_mib", "options", "n_ctx"),
    [
        (16_000, {}, 8192),
        (6_200, {}, 8192),
        (6_000, {}, 6912),
        (5_700, {}, 4608),
        (5_400, {}, 2304),
        (5_400, {"kv_type": "q8_0"}, 4352),
        (6_200, {"n_slots": 4}, 2048),
        (6_200, {"n_ctx": 8100}, 8100),
    ],
)
def test_a_context_that_nobody_asked_for_is_the_longest_that_fits(
    machine, free_mib, options, n_ctx
):
    fit = machine.fit(free_mib, **options)
    assert fit.n_ctx == n_ctx
    assert fit.left_bytes >= 0
    assert bool(machine.said) == (n_ctx < 8100)


def test_a_shorter_context_is_told_with_the_ways_out(machine):
    machine.fit(5_700)
    assert machine.said == [
        "Memory for 4608 tokens of context is free, not for 8192; close programs, or"
        f" --kv-type q8_0 {COST}."
    ]
    machine.fit(5_400, kv_type="q8_0")
    assert machine.said[0].endswith("close programs.")


Q8 = "--kv-type q8_0"
COST = "(half the memory; long prompts take two or three times as long)"
SMALLER = "a smaller quantization or model (hermes-gguf models), or close programs"


@pytest.mark.parametrize(
    ("free_mib", "options", "hint"),
    [
        (8_000, {"n_ctx": 65_536}, f"--ctx 22784, or {Q8} --ctx 42752 {COST}"),
        (8_000, {"n_ctx": 32_768}, f"--ctx 22784, or {Q8} {COST}"),
        (8_000, {"n_ctx": 65_536, "kv_type": "q8_0"}, "--ctx 42752"),
        (8_000, {"n_ctx": 131_072, "kv_type": "q4_0"}, "--ctx 79872"),
        (5_300, {}, f"--ctx 1536, or {Q8} {COST}"),
        (5_190, {}, f"--ctx 512, or {Q8} --ctx 1024 {COST}"),
        (5_160, {}, f"{Q8} --ctx 768 {COST}"),
        (5_000, {}, SMALLER),
        (0, {"n_ctx": 4096}, SMALLER),
    ],
)
def test_a_refusal_names_what_would_fit_and_it_does(machine, free_mib, options, hint):
    error = machine.refusal(free_mib, **options)
    assert error.hint == hint
    for way in (hint or "").split(", or "):
        words = way.split()
        typed = dict(zip(words, words[1:], strict=False))
        if "--ctx" in typed or "--kv-type" in typed:
            n_ctx = int(typed.get("--ctx", 0)) or options.get("n_ctx", 2048)
            kv_type = typed.get("--kv-type", options.get("kv_type", "f16"))
            assert machine.fit(free_mib, n_ctx=n_ctx, kv_type=kv_type).n_ctx == n_ctx


def test_a_refusal_has_the_arithmetic_in_the_units_of_hermes_gguf_models(machine):
    assert str(machine.refusal(5_300).message) == (
        "m: needs 5.62 GB of memory (5.06 weights, 0.27 for 2048 tokens of context) and"
        " 5.56 GB are free"
    )


def test_a_context_of_millions_of_tokens_is_refused_at_once(machine):
    assert machine.refusal(8_000, n_ctx=2_000_000_000).hint.startswith("--ctx 22784")


BYTES_3B = 2_019_373_888


def test_a_draft_model_gets_what_the_large_one_leaves(machine):
    """Whatever the system counts as free once the large one is mapped."""
    large = machine.fit(10_000, n_ctx=8192)
    assert large.left_bytes < 4_000 * MIB
    small = {"name": "hermes-3-3b", "size_bytes": BYTES_3B, "n_ctx": 8192}
    fit = machine.fit(10_000, **small, most_bytes=large.left_bytes)
    assert fit.n_ctx == 8192
    error = machine.refusal(10_000, **small, most_bytes=2_000 * MIB)
    assert "2.10 GB are free" in error.message


def test_a_context_that_nobody_asked_for_leaves_room_for_the_draft_model(machine):
    draft = header_of("hermes-3-3b", BYTES_3B)
    assert machine.fit(9_400, draft=draft).n_ctx == 8192
    shorter = machine.fit(8_000, draft=draft)
    assert 2048 <= shorter.n_ctx < 8192
    own = memory_need(draft, LoadOptions(n_ctx=shorter.n_ctx), shorter.n_ctx)
    assert own.total_bytes <= shorter.left_bytes
    # Too little for both: the large one loads, and the draft model is refused by name.
    assert machine.fit(6_500, draft=draft).left_bytes < BYTES_3B


def test_weights_on_a_gpu_are_none_of_this_machines_memory(machine):
    gpu = GpuDevice("A GPU", 24 << 30, False)
    assert machine.fit(2_000, gpu=gpu).weights_bytes == 0
    assert machine.fit(8_000).weights_bytes == BYTES_8B
