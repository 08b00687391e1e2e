"""models.toml text → Catalog, checked key by key.

Plain checks instead of a validation library: this file lies on the road of
`hermes-gguf --help`, which must answer at once. An unknown key is an error, as a
misspelled one would silently do nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import CatalogSyntaxError, OptionError
from ..options import SamplingOptions
from ..tags import DIALECT_NAMES
from .entries import Catalog, ModelFile, ModelSpec, Shape
from .table import Table


def parse_catalog(data: Mapping[str, Any], *, path: str) -> Catalog:
    """Check a decoded models.toml and return it as values.

    Raises:
        CatalogSyntaxError: naming `path` and the offending key.
    """
    table = Table(data, path=path, where="")
    texts = table.table("texts")
    entries = table.table("models")
    table.finish()
    models = {}
    for key in entries.names():
        models[key] = _parse_model(key, entries.table(key), texts)
    _check_names(models, path)
    return Catalog(models)


def _parse_model(key: str, table: Table, texts: Table) -> ModelSpec:
    if not key or any(c in key for c in "/:\\ "):
        table.fail("a key holds no '/', ':', '\\' or space")
    repo_id = table.text("repo", None)
    thinking = table.text("thinking_prompt", None)
    if thinking is not None and thinking.startswith("@"):
        thinking = texts.text(thinking[1:])
    spec = ModelSpec(
        key=key,
        title=table.text("title", key),
        aliases=table.texts("aliases"),
        repo_id=repo_id,
        revision=table.text("revision", None),
        default_quant=table.text("default_quant", "Q4_K_M"),
        dialect=table.choice("dialect", DIALECT_NAMES, "chatml"),
        prompt_style=table.text("prompt_style", "hermes-2-pro"),
        default_system=table.text("default_system", None),
        n_ctx_train=table.count("n_ctx_train", 8192),
        licence=table.text("licence", "unknown"),
        shape=_parse_shape(table.table("shape")),
        sampling=_parse_sampling(table.table("sampling")),
        thinking_prompt=thinking,
        path=table.text("path", None),
        embedded=table.text("embedded", None),
        files=_parse_files(table.table("files"), repo_id),
    )
    if sum(x is not None for x in (spec.repo_id, spec.path, spec.embedded)) != 1:
        table.fail("exactly one of repo, path and embedded must be given")
    if repo_id is not None and repo_id.count("/") != 1:
        table.fail(f"repo: {repo_id!r} is not of the form owner/name")
    table.finish()
    return spec


def _parse_shape(table: Table) -> Shape | None:
    if not table.names():
        return None
    shape = Shape(**{name: table.count(name) for name in Shape.__slots__})
    table.finish()
    return shape


def _parse_sampling(table: Table) -> dict[str, float]:
    values = {name: table.number(name) for name in table.names()}
    try:
        SamplingOptions(**values)  # type: ignore[arg-type]
    except OptionError as error:
        table.fail(str(error))
    except TypeError:
        table.fail(f"unknown sampling option among {', '.join(values)}")
    return values


def _parse_files(table: Table, repo_id: str | None) -> dict[str, ModelFile]:
    return {quant: _parse_file(table.table(quant), repo_id) for quant in table.names()}


def _parse_file(table: Table, repo_id: str | None) -> ModelFile:
    repo = table.text("repo", repo_id)
    name = table.text("name", None)
    parts = (name,) if name else table.texts("parts")
    sha256 = table.text("sha256", None)
    size_bytes = table.count("size_bytes", None)
    about = table.count("size_bytes_about", size_bytes)
    table.finish()
    if repo is None:
        table.fail("a file needs a repo, its own or the entry's")
    if sha256 is not None and (len(sha256) != 64 or set(sha256) - set(_HEX)):
        table.fail(f"sha256: {sha256!r} is not 64 lower-case hex digits")
    if sha256 is not None and len(parts) != 1:
        table.fail("sha256: stated for a file of one part only")
    if not all(part.lower().endswith(".gguf") and _is_inside(part) for part in parts):
        table.fail("name and parts are paths in the repository that end in .gguf")
    return ModelFile(
        repo_id=repo,
        parts=parts,
        sha256=sha256,
        size_bytes=size_bytes,
        size_bytes_about=about,
    )


_HEX = "0123456789abcdef"


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def _check_names(models: Mapping[str, ModelSpec], path: str) -> None:
    owner: dict[str, str] = {key.lower(): key for key in models}
    for spec in models.values():
        for alias in spec.aliases:
            taken = owner.setdefault(alias.lower(), spec.key)
            if taken != spec.key:
                problem = f"models.{spec.key}.aliases: {alias!r} is {taken}'s name"
                raise CatalogSyntaxError(path, problem)
