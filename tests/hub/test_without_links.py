"""Pulling and deleting where there are no links, no locks, and files in use stay."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hermes_gguf.catalog import Catalog
from hermes_gguf.errors import DownloadError
from hermes_gguf.hub import Folders, list_local, remove_model
from hermes_gguf.hub.url import url_file
from tests.support.hub_server import HubServer

from .conftest import DATA, REPO, Pull


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(22, "A required privilege is not held by the client")

    monkeypatch.setattr(os, "symlink", refuse)


def _bytes_on_disk(folder: Path) -> int:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sum(path.lstat().st_size for path in found)


@pytest.mark.usefixtures("no_links")
def test_a_model_takes_its_size_once_and_is_fetched_once(
    hub: HubServer, pull: Pull, catalog: Catalog, folders: Folders, tmp_path: Path
) -> None:
    for options in ({}, {}, {"verify": True}):
        assert pull(f"{REPO}:Q4_K_M", **options).path.read_bytes() == DATA
    assert hub.sent_bytes() == len(DATA)
    assert _bytes_on_disk(tmp_path / "hub") < 1.1 * len(DATA)
    removed = remove_model("hermes-test", catalog=catalog, folders=folders)
    assert removed.freed_bytes == len(DATA)
    assert not list((tmp_path / "hub").glob("models--*"))


@pytest.mark.usefixtures("no_links")
def test_what_was_not_verified_is_hashed_and_not_fetched_again(
    hub: HubServer, pull: Pull, tmp_path: Path
) -> None:
    name = f"{REPO}:Q8_0"
    first = pull(name)
    for note in (tmp_path / "own" / "files").iterdir():
        note.unlink()
    sent_bytes = hub.sent_bytes()
    assert pull(name).sha256 == first.sha256
    assert hub.sent_bytes() == sent_bytes


@pytest.mark.skipif(os.name == "nt", reason="has other locks")
@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK])
def test_a_disk_without_locks_is_used_or_named(
    pull: Pull, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    if code == errno.ENOSYS:
        assert pull().path.read_bytes() == DATA
        return
    with pytest.raises(DownloadError, match="No locks available") as caught:
        pull()
    assert "HF_HUB_CACHE" in str(caught.value.hint)


def test_a_model_that_cannot_be_deleted_stays_listed(
    pull: Pull, catalog: Catalog, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = pull().path.resolve()
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == blob:
            raise PermissionError(13, "it is being used by another process", str(path))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(PermissionError):
        remove_model("hermes-test", catalog=catalog, folders=folders)
    (left,) = list_local(catalog=catalog, folders=folders)
    assert left.sha256


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/model.Q4_K_M.gguf", "model.Q4_K_M.gguf"),
        ("/a/%C3%A9t%C3%A9.gguf", "été.gguf"),
        ("/a/..%5C..%5Cautoexec.gguf", "..%5C..%5Cautoexec.gguf"),
        ("/a/C%3Ahermes.gguf", "C%3Ahermes.gguf"),
        ("/a/what%3F.gguf", "what%3F.gguf"),
        ("/a/con.gguf", "_con.gguf"),
        ("/a/%2e%2e", "model.gguf"),
        ("/a/zero%00.gguf", "zero%00.gguf"),
        ("/a/", "model.gguf"),
    ],
)
def test_a_url_names_a_file_that_every_system_takes(path: str, name: str) -> None:
    folder = Path("folder")
    assert url_file(f"https://example.org{path}", folder) == folder / name
