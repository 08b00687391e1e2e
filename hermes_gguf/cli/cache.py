"""`hermes-gguf cache`: what was read before and is kept on disk.

Shows, prunes and clears the store of read prompts; what is in a file is the engine's
business.
"""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ..machine import render_age, render_bytes
from .terminal import tell

app = typer.Typer(
    no_args_is_help=True,
    help="Look after the prompt cache.\n\nLong prompts that were read are kept on disk:"
    "\na new process with the same tools begins where the last one stopped.",
)

_MIB = 1 << 20


@app.command("list")
def list_entries() -> None:
    """List the kept prompts, the last used first."""
    from ..engine.load import open_prefix_store

    entries = open_prefix_store().entries()
    for entry in entries:
        age = render_age(time.time() - entry.used_at_s)
        size = render_bytes(entry.size_bytes)
        tell(f"{size:>10}  {entry.n_tokens:>7} tokens  {age:>8}  {entry.title}")
    total = render_bytes(sum(entry.size_bytes for entry in entries))
    count = "1 kept prompt" if len(entries) == 1 else f"{len(entries)} kept prompts"
    tell(f"{count}, {total}", err=True)


@app.command()
def prune(
    to_mib: Annotated[
        int, typer.Option("--to", min=0, help="Keep at most so many MiB.")
    ] = 4096,
) -> None:
    """Remove what was used the longest ago, until the rest fits."""
    from ..engine.load import open_prefix_store

    freed = open_prefix_store().prune(to_mib * _MIB)
    tell(f"{render_bytes(freed)} freed.", err=True)


@app.command()
def clear() -> None:
    """Remove every kept prompt; they are read again when they are needed."""
    from ..engine.load import open_prefix_store

    freed = open_prefix_store().clear()
    tell(f"{render_bytes(freed)} freed.", err=True)
