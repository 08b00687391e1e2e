"""A model's name → its file on this machine, without any network.

What is not here is an error that names the command to fetch it; fetching is the
business of `pull`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..catalog import (
    Catalog,
    ModelSpec,
    all_parts,
    load_catalog,
    quant_from_filename,
)
from ..errors import CatalogError, ModelNotFoundError, NotDownloadedError
from .cache import Folders, cached_files, find_cached
from .choose import choose_parts
from .refs import FileRef, RepoRef, UrlRef, parse_model_ref
from .url import url_file, url_folder
from .verified import touch_used, verified_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """A model whose file is on this machine.

    Attributes:
        path: What llama.cpp opens (the first part of a split model).
        name: A name that resolves to this very file again.
        source: Where it came from.
        spec: What the catalogue knows about it; None for an unknown GGUF.
        quant: Its quantization, as far as a name says it.
        repo_id: Its repository; empty for a file or URL.
        filename: Its path in the repository.
        paths: All parts, the first one included.
        sha256: As verified when it was pulled; None when it never was.
    """

    path: Path
    name: str
    source: Literal["hub", "url", "file", "embedded"]
    spec: ModelSpec | None = None
    quant: str | None = None
    repo_id: str = ""
    filename: str = ""
    paths: tuple[Path, ...] = ()
    sha256: str | None = None

    @property
    def size_bytes(self) -> int:
        """Bytes on the disk, all parts together."""
        return sum(path.stat().st_size for path in self.paths or (self.path,))


def resolve_model(
    name: str,
    *,
    catalog: Catalog | None = None,
    folders: Folders | None = None,
) -> LocalModel:
    """Find a model's file on this machine; no network is touched.

    Args:
        name: A catalogue key or alias with or without `:quant`,
            `owner/repo[:quant]`, `owner/repo/file.gguf`, a URL, or a path.
        catalog: Where keys and aliases are looked up; None is the shipped one.
        folders: Where downloaded models lie; None takes the user's.

    Raises:
        UnknownModelError: the name means nothing.
        CatalogError: the file that models.toml names is gone.
        NotDownloadedError: it is not here; the hint is the `pull` that gets it.
        ModelNotFoundError: several cached files answer to it.
    """
    ref = parse_model_ref(name, catalog=catalog or load_catalog())
    if isinstance(ref, FileRef):
        return _from_file(ref, name)
    folders = folders or Folders.of_user()
    if isinstance(ref, UrlRef):
        found = find_url_model(ref, folders)
    else:
        found = find_repo_model(ref, folders)
    if found is None:
        repo_id = ref.repo_id if isinstance(ref, RepoRef) else ""
        raise NotDownloadedError(name, repo_id=repo_id)
    touch_used(found.path, folders)
    return found


def _from_file(ref: FileRef, name: str) -> LocalModel:
    if not ref.path.is_file():
        raise CatalogError(
            f"The file of {name} is not there: {ref.path}.",
            hint="correct its path in your models.toml, or reinstall hermes-gguf",
        )
    paths = tuple(ref.path.with_name(part) for part in all_parts(ref.path.name))
    for path in paths:
        if not path.is_file():
            raise CatalogError(
                f"{ref.path} is one of {len(paths)} parts, and {path.name} is missing.",
                hint="put all parts into one folder",
            )
    embedded = ref.spec is not None and ref.spec.embedded is not None
    return LocalModel(
        path=paths[0],
        paths=paths,
        name=ref.spec.key if ref.spec else name,
        source="embedded" if embedded else "file",
        spec=ref.spec,
        quant=quant_from_filename(ref.path.name),
        filename=paths[0].name,
    )


def find_url_model(ref: UrlRef, folders: Folders) -> LocalModel | None:
    """The model that was downloaded from a URL, or None."""
    folder = url_folder(ref.url, folders)
    paths = tuple(url_file(url, folder) for url in ref.part_urls)
    if not all(path.is_file() for path in paths):
        return None
    return local_from_url(ref.url, paths)


def find_repo_model(ref: RepoRef, folders: Folders) -> LocalModel | None:
    """The cached model that a repository's name means, or None.

    When no quantization was asked for and the default one is not here, any other
    of the same model serves.

    Raises:
        ModelNotFoundError: several cached files answer to it.
    """
    parts = ref.known_parts or _choose_cached(ref, folders)
    paths = find_cached(folders, ref.repo_id, parts, revision=ref.revision)
    if parts and paths:
        return local_from_parts(ref, parts, paths, folders)
    if ref.spec is None or not ref.by_key or ref.quant is not None:
        return None
    for quant, file in ref.spec.files.items():
        if file.parts and file != ref.file:
            other = replace(ref, repo_id=file.repo_id, quant=quant, file=file)
            local = find_repo_model(other, folders)
            if local is not None:
                return local
    return None


def _choose_cached(ref: RepoRef, folders: Folders) -> tuple[str, ...]:
    files = cached_files(folders, ref.repo_id, revision=ref.revision)
    names = [file.filename for file in files]
    try:
        return choose_parts(names, quant=ref.quant, repo_id=ref.repo_id)
    except ModelNotFoundError as error:
        if error.candidates:
            raise
        return ()


def local_from_parts(
    ref: RepoRef,
    parts: tuple[str, ...],
    paths: tuple[Path, ...],
    folders: Folders,
) -> LocalModel:
    """A LocalModel of the files that a reference turned out to mean."""
    quant = ref.quant or quant_from_filename(parts[0])
    name = ""
    if ref.file is not None and ref.spec is not None:
        quant = ref.wanted_quant
        name = f"{ref.spec.key}:{quant}"
    return LocalModel(
        path=paths[0],
        paths=paths,
        name=name or f"{ref.repo_id}/{parts[0]}",
        source="hub",
        spec=ref.spec,
        quant=quant,
        repo_id=ref.repo_id,
        filename=parts[0],
        sha256=verified_sha256(paths[0], folders),
    )


def local_from_url(name: str, paths: tuple[Path, ...]) -> LocalModel:
    """A LocalModel of the files that came from a URL; nothing tells their sha256."""
    return LocalModel(
        path=paths[0],
        paths=paths,
        name=name,
        source="url",
        quant=quant_from_filename(paths[0].name),
        filename=paths[0].name,
    )
