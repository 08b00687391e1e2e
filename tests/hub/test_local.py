"""What is on this machine, which is the newest, and deleting it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hermes_gguf.catalog import Catalog
from hermes_gguf.errors import (
    CatalogError,
    NotDownloadedError,
    TransferError,
    UnknownModelError,
)
from hermes_gguf.hub import (
    Folders,
    list_local,
    newest_hermes,
    partial_bytes,
    pull_model,
    remove_model,
    resolve_model,
    used_at_s,
)
from tests.support.hub_server import Fault, HubServer, fake_gguf
from tests.support.tiny import tiny_model

from .conftest import DATA, REPO, Pull


def test_everything_that_was_pulled_is_listed(
    hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders
) -> None:
    hub.repos["acme/other-GGUF"] = {"other-Q8_0.gguf": fake_gguf(9000, seed=5)}
    url = f"{hub.cdn}/{REPO}/Hermes-Test.Q8_0.gguf"
    for name in ("hermes-test", "acme/other-GGUF", url):
        pull(name)
    found = {m.name: m for m in list_local(catalog=catalog, folders=folders)}
    assert set(found) == {
        "hermes-test:Q4_K_M",
        "acme/other-GGUF/other-Q8_0.gguf",
        url,
    }
    assert found["hermes-test:Q4_K_M"].spec is catalog.resolve("hermes-test")
    assert found["hermes-test:Q4_K_M"].size_bytes == len(DATA)
    assert [m.quant for m in found.values()].count("Q8_0") == 2


def test_the_newest_hermes_is_the_last_download_of_the_family(
    hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders
) -> None:
    assert newest_hermes(catalog=catalog, folders=folders) is None
    hub.repos["acme/other-GGUF"] = {"other-Q8_0.gguf": fake_gguf(9000, seed=5)}
    names = [pull(n) for n in ("hermes-test", f"{REPO}:Q8_0", "acme/other-GGUF")]
    for age, model in enumerate(names):
        os.utime(model.path, (1_000_000 + age, 1_000_000 + age))
    newest = newest_hermes(catalog=catalog, folders=folders)
    assert newest is not None
    assert newest.filename == "Hermes-Test.Q8_0.gguf"


def test_resolving_counts_as_use(pull: Pull, resolve: Pull, folders: Folders) -> None:
    pull()
    model = resolve()
    used = used_at_s(model, folders=folders)
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
    pull: Pull, resolve: Pull, catalog: Catalog, folders: Folders
) -> None:
    gone, stays = pull(), pull(f"{REPO}:Q8_0")
    removed = remove_model("hermes-test", catalog=catalog, folders=folders)
    assert removed.freed_bytes == len(DATA)
    assert not gone.path.exists()
    assert not gone.path.is_symlink()
    assert stays.path.is_file()
    with pytest.raises(NotDownloadedError):
        resolve("hermes-test:Q4_K_M")


def test_deleting_the_last_file_leaves_no_repository(
    pull: Pull, catalog: Catalog, folders: Folders
) -> None:
    pull()
    remove_model("hermes-test", catalog=catalog, folders=folders)
    assert not list(folders.hub.glob("models--*"))
    assert list_local(catalog=catalog, folders=folders) == []


def test_deleting_a_broken_download_frees_its_part(
    hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders
) -> None:
    hub.faults.append(Fault("short", after_bytes=1_000_000))
    hub.faults.append(Fault("status", times=-1))
    with pytest.raises(TransferError):
        pull()
    removed = remove_model("hermes-test", catalog=catalog, folders=folders)
    assert removed.freed_bytes == 1e6
    with pytest.raises(NotDownloadedError):
        remove_model("hermes-test", catalog=catalog, folders=folders)


def test_deleting_keeps_what_has_arrived_of_another_file(
    hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders
) -> None:
    pull(f"{REPO}:Q8_0")
    hub.faults.append(Fault("short", after_bytes=1_000_000))
    hub.faults.append(Fault("status", times=-1))
    with pytest.raises(TransferError):
        pull()
    remove_model(f"{REPO}:Q8_0", catalog=catalog, folders=folders)
    hub.faults.clear()
    pull()
    assert hub.ranges()[-1] == "bytes=1000000-"


def test_deleting_a_split_model_frees_all_its_parts(
    hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders
) -> None:
    names = split_model(hub)
    for name in (f"{REPO}/{names[0]}", f"{hub.cdn}/{REPO}/{names[0]}"):
        pull(name)
        (model,) = list_local(catalog=catalog, folders=folders)
        assert (model.name, model.size_bytes) == (name, 120_000)
        removed = remove_model(model.name, catalog=catalog, folders=folders)
        assert removed.freed_bytes == 120_000
        assert files_in(folders) == []


@pytest.mark.parametrize("place", ["", "cdn"])
def test_deleting_half_a_split_model_frees_the_parts_that_are_here(
    place: str, hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders
) -> None:
    names = split_model(hub)
    name = f"{hub.cdn}/{REPO}/{names[0]}" if place else f"{REPO}:Q6_K"
    hub.faults += [Fault("none", times=6 if place else 1)]
    hub.faults += [Fault("short", after_bytes=1000), Fault("status", times=-1)]
    with pytest.raises(TransferError):
        pull(name)
    assert partial_bytes(name, catalog=catalog, folders=folders) == 41_000
    assert list_local(catalog=catalog, folders=folders) == []
    assert remove_model(name, catalog=catalog, folders=folders).freed_bytes == 41_000
    assert files_in(folders) == []


def split_model(hub: HubServer) -> list[str]:
    names = [f"m-Q6_K-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    hub.repos[REPO] = {
        name: fake_gguf(40_000, seed=seed) for seed, name in enumerate(names)
    }
    return names


def files_in(folders: Folders) -> list[Path]:
    """Everything of ours, but for locks and marks."""
    both = (*folders.hub.rglob("*"), *folders.own.rglob("*"))
    found = [path for path in both if path.is_file()]
    return [p for p in found if p.suffix not in (".lock", ".TAG", ".json")]


def test_a_file_of_the_users_is_never_deleted(
    tmp_path: Path, catalog: Catalog, folders: Folders
) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    with pytest.raises(CatalogError, match="left alone"):
        remove_model(str(mine), catalog=catalog, folders=folders)
    assert mine.exists()


def test_a_snapshot_that_points_out_of_the_cache_is_left_alone(
    pull: Pull, catalog: Catalog, folders: Folders, tmp_path: Path
) -> None:
    path = pull().path
    elsewhere = tmp_path / "elsewhere.gguf"
    elsewhere.write_bytes(b"GGUF")
    path.unlink()
    path.symlink_to(elsewhere)
    with pytest.raises(CatalogError, match="outside"):
        remove_model("hermes-test", catalog=catalog, folders=folders)
    assert elsewhere.exists()


def test_without_a_catalogue_names_are_those_of_the_shipped_one() -> None:
    tiny_model()
    assert resolve_model("tiny").source == pull_model("tiny").source == "embedded"
    with pytest.raises(UnknownModelError, match="hermes-9"):
        resolve_model("hermes-9")


@pytest.mark.parametrize("damaged", [b"", b"\xff\xfe\x00", b"../../.."])
def test_damaged_notes_of_the_cache_hide_no_model(
    hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders, damaged: bytes
) -> None:
    paths = {
        pull("hermes-test").path,
        pull(f"{hub.cdn}/{REPO}/Hermes-Test.Q8_0.gguf").path,
    }
    notes = [
        *folders.hub.glob("models--*/refs/*"),
        *folders.urls.rglob("source.txt"),
        *(folders.own / "files").iterdir(),
    ]
    assert len(notes) == 3
    for note in notes:
        note.write_bytes(damaged)
    found = {m.path for m in list_local(catalog=catalog, folders=folders)}
    assert paths <= found
