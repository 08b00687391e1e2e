"""Deletes downloaded models, and what broken downloads have left.

It frees the blobs of exactly the files that were named; other files of the same
repository, other revisions and everything outside of the cache stay.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog import Catalog, quant_from_filename
from ..errors import CatalogError, NotDownloadedError
from .cache import Folders, cached_files
from .choose import lacks_parts
from .refs import RepoRef, UrlRef, parse_model_ref
from .resolve import LocalModel, resolve_model
from .url import SOURCE, url_folder
from .verified import forget


@dataclass(frozen=True, slots=True)
class Removed:
    """What a deletion freed.

    Attributes:
        name: The model.
        freed_bytes: Bytes given back to the disk.
    """

    name: str
    freed_bytes: int


def remove_model(
    name: str,
    *,
    catalog: Catalog,
    folders: Folders | None = None,
) -> Removed:
    """Delete a downloaded model, or what is left of a broken download of it.

    Raises:
        NotDownloadedError: there is nothing of it.
        CatalogError: it is a file of yours or part of the package.
    """
    folders = folders or Folders.of_user()
    try:
        model = resolve_model(name, catalog=catalog, folders=folders)
    except NotDownloadedError:
        left = _left_files(name, catalog, folders)
        if not left:
            raise
        return Removed(name, _remove_files(left, folders))
    check_removable(model)
    return Removed(model.name, _remove_files(model.paths, folders))


def check_removable(model: LocalModel) -> None:
    """Check that a model came by download.

    Raises:
        CatalogError: it is a file of yours or part of the package.
    """
    if model.source == "embedded":
        raise CatalogError(f"{model.name} is part of hermes-gguf and stays with it.")
    if model.source == "file":
        raise CatalogError(
            f"{model.path} was not downloaded by hermes-gguf; it is left alone.",
            hint="delete it yourself if you mean it",
        )


def _remove_files(paths: Sequence[Path], folders: Folders) -> int:
    """Delete files of one model; bytes freed."""
    freed = sum(path.stat().st_size for path in paths)
    folder = paths[0].parent
    for path in paths:
        if path.suffix == ".part":
            path.unlink()
        elif folders.urls in path.parents:
            forget(path, folders)
        else:
            _remove_file(path, folders)
    if folder.parent == folders.urls:
        # All that came from one URL, and nothing else, is in it.
        shutil.rmtree(folder)
    return freed


def _remove_file(path: Path, folders: Folders) -> None:
    root = folders.hub
    if root.resolve() not in path.resolve().parents:
        raise CatalogError(
            f"{path.resolve()} lies outside of {root}; it is left alone."
        )
    blob = path.resolve()
    snapshots = next(p for p in path.parents if p.name == "snapshots")
    links = _links_to(blob, snapshots)
    # First what may refuse: Windows keeps a file that is in use, and its links with it.
    blob.unlink(missing_ok=True)
    forget(path, folders)
    for link in links:
        link.unlink(missing_ok=True)
        _remove_empty(link.parent, stop=root)
    if not _is_in_use(snapshots.parent):
        # Nothing but refs and locks is left of the repository.
        shutil.rmtree(snapshots.parent)


def _is_in_use(repo: Path) -> bool:
    """Whether files are there, or arriving: another download may be under way."""
    is_arriving = any((repo / "blobs").glob("*.part"))
    return is_arriving or (repo / "snapshots").exists()


def _links_to(blob: Path, snapshots: Path) -> list[Path]:
    return [p for p in snapshots.rglob("*") if p.is_file() and p.resolve() == blob]


def _remove_empty(folder: Path, *, stop: Path) -> None:
    while folder != stop and stop in folder.parents and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def partial_bytes(
    name: str,
    *,
    catalog: Catalog,
    folders: Folders | None = None,
) -> int:
    """How much a broken download of a model has left on the disk."""
    left = _left_files(name, catalog, folders or Folders.of_user())
    return sum(path.stat().st_size for path in left)


def _left_files(name: str, catalog: Catalog, folders: Folders) -> list[Path]:
    """What a broken download has left: half files, and whole parts of a split model."""
    ref = parse_model_ref(name, catalog=catalog)
    if isinstance(ref, UrlRef):
        folder = url_folder(ref.url, folders)
        return [path for path in folder.glob("*") if path.name != SOURCE]
    if not isinstance(ref, RepoRef):
        return []
    half = (folders.repo(ref.repo_id) / "blobs").glob("*.part")
    here = {f.filename: f.path for f in cached_files(folders, ref.repo_id)}
    wanted = ref.known_parts or [n for n in here if _is_of_quant(n, ref.quant)]
    return [*half, *(here[n] for n in wanted if n in here and lacks_parts(n, here))]


def _is_of_quant(filename: str, quant: str | None) -> bool:
    its_own = quant_from_filename(filename) or ""
    return quant is None or quant.lower() == its_own.lower()
