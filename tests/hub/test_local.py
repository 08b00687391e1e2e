"""What is on this machine, which is the newest, and deleting it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hermes_gguf.catalog import Catalog
from hermes_gguf.errors import CatalogError, NotDownloadedError, TransferError
from hermes_gguf.hub import list_local, newest_hermes, remove_model, used_at_s
from tests.support.hub_server import Fault, HubServer, fake_gguf

from .conftest import DATA, REPO, Pull

Places = dict[str, Path]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return {"cache_dir": tmp_path / "hub", "state_dir": tmp_path / "own"}


def test_everything_that_was_pulled_is_listed(
    hub: HubServer, pull: Pull, catalog: Catalog, places: Places
) -> None:
    hub.repos["acme/other-GGUF"] = {"other-Q8_0.gguf": fake_gguf(9000, seed=5)}
    url = f"{hub.cdn}/{REPO}/Hermes-Test.Q8_0.gguf"
    for name in ("hermes-test", "acme/other-GGUF", url):
        pull(name)
    found = {m.name: m for m in list_local(catalog=catalog, **places)}
    assert set(found) == {
        "hermes-test:Q4_K_M",
        "acme/other-GGUF/other-Q8_0.gguf",
        url,
    }
    assert found["hermes-test:Q4_K_M"].spec is catalog.resolve("hermes-test")
    assert found["hermes-test:Q4_K_M"].size_bytes == len(DATA)
    assert [m.quant for m in found.values()].count("Q8_0") == 2


def test_the_newest_hermes_is_the_last_download_of_the_family(
    hub: HubServer, pull: Pull, catalog: Catalog, places: Places
) -> None:
    assert newest_hermes(catalog=catalog, **places) is None
    hub.repos["acme/other-GGUF"] = {"other-Q8_0.gguf": fake_gguf(9000, seed=5)}
    names = [pull(n) for n in ("hermes-test", f"{REPO}:Q8_0", "acme/other-GGUF")]
    for age, model in enumerate(names):
        os.utime(model.path, (1_000_000 + age, 1_000_000 + age))
    newest = newest_hermes(catalog=catalog, **places)
    assert newest is not None
    assert newest.filename == "Hermes-Test.Q8_0.gguf"


def test_resolving_counts_as_use(pull: Pull, resolve: Pull, places: Places) -> None:
    pull()
    model = resolve()
    used = used_at_s(model, state_dir=places["state_dir"])
    assert used is not None
    assert used >= model.path.stat().st_mtime - 1


def test_another_quantization_serves_when_none_was_asked_for(
    hub: HubServer, pull: Pull, resolve: Pull, catalog: Catalog
) -> None:
    pull(f"{REPO}:Q8_0")
    with pytest.raises(NotDownloadedError):
        resolve("hermes-test:Q4_K_M")
    assert resolve(REPO).quant == "Q8_0"
    assert resolve("hermes-test:Q8_0").filename == "Hermes-Test.Q8_0.gguf"


def test_deleting_frees_this_file_and_no_other(
    pull: Pull, resolve: Pull, catalog: Catalog, places: Places
) -> None:
    gone, stays = pull(), pull(f"{REPO}:Q8_0")
    removed = remove_model("hermes-test", catalog=catalog, **places)
    assert removed.freed_bytes == len(DATA)
    assert not gone.path.exists()
    assert not gone.path.is_symlink()
    assert stays.path.is_file()
    with pytest.raises(NotDownloadedError):
        resolve("hermes-test:Q4_K_M")


def test_deleting_the_last_file_leaves_no_repository(
    pull: Pull, catalog: Catalog, places: Places
) -> None:
    pull()
    remove_model("hermes-test", catalog=catalog, **places)
    assert not list(places["cache_dir"].glob("models--*"))
    assert list_local(catalog=catalog, **places) == []


def test_deleting_a_broken_download_frees_its_part(
    hub: HubServer, pull: Pull, catalog: Catalog, places: Places
) -> None:
    hub.faults.append(Fault("short", after_bytes=1_000_000))
    hub.faults.append(Fault("status", times=-1))
    with pytest.raises(TransferError):
        pull()
    assert remove_model("hermes-test", catalog=catalog, **places).freed_bytes == 1e6
    with pytest.raises(NotDownloadedError):
        remove_model("hermes-test", catalog=catalog, **places)


def test_deleting_keeps_what_has_arrived_of_another_file(
    hub: HubServer, pull: Pull, catalog: Catalog, places: Places
) -> None:
    pull(f"{REPO}:Q8_0")
    hub.faults.append(Fault("short", after_bytes=1_000_000))
    hub.faults.append(Fault("status", times=-1))
    with pytest.raises(TransferError):
        pull()
    remove_model(f"{REPO}:Q8_0", catalog=catalog, **places)
    hub.faults.clear()
    pull()
    assert hub.ranges()[-1] == "bytes=1000000-"


def test_a_file_of_the_users_is_never_deleted(
    tmp_path: Path, catalog: Catalog, places: Places
) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    with pytest.raises(CatalogError, match="left alone"):
        remove_model(str(mine), catalog=catalog, **places)
    assert mine.exists()


def test_a_snapshot_that_points_out_of_the_cache_is_left_alone(
    pull: Pull, catalog: Catalog, places: Places, tmp_path: Path
) -> None:
    path = pull().path
    elsewhere = tmp_path / "elsewhere.gguf"
    elsewhere.write_bytes(b"GGUF")
    path.unlink()
    path.symlink_to(elsewhere)
    with pytest.raises(CatalogError, match="outside"):
        remove_model("hermes-test", catalog=catalog, **places)
    assert elsewhere.exists()
