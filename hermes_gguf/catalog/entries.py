"""The catalogue as values: Catalog, ModelSpec, ModelFile, Shape.

Values only: how they are read from TOML is the business of `parse`, where the
files lie on this machine of `hub`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import UnknownModelError
from ..tags import DialectName
from .names import split_model_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A transformer's dimensions, as far as memory depends on them."""

    n_layers: int
    n_embd: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    n_ff: int
    n_vocab: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One quantization of a model: one GGUF file, or the parts of a split one.

    Attributes:
        repo_id: Hub repository that holds the file.
        parts: Paths in the repository, in order; empty when the name is not
            confirmed and the repository's listing must decide.
        sha256: Of the only part, where a primary source states it.
        size_bytes: Exact, where a primary source states it.
        size_bytes_about: The same, or else computed.
    """

    repo_id: str
    parts: tuple[str, ...] = ()
    sha256: str | None = None
    size_bytes: int | None = None
    size_bytes_about: int | None = None

    @property
    def filename(self) -> str | None:
        """The file that llama.cpp opens: the first part."""
        return self.parts[0] if self.parts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One model of the catalogue.

    Attributes:
        key: Its name in models.toml.
        title: For people.
        aliases: Other names that resolve to it.
        repo_id: Hub repository of the GGUF files; None for a local file.
        revision: Commit or branch to take; None is the default branch.
        files: Quantization name → file.
        default_quant: The quantization taken when none is named.
        dialect: How turns are written.
        prompt_style: How tools are described; one of `prompt.PROMPT_STYLES`.
        default_system: What the model's own chat template adds when there is no
            system turn.
        n_ctx_train: Context length in tokens that the model was made for.
        shape: Dimensions for memory arithmetic, where known.
        licence: A note, not advice.
        sampling: Recommended values, named as the fields of `SamplingOptions`.
        thinking_prompt: System text that switches reasoning on.
        path: A file on this machine instead of a repository.
        embedded: Name of a file in `hermes_gguf/data` instead of a repository.
    """

    key: str
    title: str
    dialect: DialectName
    n_ctx_train: int
    licence: str
    prompt_style: str = "hermes-2-pro"
    aliases: tuple[str, ...] = ()
    repo_id: str | None = None
    revision: str | None = None
    files: Mapping[str, ModelFile] = field(default_factory=dict)
    default_quant: str = "Q4_K_M"
    default_system: str | None = None
    shape: Shape | None = None
    sampling: Mapping[str, float] = field(default_factory=dict)
    thinking_prompt: str | None = None
    path: str | None = None
    embedded: str | None = None

    def file(self, quant: str | None = None) -> ModelFile | None:
        """The file of a quantization, or None when it is not listed.

        Upper and lower case are the same, and "q8" is enough where only one
        begins so.
        """
        name = self.quant_name(quant or self.default_quant)
        return self.files.get(name) if name else None

    def quant_name(self, quant: str) -> str | None:
        """The listed spelling of a quantization, or None."""
        wanted = quant.lower()
        exact = [name for name in self.files if name.lower() == wanted]
        found = exact or [n for n in self.files if n.lower().startswith(wanted)]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All known models, in the order of models.toml."""

    models: Mapping[str, ModelSpec]

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self.models.values())

    def find(self, name: str) -> ModelSpec | None:
        """The model with this key or alias (upper or lower case), or None."""
        wanted = name.strip().lower()
        for spec in self.models.values():
            if wanted == spec.key.lower() or wanted in map(str.lower, spec.aliases):
                return spec
        return None

    def find_file(self, repo_id: str, filename: str) -> tuple[ModelSpec, str] | None:
        """The model and quantization that list this file of this repository."""
        for spec in self.models.values():
            for quant, file in spec.files.items():
                if file.repo_id.lower() == repo_id.lower() and filename in file.parts:
                    return spec, quant
        return None

    def find_repo(self, repo_id: str) -> ModelSpec | None:
        """The model whose files lie in this repository, or None."""
        wanted = repo_id.lower()
        for spec in self.models.values():
            repos = {file.repo_id.lower() for file in spec.files.values()}
            if wanted in repos | {(spec.repo_id or "").lower()}:
                return spec
        return None

    def resolve(self, name: str) -> ModelSpec:
        """The model with this key or alias; a `:quant` behind it is left aside.

        Raises:
            UnknownModelError: with the closest names.
        """
        spec = self.find(name) or self.find(split_model_name(name)[0])
        if spec is None:
            raise UnknownModelError(name, close_matches=self.close_matches(name))
        return spec

    def close_matches(self, name: str) -> list[str]:
        """Up to three keys or aliases that look like `name`, best first."""
        names = [n for s in self.models.values() for n in (s.key, *s.aliases)]
        base = split_model_name(name)[0].lower()
        found = difflib.get_close_matches(base, names, n=3, cutoff=0.6)
        return found or [n for n in names if base and base in n][:3]
