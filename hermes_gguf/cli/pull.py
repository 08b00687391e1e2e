"""`hermes-gguf pull`: a model's download, shown on stderr with rate and ETA."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..catalog import Catalog
from ..hub import LocalModel, OnProgress, TransferProgress, pull_model
from ..machine import render_bytes
from .settings import load_user_catalog
from .terminal import is_terminal, require_stdout, tell

if TYPE_CHECKING:
    from rich.text import Text

app = typer.Typer()

#: Columns of a terminal that has room for a long bar.
_BAR_COLUMNS = 100
#: Without a terminal, one line each so many seconds.
_PLAIN_EVERY_S = 10.0


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="A name, owner/repo[:QUANT] or URL.")],
    quant: Annotated[
        str | None, typer.Option("--quant", "-q", help="Quantization, e.g. Q8_0.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Download again even if it is here.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the sha256 of what is here.")
    ] = False,
) -> None:
    """Download a model, verify its sha256, and print its path.

    A broken download goes on where it stopped. HF_TOKEN, HF_HOME, HF_ENDPOINT and
    HF_HUB_OFFLINE work as everywhere.
    """
    require_stdout()
    catalog = load_user_catalog()
    model = pull_with_progress(
        name, catalog=catalog, quant=quant, force=force, verify=verify
    )
    size = render_bytes(model.size_bytes)
    tell(f"{model.name}: {size}, {_origin(model)}.", err=True)
    tell(str(model.path))


def _origin(model: LocalModel) -> str:
    if model.source == "embedded":
        return "part of hermes-gguf, nothing to download"
    return "sha256 verified" if model.sha256 else "no published sha256 to check"


def pull_with_progress(
    name: str,
    *,
    catalog: Catalog,
    quant: str | None = None,
    force: bool = False,
    verify: bool = False,
) -> LocalModel:
    """`hub.pull_model` with a progress bar on stderr, or lines without a terminal.

    Raises:
        DownloadError: as `pull_model`.
        KeyboardInterrupt: after saying that the next pull goes on from here.
    """
    # The Hub's client would write its warnings across the bar; what matters of them
    # comes back as an error.
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    shown = _bar() if is_terminal(sys.stderr) else _lines()
    try:
        with shown as on_progress:
            return pull_model(
                name,
                catalog=catalog,
                quant=quant,
                force=force,
                verify=verify,
                on_progress=on_progress,
            )
    except KeyboardInterrupt:
        tell(f"\nStopped. hermes-gguf pull {name} goes on where it stopped.", err=True)
        raise


@contextmanager
def _bar() -> Iterator[OnProgress]:
    from rich import progress as rich_progress
    from rich.table import Column

    from .screen import Screen

    class Name(rich_progress.TextColumn):
        def render(self, task: rich_progress.Task) -> Text:
            name = super().render(task)
            name.no_wrap, name.overflow = True, "ellipsis"
            return name

    console = Screen(stderr=True)
    # Where the window is narrow, the name and the bar get shorter: no figure does.
    is_narrow = console.width < _BAR_COLUMNS
    bar = rich_progress.Progress(
        Name("{task.description}", markup=False, table_column=Column(min_width=8)),
        rich_progress.BarColumn(bar_width=8 if is_narrow else 40),
        rich_progress.DownloadColumn(table_column=Column(no_wrap=True)),
        rich_progress.TransferSpeedColumn(table_column=Column(no_wrap=True)),
        rich_progress.TimeRemainingColumn(table_column=Column(no_wrap=True)),
        console=console,
    )
    tasks: dict[tuple[str, str], rich_progress.TaskID] = {}

    def show(progress: TransferProgress) -> None:
        if progress.phase in ("ask", "queue"):
            bar.console.print(_label(progress))
            return
        key = (progress.phase, progress.filename)
        if key not in tasks:
            tasks[key] = bar.add_task(_label(progress), total=progress.total_bytes)
            if progress.resumed_bytes:
                # What was here before must not count into the rate.
                bar.reset(tasks[key], completed=progress.resumed_bytes)
        bar.update(
            tasks[key], completed=progress.done_bytes, total=progress.total_bytes
        )

    with bar:
        yield show


@contextmanager
def _lines() -> Iterator[OnProgress]:
    started: dict[tuple[str, str], float] = {}
    told = 0.0

    def show(progress: TransferProgress) -> None:
        nonlocal told
        now = time.monotonic()
        key = (progress.phase, progress.filename)
        first = key not in started
        started.setdefault(key, now)
        done = progress.done_bytes == progress.total_bytes
        if first or done or now - told >= _PLAIN_EVERY_S:
            told = now
            line = render_progress(progress, elapsed_s=now - started[key])
            tell(line, err=True)

    yield show


def render_progress(progress: TransferProgress, *, elapsed_s: float) -> str:
    """One line: what, how much of how much, rate and time left."""
    label = _label(progress)
    if progress.phase in ("ask", "wait", "queue"):
        return label
    line = f"{label}: {render_bytes(progress.done_bytes)}"
    if progress.total_bytes is not None:
        line += f" of {render_bytes(progress.total_bytes)}"
    fresh = progress.done_bytes - progress.resumed_bytes
    if elapsed_s < 0.5 or fresh <= 0:
        return line
    per_s = fresh / elapsed_s
    line += f", {render_bytes(per_s)}/s"
    if progress.total_bytes is not None and progress.done_bytes < progress.total_bytes:
        left_s = (progress.total_bytes - progress.done_bytes) / per_s
        line += f", {int(left_s) // 60}:{int(left_s) % 60:02} left"
    return line


def _label(progress: TransferProgress) -> str:
    if progress.phase == "wait":
        return "The server is busy; trying again"
    if progress.phase == "ask":
        return f"Asking for the files of {progress.filename}"
    name = Path(progress.filename).name
    if progress.n_parts > 1:
        name += f" ({progress.part} of {progress.n_parts})"
    if progress.phase == "queue":
        return f"Another program is bringing {name}; waiting for it"
    if progress.phase == "verify":
        return f"Checking {name}"
    return f"Resuming {name}" if progress.resumed_bytes else name
