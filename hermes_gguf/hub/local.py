"""Which models are on this machine, and which of them is the default.

It only looks: downloading is the business of `pull`, deleting of `remove`.
"""

from __future__ import annotations

from pathlib import Path

from ..catalog import Catalog, all_parts, quant_from_filename
from .cache import all_cached, find_cached, hub_cache_dir, own_cache_dir
from .choose import model_files
from .resolve import LocalModel
from .url import url_of_file
from .verified import last_used_s, verified_sha256


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
