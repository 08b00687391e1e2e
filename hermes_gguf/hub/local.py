"""Which models are on this machine, and which of them is the default.

It only looks: downloading is the business of `pull`, deleting of `remove`.
"""

from __future__ import annotations

from ..catalog import Catalog, all_parts
from .cache import Folders, all_cached, find_cached
from .choose import model_files
from .refs import RepoRef
from .resolve import LocalModel, local_from_parts, local_from_url
from .url import url_of_file
from .verified import last_used_s


def list_local(*, catalog: Catalog, folders: Folders | None = None) -> list[LocalModel]:
    """Every GGUF model in the Hub's cache and ours, the newest download first."""
    folders = folders or Folders.of_user()
    by_repo: dict[str, list[str]] = {}
    for file in all_cached(folders):
        by_repo.setdefault(file.repo_id, []).append(file.filename)
    found = [
        local_from_parts(_ref(catalog, repo_id, parts[0]), parts, paths, folders)
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


def _ref(catalog: Catalog, repo_id: str, filename: str) -> RepoRef:
    """The reference that a cached file would have been pulled by."""
    listed = catalog.find_file(repo_id, filename)
    if listed is None:
        return RepoRef(repo_id=repo_id, spec=catalog.find_repo(repo_id))
    spec, quant = listed
    return RepoRef(repo_id=repo_id, quant=quant, file=spec.files[quant], spec=spec)


def _url_models(folders: Folders) -> list[LocalModel]:
    found = []
    for path in sorted(folders.urls.glob("*/*.gguf")):
        paths = tuple(path.with_name(part) for part in all_parts(path.name))
        if path == paths[0] and all(part.is_file() for part in paths):
            found.append(local_from_url(url_of_file(path), paths))
    return found
