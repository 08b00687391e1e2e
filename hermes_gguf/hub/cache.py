"""Where huggingface_hub keeps what it has downloaded, read without importing it.

Only looks: the library itself writes the cache (`transfer`), and `remove` deletes from
it. Reading it here keeps `hermes-gguf models` and the start of a cached
model free of the library's import (0.3 s) and of any network.

Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
(models--owner--name/{blobs,refs,snapshots}).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..places import cache_folder


@dataclass(frozen=True, slots=True)
class CachedFile:
    """One GGUF in the cache.

    Attributes:
        repo_id: `owner/name`.
        filename: Path in the repository.
        commit: The snapshot it belongs to.
        path: Where it lies in the snapshot (a link to the blob, or the file).
    """

    repo_id: str
    filename: str
    commit: str
    path: Path


@dataclass(frozen=True, slots=True)
class Folders:
    """Where downloaded models lie.

    Attributes:
        hub: The Hub's cache, which other programs use too.
        own: Our own: files from plain URLs, and which files were verified.
    """

    hub: Path
    own: Path

    @classmethod
    def of_user(cls, *, hub: Path | None = None) -> Folders:
        """This user's: the Hub's as HF_HUB_CACHE and HF_HOME say, if none is given."""
        if hub is None:
            from huggingface_hub import constants

            hub = Path(constants.HF_HUB_CACHE)
        return cls(hub, cache_folder())

    @property
    def urls(self) -> Path:
        """What holds a folder for each model from a plain URL."""
        return self.own / "urls"

    def repo(self, repo_id: str) -> Path:
        """The folder of one repository in the Hub's cache."""
        return self.hub / ("models--" + repo_id.replace("/", "--"))


def find_cached(
    folders: Folders,
    repo_id: str,
    filenames: tuple[str, ...],
    *,
    revision: str | None = None,
) -> tuple[Path, ...]:
    """The cached files of one model, all of one snapshot; empty when one is missing.

    The commit that `revision` (or main) was last seen at comes first; without a
    revision any other snapshot serves too, the newest first.
    """
    for snapshot in _snapshots(folders.repo(repo_id), revision):
        paths = tuple(snapshot / name for name in filenames)
        if all(path.is_file() for path in paths):
            return paths
    return ()


def cached_files(
    folders: Folders, repo_id: str, *, revision: str | None = None
) -> list[CachedFile]:
    """Every cached GGUF of a repository; of each name the best snapshot's."""
    best: dict[str, CachedFile] = {}
    for file in _cached_in(folders.repo(repo_id), repo_id, revision):
        best.setdefault(file.filename, file)
    return list(best.values())


def all_cached(folders: Folders) -> Iterator[CachedFile]:
    """Every cached GGUF of every repository."""
    if not folders.hub.is_dir():
        return
    for folder in sorted(folders.hub.glob("models--*--*")):
        repo_id = folder.name.removeprefix("models--").replace("--", "/", 1)
        yield from cached_files(folders, repo_id)


def _cached_in(
    folder: Path, repo_id: str, revision: str | None
) -> Iterator[CachedFile]:
    for snapshot in _snapshots(folder, revision):
        for path in sorted(snapshot.rglob("*.gguf")):
            if path.is_file():
                name = path.relative_to(snapshot).as_posix()
                yield CachedFile(repo_id, name, snapshot.name, path)


def _snapshots(folder: Path, revision: str | None) -> list[Path]:
    root = folder / "snapshots"
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if path.is_dir()]
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    wanted = _commit_of(folder, revision or "main")
    first = [path for path in found if path.name == wanted]
    if revision is not None:
        return first
    return first + [path for path in found if path.name != wanted]


def _commit_of(folder: Path, revision: str) -> str:
    ref = folder / "refs" / revision
    if not ref.is_file():
        return revision
    return ref.read_text(encoding="utf-8", errors="replace").strip()
