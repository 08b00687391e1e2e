"""The models on this machine: whether their files are whole."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog import Catalog
from ..engine.llama.gguf_file import read_gguf_header
from ..errors import ModelLoadError
from ..hub import LocalModel, list_local
from ..machine import render_bytes
from .finding import Finding


def look_at_models(catalog: Catalog) -> Iterator[Finding]:
    """Every model that was downloaded. Hashes are not computed: that takes minutes."""
    found = list_local(catalog=catalog)
    for model in found:
        yield _look_at(model)
    if not found:
        text = "none is downloaded yet; the embedded `tiny` is always here"
        yield Finding("models", "ok", text, "hermes-gguf models; hermes-gguf pull NAME")


def _look_at(model: LocalModel) -> Finding:
    try:
        header = read_gguf_header(model.path)
    except ModelLoadError as error:
        hint = f"hermes-gguf pull --force {model.name}"
        return Finding("model", "wrong", error.message, hint)
    text = f"{model.name}, {render_bytes(header.size_bytes)}, its file is whole"
    return Finding("model", "ok", text)
