"""Which models are on this machine, and which of them is the default.

It only looks: downloading is the business of `pull`, deleting of `remove`.
"""

from __future__ import annotations

from pathlib import Path

from ..catalog import Catalog, all_parts, quant_from_filename
from .cache import Folders, all_cached, find_cached
from .choose import model_files
from .resolve import LocalModel
from .url import url_of_file
from .verified import last_used_s, verified_sha256


def list_local(*, catalog: Catalog, folders: Folders | None = None) -> list[LocalModel]:
    """Every GGUF model in the Hub's cache and ours, the newest download first."""
    folders = folders or Folders.of_user()
    by_repo: dict[str, list[str]] = {}
    for file in all_cached(folders):
        by_repo.setdefault(file.repo_id, []).append(file.filename)
    found = [
        _hub_model(catalog, repo_id, parts, paths, folders)
        for repo_id, names in by_repo.items()
        for parts in model_files(names)
        if (paths := find_cached(folders, repo_id, parts))
    ]
    found += _url_models(folders)
    return sorted(found, key=downloaded_at_s, reverse=True)


def downloaded_at_s(model: LocalModel) -> float:
    """When the file arrived, in seconds since 1970."""
    return model.path.stat().st_mtime


def used_at_s(model: LocalModel, *, folders: Folders | None = None) -> float | None:
    """When the model was last used, in seconds since 1970; None if never by us."""
    return last_used_s(model.path, folders or Folders.of_user())


def is_hermes(model: LocalModel) -> bool:
    """Whether it is of the family: known to the catalogue, or so by its name."""
    known = model.spec is not None and model.source != "embedded"
    return known or "hermes" in f"{model.repo_id}/{model.filename}".lower()


def newest_hermes(
    *, catalog: Catalog, folders: Folders | None = None
) -> LocalModel | None:
    """The Hermes that was downloaded last, or None when there is none."""
    models = list_local(catalog=catalog, folders=folders)
    return next(filter(is_hermes, models), None)


def _hub_model(
    catalog: Catalog,
    repo_id: str,
    parts: tuple[str, ...],
    paths: tuple[Path, ...],
    folders: Folders,
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
        sha256=verified_sha256(paths[0], folders),
    )


def _url_models(folders: Folders) -> list[LocalModel]:
    found = []
    for path in sorted(folders.urls.glob("*/*.gguf")):
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
