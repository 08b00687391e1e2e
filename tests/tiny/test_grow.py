"""A deeper network goes on from where the shallow one was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra `tiny`")

from scripts.tiny.grow import deepen, sources  # noqa: E402
from scripts.tiny.model import Shape, TinyLlama  # noqa: E402
from scripts.tiny.muon import Optimizer  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for one another are slow where others want the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _step(optimizer: Optimizer, network: TinyLlama, ids: Any) -> None:
    network.logits(network(ids)).square().mean().backward()
    optimizer.step(matrix_rate=0.01, other_rate=0.01)


def _trained(steps: int) -> tuple[TinyLlama, dict[str, Any]]:
    """A small network, and its checkpoint as `train` writes it."""
    torch.manual_seed(3)
    network = TinyLlama(Shape(64, n_layers=3, n_embd=64, n_heads=2, n_ff=96))
    optimizer = Optimizer(network, rank=0, world=1)
    for _ in range(steps):
        _step(optimizer, network, torch.randint(0, 64, (2, 12)))
    names = [name for name, _ in network.named_parameters()]
    return network, {
        "shape": network.shape.to_json(),
        "weights": dict(zip(names, optimizer.masters, strict=True)),
        "optimizer": optimizer.state_dict(),
        "spent_s": 5.0,
        "n_tokens": 24 * steps,
    }


def _loaded(state: dict[str, Any]) -> tuple[TinyLlama, Optimizer]:
    network = TinyLlama(Shape(**state["shape"]))
    optimizer = Optimizer(network, rank=0, world=1)
    optimizer.load_state_dict(state["optimizer"])
    return network, optimizer


@pytest.mark.parametrize("n_layers", [4, 5, 9])
def test_a_deeper_network_computes_what_the_shallow_one_did(n_layers: int) -> None:
    shallow, state = _trained(steps=4)
    deep, _ = _loaded(deepen(state, n_layers))
    ids = torch.randint(0, 64, (2, 20))
    assert len(deep.blocks) == n_layers
    with torch.no_grad():
        assert torch.equal(deep(ids), shallow(ids))


def test_the_new_layers_learn_and_the_run_goes_on() -> None:
    _, state = _trained(steps=4)
    grown = deepen(state, 5)
    assert (grown["spent_s"], grown["n_tokens"]) == (5.0, 96)
    deep, optimizer = _loaded(grown)
    assert optimizer.n_steps == 4
    new = [at for at, (_, is_copy) in enumerate(sources(3, 5)) if is_copy]
    assert all(not deep.blocks[at].o.weight.any() for at in new)
    _step(optimizer, deep, torch.randint(0, 64, (2, 12)))
    assert all(deep.blocks[at].o.weight.any() for at in new)
    assert all(deep.blocks[at].down.weight.any() for at in new)


@pytest.mark.parametrize(
    ("old", "new", "copied"),
    [(6, 9, [1, 3, 5]), (6, 8, [1, 4]), (2, 3, [1]), (1, 3, [0, 0])],
)
def test_the_new_layers_are_spread_over_the_depth(
    old: int, new: int, copied: list[int]
) -> None:
    layers = sources(old, new)
    assert [at for at, is_copy in layers if is_copy] == copied
    assert [at for at, is_copy in layers if not is_copy] == list(range(old))


def test_a_network_cannot_grow_to_fewer_layers() -> None:
    _, state = _trained(steps=0)
    with pytest.raises(ValueError, match="3 layers already"):
        deepen(state, 3)
