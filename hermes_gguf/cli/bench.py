"""`hermes-gguf bench`: how fast a model is on this machine.

Loads, shows progress on stderr and the table on stdout; what is measured is
`hermes_gguf.bench`'s business.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import loading
from .model_choice import choose_model
from .model_flags import (
    ContextLength,
    GpuLayers,
    KvType,
    ModelArgument,
    ModelFlags,
    ModelName,
    Threads,
    one_model,
)
from .output_file import is_stdout, require_folder, write_figures, write_output
from .settings import load_settings, load_user_catalog
from .terminal import tell

if TYPE_CHECKING:
    from ..bench import BenchReport
    from ..chat.model import ChatModel
    from ..hub import LocalModel

app = typer.Typer()

_BAR_WIDTH = 12
#: Columns of a terminal that has room for bars beside the notes.
_BARS_COLUMNS = 80


@app.command()
def bench(
    name: ModelArgument = None,
    model: ModelName = None,
    quick: Annotated[bool, typer.Option("--quick", help="A look, in seconds.")] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write the figures here.", metavar="FILE"),
    ] = None,
    plot_file: Annotated[
        Path | None,
        typer.Option("--plot", help="Draw them into this SVG file.", metavar="FILE"),
    ] = None,
    ctx: ContextLength = None,
    threads: Threads = None,
    gpu_layers: GpuLayers = None,
    kv_type: KvType = None,
) -> None:
    """Measure a model on this machine, in about two minutes.

    The model is the one that `chat` would take, if none is named. Close other
    programs first: they share the processor.
    """
    from ..bench import render_plot, run_bench

    for option, path in (("--json", json_file), ("--plot", plot_file)):
        require_folder(option, path)
    # Chosen once: a list to pick from must not come up at the second load.
    settings, catalog = load_settings(), load_user_catalog()
    model = one_model(name, model)
    chosen = choose_model(model, catalog=catalog, settings=settings)
    flags = ModelFlags(
        model=model or str(chosen.path),
        ctx=ctx,
        threads=threads,
        gpu_layers=gpu_layers,
        kv_type=kv_type,
    )
    with tempfile.TemporaryDirectory() as store:
        open_model = partial(_opened, flags, Path(store))
        report = run_bench(open_model, model=_name(chosen), quick=quick, on_step=_say)
    _print_report(report, on_stderr=is_stdout(json_file) or is_stdout(plot_file))
    write_figures(json_file, report.to_json())
    if plot_file is not None:
        write_output(plot_file, render_plot(report))


@contextmanager
def _opened(flags: ModelFlags, store: Path) -> Iterator[ChatModel]:
    with loading.load_chat_model(flags, cache_dir=store) as loaded:
        yield loaded.chat


def _name(local: LocalModel) -> str:
    return local.spec.key if local.spec else Path(local.path).stem


def _say(step: str) -> None:
    tell(f"{step} ...", err=True)


def _print_report(report: BenchReport, *, on_stderr: bool) -> None:
    from rich.table import Table

    from .screen import Screen

    console = Screen(stderr=on_stderr)
    console.print(
        f"{report.model} on {report.backend}, {report.n_ctx} tokens of context",
        style="bold",
    )
    has_bars = console.width >= _BARS_COLUMNS
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for title, bar, figure, note in _rows(report):
        table.add_row(title, bar if has_bars else "", figure, note)
    console.print(table)
    console.print(f"measured in {report.elapsed_s:.0f} s", style="dim")


def _rows(report: BenchReport) -> Iterator[tuple[Any, ...]]:
    """Title, bar, figure and note; bars compare figures of one unit and group."""
    for m in report.measurements:
        same = [o.value for o in report.group(m.group) if o.unit == m.unit]
        bar = "█" * max(1, round(_BAR_WIDTH * m.value / max(same))) if m.value else ""
        figure = f"{m.value:.0f}" if m.value >= 100 else f"{m.value:.3g}"
        yield m.title, bar if len(same) > 1 else "", f"{figure} {m.unit}", m.note
