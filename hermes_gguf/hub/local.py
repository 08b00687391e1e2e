"""What is on this machine: the list, the default, and deleting.

Deleting frees the blobs of exactly the files that were named; other files of the
same repository, other revisions and everything outside of the cache stay.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog import Catalog, all_parts, quant_from_filename
from ..errors import CatalogError, NotDownloadedError
from .cache import (
    all_cached,
    cached_files,
    find_cached,
    hub_cache_dir,
    own_cache_dir,
    repo_dir,
)
from .choose import lacks_parts, model_files
from .refs import RepoRef, UrlRef, parse_model_ref
from .resolve import LocalModel, resolve_model
from .url import SOURCE, url_folder, url_of_file
from .verified import forget, last_used_s, verified_sha256


def list_local(
    *, catalog: Catalog, cache_dir: Path | None = None, state_dir: Path | None = None
) -> list[LocalModel]:
    """Every GGUF model in the Hub's cache and ours, the newest download first."""
    cache = hub_cache_dir(cache_dir)
    by_repo: dict[str, list[str]] = {}
    for file in all_cached(cache):
        by_repo.setdefault(file.repo_id, []).append(file.filename)
    found = [
        _hub_model(catalog, repo_id, parts, paths, state_dir)
        for repo_id, names in by_repo.items()
        for parts in model_files(names)
        if (paths := find_cached(cache, repo_id, parts))
    ]
    found += _url_models(state_dir)
    return sorted(found, key=downloaded_at_s, reverse=True)


def downloaded_at_s(model: LocalModel) -> float:
    """When the file arrived, in seconds since 1970."""
    return model.path.stat().st_mtime


def used_at_s(model: LocalModel, *, state_dir: Path | None = None) -> float | None:
    """When the model was last used, in seconds since 1970; None if never by us."""
    return last_used_s(model.path, state_dir=state_dir)


def is_hermes(model: LocalModel) -> bool:
    """Whether it is of the family: known to the catalogue, or so by its name."""
    known = model.spec is not None and model.source != "embedded"
    return known or "hermes" in f"{model.repo_id}/{model.filename}".lower()


def newest_hermes(
    *, catalog: Catalog, cache_dir: Path | None = None, state_dir: Path | None = None
) -> LocalModel | None:
    """The Hermes that was downloaded last, or None when there is none."""
    models = list_local(catalog=catalog, cache_dir=cache_dir, state_dir=state_dir)
    return next(filter(is_hermes, models), None)


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
    cache_dir: Path | None = None,
    state_dir: Path | None = None,
) -> Removed:
    """Delete a downloaded model, or what is left of a broken download of it.

    Raises:
        NotDownloadedError: there is nothing of it.
        CatalogError: it is a file of yours or part of the package.
    """
    cache = hub_cache_dir(cache_dir)
    try:
        model = resolve_model(
            name, catalog=catalog, cache_dir=cache_dir, state_dir=state_dir
        )
    except NotDownloadedError:
        left = _left_files(name, catalog, cache, state_dir)
        if not left:
            raise
        return Removed(name, _remove_files(left, cache, state_dir))
    check_removable(model)
    return Removed(model.name, _remove_files(model.paths, cache, state_dir))


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


def _remove_files(paths: Sequence[Path], cache: Path, state_dir: Path | None) -> int:
    """Delete files of one model; bytes freed."""
    freed = sum(path.stat().st_size for path in paths)
    folder = paths[0].parent
    for path in paths:
        if path.suffix == ".part":
            path.unlink()
        elif own_cache_dir(state_dir) / "urls" in path.parents:
            forget(path, state_dir=state_dir)
        else:
            _remove_file(path, cache, state_dir)
    if folder.parent == own_cache_dir(state_dir) / "urls":
        # All that came from one URL, and nothing else, is in it.
        shutil.rmtree(folder)
    return freed


def _remove_file(path: Path, root: Path, state_dir: Path | None) -> None:
    if root.resolve() not in path.resolve().parents:
        raise CatalogError(
            f"{path.resolve()} lies outside of {root}; it is left alone."
        )
    forget(path, state_dir=state_dir)
    blob = path.resolve()
    snapshots = next(p for p in path.parents if p.name == "snapshots")
    for link in _links_to(blob, snapshots):
        link.unlink(missing_ok=True)
        _remove_empty(link.parent, stop=root)
    blob.unlink(missing_ok=True)
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
    cache_dir: Path | None = None,
    state_dir: Path | None = None,
) -> int:
    """How much a broken download of a model has left on the disk."""
    left = _left_files(name, catalog, hub_cache_dir(cache_dir), state_dir)
    return sum(path.stat().st_size for path in left)


def _left_files(
    name: str, catalog: Catalog, cache: Path, state_dir: Path | None
) -> list[Path]:
    """What a broken download has left: half files, and whole parts of a split model."""
    ref = parse_model_ref(name, catalog=catalog)
    if isinstance(ref, UrlRef):
        folder = url_folder(ref.url, state_dir=state_dir)
        return [path for path in folder.glob("*") if path.name != SOURCE]
    if not isinstance(ref, RepoRef):
        return []
    half = (repo_dir(cache, ref.repo_id) / "blobs").glob("*.part")
    here = {f.filename: f.path for f in cached_files(cache, ref.repo_id)}
    wanted = ref.known_parts or [n for n in here if _is_of_quant(n, ref.quant)]
    return [*half, *(here[n] for n in wanted if n in here and lacks_parts(n, here))]


def _is_of_quant(filename: str, quant: str | None) -> bool:
    its_own = quant_from_filename(filename) or ""
    return quant is None or quant.lower() == its_own.lower()


def _hub_model(
    catalog: Catalog,
    repo_id: str,
    parts: tuple[str, ...],
    paths: tuple[Path, ...],
    state_dir: Path | None,
) -> LocalModel:
    listed = catalog.find_file(repo_id, parts[0])
    spec = listed[0] if listed else catalog.find_repo(repo_id)
    name = f"{listed[0].key}:{listed[1]}" if listed else f"{repo_id}/{parts[0]}"
    return LocalModel(
        path=paths[0],
        paths=paths,
        name=name,
        source="hub",
        spec=spec,
        quant=listed[1] if listed else quant_from_filename(parts[0]),
        repo_id=repo_id,
        filename=parts[0],
        sha256=verified_sha256(paths[0], state_dir=state_dir),
    )


def _url_models(state_dir: Path | None) -> list[LocalModel]:
    found = []
    for path in sorted((own_cache_dir(state_dir) / "urls").glob("*/*.gguf")):
        paths = tuple(path.with_name(part) for part in all_parts(path.name))
        if path != paths[0] or not all(part.is_file() for part in paths):
            continue
        model = LocalModel(
            path=path,
            paths=paths,
            name=url_of_file(path),
            source="url",
            quant=quant_from_filename(path.name),
            filename=path.name,
        )
        found.append(model)
    return found
