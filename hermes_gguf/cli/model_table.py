"""The list of models, as a table for people or JSON for programs.

Plain text: importing rich would take longer than everything else here.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from typing import Any

from ..catalog import Catalog, ModelSpec
from ..engine.need import ram_of_file
from ..errors import CatalogError
from ..hub import LocalModel, is_hermes, list_local, resolve_model, used_at_s
from ..machine import (
    file_size_bytes,
    fit,
    free_ram_bytes,
    ram_for,
    render_bytes,
    total_ram_bytes,
)
from .settings import load_settings, load_user_catalog, user_catalog_path
from .terminal import is_terminal, tell

_TABLE_CTX = 8192
#: A longer name does not set the width of its column.
_LONG_NAME = 36
#: Columns that a licence needs to be worth several lines; else its end is left out.
_LEAST_ROOM = 16


def print_models(*, downloaded: bool, as_json: bool) -> None:
    """Print the catalogue and every other GGUF that is on this machine.

    Args:
        downloaded: Only what is on this machine.
        as_json: A JSON list on stdout and nothing else.

    Raises:
        CatalogSyntaxError: in the user's models.toml.
    """
    catalog = load_user_catalog()
    local = list_local(catalog=catalog)
    rows = [_spec_row(spec, local) for spec in catalog] + [
        _local_row(model) for model in local if model.spec is None
    ]
    nothing = not any(row["repo"] and row["downloaded"] for row in rows)
    if downloaded:
        rows = [row for row in rows if row["downloaded"]]
    if as_json:
        tell(json.dumps(rows, indent=2))
        return
    _print_table(rows)
    _print_notes(local, nothing=nothing)


def _spec_row(spec: ModelSpec, local: list[LocalModel]) -> dict[str, Any]:
    here = [model for model in local if model.spec is spec]
    size = file_size_bytes(spec.file())
    file = spec.file()
    if spec.repo_id is None:
        here = _local_file(spec)
        size = here[0].size_bytes if here else None
    row = _row(spec.key, size, _ram_of(spec, here, size))
    row |= {
        "title": spec.title,
        "aliases": list(spec.aliases),
        "repo": spec.repo_id,
        "default_quant": spec.default_quant,
        "quants": list(spec.files),
        "size_is_exact": bool(file and file.size_bytes) or spec.embedded is not None,
        "licence": spec.licence,
        "n_ctx_train": spec.n_ctx_train,
        "downloaded": [_here(model) for model in here],
    }
    return row


def _local_file(spec: ModelSpec) -> list[LocalModel]:
    try:
        return [resolve_model(spec.key, catalog=Catalog({spec.key: spec}))]
    except CatalogError:
        # A path in the user's models.toml that is gone: listed, but not here.
        return []


def _local_row(model: LocalModel) -> dict[str, Any]:
    ram = ram_of_file(model.path, model.size_bytes, n_ctx=_TABLE_CTX)
    row = _row(model.name, model.size_bytes, ram)
    return row | {"repo": model.repo_id or None, "downloaded": [_here(model)]}


def _ram_of(spec: ModelSpec, here: list[LocalModel], size: int | None) -> int | None:
    """By the catalogue's shape; without one, by the file where that is here."""
    if size is None:
        return None
    if spec.shape is None and here:
        return ram_of_file(here[0].path, size, n_ctx=_TABLE_CTX)
    return ram_for(spec, size, n_ctx=_TABLE_CTX)


def _row(name: str, size: int | None, ram: int | None) -> dict[str, Any]:
    return {
        "name": name,
        "size_bytes": size,
        "ram_bytes_at_8k": ram,
        "fits": None if ram is None else fit(ram, total_ram_bytes()),
    }


def _here(model: LocalModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "quant": model.quant,
        "path": str(model.path),
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
        "last_used_s": used_at_s(model),
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    """One row for each model; on a terminal no line is wider than it."""
    head = ("NAME", "SIZE", "RAM AT 8K", "FITS", "HERE", "LICENCE")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    widths[0] = max(len(line[0]) for line in lines if len(line[0]) <= _LONG_NAME)
    room = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
    for line in lines:
        name, *others = line
        if len(name) > widths[0]:
            # A name is to be typed: it stays whole, on a line of its own.
            tell(name)
            name = ""
        cells = [
            cell.rjust(width) if number in (1, 2) else cell.ljust(width)
            for number, (cell, width) in enumerate(
                zip((name, *others), widths, strict=True)
            )
        ]
        for row in _fitted("  ".join(cells[:-1]), cells[-1].rstrip(), room):
            tell(row.rstrip())


def _fitted(line: str, last: str, room: int | None) -> list[str]:
    """The line with its last cell, which goes on below itself where it is too long."""
    whole, indent = f"{line}  {last}", len(line) + 2
    if room is None or len(whole) <= room:
        return [whole]
    if room - indent < _LEAST_ROOM:
        return [f"{whole[: room - 1]}…"]
    parts = textwrap.wrap(last, room - indent, break_on_hyphens=False)
    return [f"{line}  {parts[0]}", *(" " * indent + part for part in parts[1:])]


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    quants = [str(here["quant"] or "yes") for here in row["downloaded"]]
    return (
        row["name"],
        render_bytes(row["size_bytes"]),
        render_bytes(row["ram_bytes_at_8k"]),
        row["fits"] or "?",
        ", ".join(quants) or "-",
        row.get("licence", ""),
    )


def _print_notes(local: list[LocalModel], *, nothing: bool) -> None:
    newest = next((model.name for model in local if is_hermes(model)), None)
    taken = load_settings().model or newest
    notes = [
        f"This machine has {render_bytes(total_ram_bytes())} of memory,"
        f" {render_bytes(free_ram_bytes())} of it free now.",
        f"Without --model: {taken}" if taken else "Try: hermes-gguf chat tiny",
        f"Your own models: {user_catalog_path()}",
    ]
    if nothing:
        notes.insert(0, "Nothing is downloaded yet: hermes-gguf pull NAME")
    tell("\n" + "\n".join(notes), err=True)
