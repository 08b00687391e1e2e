"""A Hub on this machine, and a pull that goes there with a cache of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hermes_gguf.catalog import Catalog, ModelFile, ModelSpec
from hermes_gguf.hub import Folders, LocalModel, pull_model, resolve_model
from tests.support.hub_server import HubServer, fake_gguf

REPO = "NousResearch/Hermes-Test-GGUF"
FILE = "Hermes-Test.Q4_K_M.gguf"
DATA = fake_gguf(3_000_000)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    files = {FILE: DATA, "Hermes-Test.Q8_0.gguf": fake_gguf(70_000, seed=8)}
    with HubServer({REPO: files}) as server:
        yield server


@pytest.fixture
def catalog() -> Catalog:
    listed = ModelFile(
        repo_id=REPO, parts=(FILE,), sha256=hashlib.sha256(DATA).hexdigest()
    )
    spec = ModelSpec(
        key="hermes-test",
        title="Hermes Test",
        dialect="chatml",
        n_ctx_train=8192,
        licence="MIT",
        repo_id=REPO,
        files={"Q4_K_M": listed},
    )
    return Catalog({spec.key: spec})


Pull = Callable[..., LocalModel]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "hub", tmp_path / "own")


@pytest.fixture
def pull(hub: HubServer, catalog: Catalog, folders: Folders) -> Pull:
    def do(name: str = "hermes-test", **options: object) -> LocalModel:
        defaults: dict[str, object] = {
            "catalog": catalog,
            "folders": folders,
            "endpoint": hub.endpoint,
            "retry_waits_s": (0.01, 0.01),
        }
        return pull_model(name, **{**defaults, **options})  # type: ignore[arg-type]

    return do


@pytest.fixture
def resolve(catalog: Catalog, folders: Folders) -> Pull:
    def do(name: str = "hermes-test") -> LocalModel:
        return resolve_model(
            name,
            catalog=catalog,
            folders=folders,
        )

    return do
