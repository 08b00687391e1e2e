"""Training goes on from a model file alone, as from the checkpoint behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra `tiny`")
pytest.importorskip("tokenizers", reason="needs the extra `tiny`")

from scripts.tiny.export import (  # noqa: E402
    load_checkpoint,
    read_tokenizer,
    write_gguf,
)
from scripts.tiny.model import Shape, TinyLlama  # noqa: E402
from scripts.tiny.muon import Optimizer  # noqa: E402
from scripts.tiny.recover import recover  # noqa: E402

SHIPPED = Path(__file__).parents[2] / "hermes_gguf" / "data" / "tiny.gguf"


@pytest.fixture(scope="module")
def network() -> Any:
    """A small network of random weights, with the shipped vocabulary."""
    torch.manual_seed(5)
    n_vocab = len(read_tokenizer(SHIPPED).pieces)
    made = TinyLlama(Shape(n_vocab, n_layers=2, n_embd=64, n_heads=2, n_ff=96))
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return made


def _recovered(network: TinyLlama, path: Path, *, quantize: bool) -> dict[str, Any]:
    write_gguf(
        path,
        shape=network.shape,
        weights={name: w.detach() for name, w in network.named_parameters()},
        tokenizer=read_tokenizer(SHIPPED),
        quantize=quantize,
    )
    return recover(path, minutes=12, n_tokens=3_000, n_steps=40)


@pytest.mark.parametrize(
    ("quantize", "error"),
    [
        pytest.param(False, 0.0, id="f32, exactly"),
        # Half a step of 1/127 of the largest of 32 values.
        pytest.param(True, 0.005, id="Q8_0, nearly"),
    ],
)
def test_the_weights_are_those_of_the_file(
    network: TinyLlama, tmp_path: Path, quantize: bool, error: float
) -> None:
    state = _recovered(network, tmp_path / "model.gguf", quantize=quantize)
    for name, weight in network.named_parameters():
        assert (state["weights"][name] - weight).abs().max() <= error, name


def test_the_checkpoint_is_one_that_training_and_export_read(
    network: TinyLlama, tmp_path: Path
) -> None:
    state = _recovered(network, tmp_path / "model.gguf", quantize=False)
    torch.save(state, tmp_path / "checkpoint.pt")
    shape, weights = load_checkpoint(tmp_path / "checkpoint.pt")
    assert shape == network.shape
    fresh = TinyLlama(shape)
    optimizer = Optimizer(fresh, rank=0, world=1)
    optimizer.load_state_dict(state["optimizer"])
    for name, weight in fresh.named_parameters():
        assert torch.equal(weight, weights[name]), name
    past = (state["spent_s"], state["n_tokens"], optimizer.n_steps)
    assert past == (720, 3_000, 40)
