"""What a model's name means: a catalogue entry, a repository, a URL or a file.

Reads the name only; whether the thing exists is asked by `resolve` and `pull`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit, urlunsplit

from ..catalog import (
    Catalog,
    ModelFile,
    ModelSpec,
    all_parts,
    embedded_file,
    split_model_name,
)
from ..errors import CatalogError, UnknownModelError
from ..files import expand


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file on this machine."""

    path: Path
    spec: ModelSpec | None = None


@dataclass(frozen=True, slots=True)
class UrlRef:
    """A file on some web server; of a split model, its first part."""

    url: str

    @property
    def part_urls(self) -> tuple[str, ...]:
        """The URLs of all parts; of a whole, its own."""
        parts = urlsplit(self.url)
        return tuple(
            urlunsplit(parts._replace(path=path)) for path in all_parts(parts.path)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoRef:
    """A GGUF in a Hub repository, by file name or by quantization.

    Attributes:
        repo_id: `owner/name`.
        revision: Branch, tag or commit; None is the default branch.
        quant: The quantization that was asked for; None leaves the choice.
        file: The catalogue's entry for it, when there is one with a file name.
        filename: A path in the repository that was named outright.
        spec: What the catalogue knows about the repository.
        by_key: The catalogue's key was given, not the repository.
    """

    repo_id: str
    revision: str | None = None
    quant: str | None = None
    file: ModelFile | None = None
    filename: str | None = None
    spec: ModelSpec | None = None
    by_key: bool = False

    @property
    def known_parts(self) -> tuple[str, ...]:
        """The file's paths in the repository; empty when a listing must decide."""
        named = self.file.parts if self.file else (self.filename,)
        if len(named) == 1 and named[0]:
            # One part of a split model stands for all of them.
            return all_parts(named[0])
        return tuple(name for name in named if name)

    @property
    def wanted_quant(self) -> str | None:
        """The quantization that was asked for, else the catalogue's default."""
        if self.quant is None and self.spec is not None:
            return self.spec.default_quant
        return self.quant


ModelRef: TypeAlias = FileRef | UrlRef | RepoRef

_HUB_HOSTS = ("huggingface.co", "hf.co")
_REPO = re.compile(r"[\w.-]+/[\w.-]+")


def parse_model_ref(name: str, *, catalog: Catalog) -> ModelRef:
    """Read a model's name.

    Args:
        name: A catalogue key or alias, with or without `:quant`; `owner/repo`,
            `owner/repo:quant`, `owner/repo/file.gguf`; an http(s) URL; a path.
        catalog: Where keys and aliases are looked up.

    Raises:
        UnknownModelError: with the closest names of the catalogue.
        CatalogError: a path leads to no file, or a URL is none.
    """
    name = name.strip()
    spec = catalog.find(name)
    if spec is not None:
        return _from_spec(spec, None)
    if name.startswith(("http://", "https://")):
        return _from_url(name, catalog)
    path = expand(name)
    if path.is_file():
        return FileRef(_absolute(path))
    base, quant = split_model_name(name)
    spec = catalog.find(base)
    if spec is not None:
        return _from_spec(spec, quant)
    if _looks_like_a_path(name):
        if path.is_dir():
            hint = f"name a .gguf file: {path / 'MODEL.gguf'}"
            raise CatalogError(f"{name} is a folder.", hint=hint)
        raise CatalogError(f"There is no file {name}.", hint="hermes-gguf models")
    repo = _from_repo_name(base, quant, catalog)
    if repo is None:
        raise UnknownModelError(name, close_matches=catalog.close_matches(name))
    return repo


def _absolute(path: Path) -> Path:
    """The path from the root on.

    A link into a cache has the model's name, and the other parts beside it: it is
    followed only where the file behind it is a part and the link says nothing.
    """
    real = path.resolve()
    if len(all_parts(real.name)) > len(all_parts(path.name)):
        return real
    return Path(os.path.abspath(path))


def _looks_like_a_path(name: str) -> bool:
    if name.startswith((".", "~", "/")) or Path(name).is_absolute():
        return True
    # owner/repo/file.gguf lies on the Hub; file.gguf and folder/file.gguf lie here.
    return name.lower().endswith(".gguf") and name.count("/") < 2


def _from_spec(spec: ModelSpec, quant: str | None) -> ModelRef:
    if spec.embedded is not None:
        return FileRef(embedded_file(spec.embedded), spec)
    if spec.path is not None:
        return FileRef(expand(spec.path), spec)
    assert spec.repo_id is not None
    file = spec.file(quant)
    repo_id = file.repo_id if file else spec.repo_id
    return RepoRef(
        repo_id=repo_id,
        revision=spec.revision if repo_id == spec.repo_id else None,
        quant=(spec.quant_name(quant) or quant) if quant else None,
        file=file if file and file.parts else None,
        spec=spec,
        by_key=True,
    )


def _from_repo_name(base: str, quant: str | None, catalog: Catalog) -> RepoRef | None:
    for host in _HUB_HOSTS:
        base = base.removeprefix(f"{host}/")
    owner, _, rest = base.partition("/")
    repo, _, filename = rest.partition("/")
    repo_id = f"{owner}/{repo}"
    if not _REPO.fullmatch(repo_id):
        return None
    if filename and not filename.lower().endswith(".gguf"):
        return None
    return RepoRef(
        repo_id=repo_id,
        quant=quant,
        filename=filename or None,
        spec=catalog.find_repo(repo_id),
    )


def _from_url(url: str, catalog: Catalog) -> ModelRef:
    from huggingface_hub import constants

    try:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("it names no server")
    except ValueError as error:
        raise CatalogError(
            f"{url} is no address: {error}.", hint="check it in a browser"
        ) from error
    pieces = unquote(parts.path).strip("/").split("/")
    # As it is, also when it is no address: that matters to the Hub's files only.
    endpoint = constants.ENDPOINT.partition("://")[2].partition("/")[0]
    if parts.netloc not in (*_HUB_HOSTS, endpoint):
        return UrlRef(UrlRef(url).part_urls[0])
    if len(pieces) >= 5 and pieces[2] in ("resolve", "blob"):
        repo_id = "/".join(pieces[:2])
        return RepoRef(
            repo_id=repo_id,
            revision=None if pieces[3] == "main" else pieces[3],
            filename="/".join(pieces[4:]),
            spec=catalog.find_repo(repo_id),
        )
    found = _from_repo_name("/".join(pieces[:2]), None, catalog)
    return found or UrlRef(url)
