"""Which model a command runs: the flag, the settings, the newest, or a question.

`chat`, `run` and `serve` call `choose_model`. Nothing big is ever downloaded
without being asked for.
"""

from __future__ import annotations

import sys

import typer

from ..catalog import Catalog, ModelSpec
from ..errors import NotDownloadedError
from ..hub import LocalModel, newest_hermes, resolve_model
from ..machine import (
    file_size_bytes,
    fit,
    ram_for,
    render_bytes,
    render_download_time,
    total_ram_bytes,
)
from .pull import pull_with_progress
from .settings import Settings
from .terminal import is_terminal, tell

#: What is offered to who has nothing yet: the first that fits the machine.
_OFFERED = ("hermes-2-pro-llama-3-8b", "hermes-3-llama-3.2-3b")
_EMBEDDED = "tiny"


def choose_model(
    name: str | None, *, catalog: Catalog, settings: Settings
) -> LocalModel:
    """The model to run, on this machine.

    In this order: `name` (the --model flag); the configured default; the Hermes
    that was downloaded last; on a terminal, a question. A named model that is not
    here is offered for download on a terminal, and an error elsewhere.

    Args:
        name: What stood behind --model, or None.
        catalog: From `load_user_catalog()`.
        settings: From `load_settings()`.

    Raises:
        NotDownloadedError: there is nobody to ask; the hint names the commands.
        UnknownModelError: the name means nothing.
        DownloadError: the user agreed to a download and it failed.
        typer.Exit: the user declined (code 1).
    """
    wanted = name or settings.model
    if wanted is not None:
        try:
            return resolve_model(wanted, catalog=catalog)
        except NotDownloadedError:
            if not can_ask():
                raise
            return _offer_named(wanted, catalog)
    newest = newest_hermes(catalog=catalog)
    if newest is not None:
        return resolve_model(newest.name, catalog=catalog)
    if not can_ask():
        offered = offered_model(catalog)
        raise NotDownloadedError(
            offered.key,
            repo_id=offered.repo_id or "",
            hint=f"hermes-gguf pull {offered.key}, or add --model {_EMBEDDED}",
        )
    return _offer_first(catalog)


def can_ask() -> bool:
    """Whether a person sits at a terminal."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def offered_model(catalog: Catalog) -> ModelSpec:
    """The model to offer: the first of a short list that fits this machine."""
    specs = [catalog.resolve(key) for key in _OFFERED]
    total = total_ram_bytes()
    for spec in specs:
        size = file_size_bytes(spec.file()) or 0
        if fit(ram_for(spec, size, n_ctx=8192), total) != "no":
            return spec
    return specs[-1]


def _offer_first(catalog: Catalog) -> LocalModel:
    spec = offered_model(catalog)
    _say("No Hermes model is on this machine yet.")
    _say(f"  1  download {spec.title} ({_cost(spec)})")
    _say(f"  2  use the embedded demonstration model ({_EMBEDDED}; no download)")
    _say("  3  neither; see the others with: hermes-gguf models")
    answer = ""
    while answer not in ("1", "2", "3"):
        answer = typer.prompt("Choose", default="2", err=True).strip()
    if answer == "1":
        return pull_with_progress(spec.key, catalog=catalog)
    if answer == "2":
        return resolve_model(_EMBEDDED, catalog=catalog)
    raise typer.Exit(1)


def _offer_named(name: str, catalog: Catalog) -> LocalModel:
    spec = catalog.find(name)
    cost = f" ({_cost(spec)})" if spec else ""
    _say(f"{name} is not on this machine yet{cost}.")
    if not typer.confirm("Download it now?", default=False, err=True):
        _say(f"Later: hermes-gguf pull {name}. At once: --model {_EMBEDDED}")
        raise typer.Exit(1)
    return pull_with_progress(name, catalog=catalog)


def _cost(spec: ModelSpec) -> str:
    size = file_size_bytes(spec.file())
    if size is None:
        return "size unknown"
    return f"{render_bytes(size)}, {render_download_time(size)}"


def _say(line: str) -> None:
    tell(line, err=True)
