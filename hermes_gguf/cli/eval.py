"""`hermes-gguf eval`: how well a model calls tools and writes JSON.

Loads, shows progress on stderr and the table on stdout; what is asked and how it is
judged is `hermes_gguf.evaluation`'s business.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import OptionError
from .ending_signals import INTERRUPTED
from .loading import load_chat_model
from .model_flags import ModelArgument, ModelFlags, takes_model_flags
from .output_file import is_stdout, require_folder, write_figures
from .terminal import is_terminal, tell

if TYPE_CHECKING:
    from ..chat.completion import Completion
    from ..evaluation import Case, EvaluationReport, Tally

app = typer.Typer()

_LINE_S = 10.0


@app.command(name="eval")
@takes_model_flags
def evaluate(
    *,
    flags: ModelFlags,
    name: ModelArgument = None,
    cases: Annotated[
        int, typer.Option("--cases", "-n", min=1, max=500, help="Cases of each row.")
    ] = 500,
    rows: Annotated[
        str | None,
        typer.Option("--rows", help="Only these, as in call,json.", show_default=False),
    ] = None,
    grammar: Annotated[
        bool | None,
        typer.Option(
            "--with-grammar/--without-grammar",
            help="One way only. Both, if not given.",
            show_default=False,
        ),
    ] = None,
    show: Annotated[
        int, typer.Option("--show", help="Print so many misses of each row.")
    ] = 0,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write the figures here.", metavar="FILE"),
    ] = None,
) -> None:
    """Measure how well a model calls tools and writes JSON.

    The questions come with the program, so nothing is downloaded. Rows: call,
    json, no_tool, answer, several, correction, ask_back. Ctrl-C prints what was
    measured so far.
    """
    from ..evaluation import run_evaluation
    from ..evaluation.run import GREEDY

    require_folder("--json", json_file)
    drawn = _draw(rows, cases)
    ways = (False, True) if grammar is None else (grammar,)
    with (
        tempfile.TemporaryDirectory() as store,
        load_chat_model(flags.of(name), cache_dir=Path(store)) as loaded,
        _progress(len(drawn)) as on_progress,
    ):
        report = run_evaluation(
            loaded.chat,
            drawn,
            model=loaded.name,
            grammar=ways,
            sampling=replace(GREEDY, **flags.sampling()),
            on_progress=on_progress,
            on_answer=_misses(show),
        )
    _print_report(report, on_stderr=is_stdout(json_file))
    write_figures(json_file, report.to_json())
    if report.interrupted:
        raise typer.Exit(INTERRUPTED)


def _draw(rows: str | None, most: int) -> list[Case]:
    """The questions that were asked for.

    Raises:
        OptionError: a row is unknown.
    """
    from ..evaluation import ROWS, load_cases

    picked = tuple(row.strip() for row in rows.split(",")) if rows else tuple(ROWS)
    try:
        return load_cases(picked, cases=most)
    except OptionError as error:
        raise error.renamed(f"--{error.option}") from error


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; elsewhere a line now and then."""
    if is_terminal(sys.stderr):
        from rich.progress import Progress

        from .screen import Screen

        with Progress(console=Screen(stderr=True), transient=True) as bar:
            task = bar.add_task("asking", total=total)
            yield lambda done: bar.update(task, completed=done)
        return
    said_s = time.monotonic()

    def say(done: int) -> None:
        nonlocal said_s
        if time.monotonic() - said_s >= _LINE_S:
            said_s = time.monotonic()
            tell(f"{done} of {total} cases", err=True)

    yield say


def _misses(show: int) -> Callable[[Case, str, Completion], None]:
    """Prints the first misses of each row and column on stderr."""
    from ..evaluation import score

    left: dict[tuple[str, str], int] = {}

    def see(case: Case, column: str, answer: Completion) -> None:
        key = case.row, column
        if left.setdefault(key, show) and not all(score(answer, case).values()):
            left[key] -= 1
            calls = [(c.name, c.arguments) for c in case.expected.tool_calls]
            got = [(c.name, c.arguments) for c in answer.tool_calls]
            tell(
                f"{case.row}, {column}: {case.messages[-1].content}\n"
                f"  expected {calls or case.expected.content}\n"
                f"  got      {got or answer.text}",
                err=True,
            )

    return see


def _print_report(report: EvaluationReport, *, on_stderr: bool) -> None:
    from rich.table import Table

    from .screen import Screen

    console = Screen(stderr=on_stderr)
    console.print(report.model, style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for column in report.columns:
        table.add_column(column, no_wrap=True)
    for line, tallies in report.rows():
        table.add_row(line, *(_figure(tally) for tally in tallies))
    console.print(table)
    for note in _notes(report):
        console.print(note, style="dim", soft_wrap=True)


def _figure(tally: Tally) -> str:
    """Share, interval and counts; two of them and a line's name fit 80 columns."""
    if not tally.tries:
        return "    -"
    low, high = (f"{100 * bound:.0f}" for bound in tally.interval())
    interval, counts = f"{low}-{high}", f"{tally.hits}/{tally.tries}"
    return f"{100 * tally.share:5.1f} %  {interval:<6} {counts:>7}"


def _notes(report: EvaluationReport) -> Iterator[str]:
    yield "share, 95 % Wilson interval in percent, hits and cases"
    for name, column in report.columns.items():
        if column.n_cut:
            limit = report.max_tokens
            yield f"{name}: {column.n_cut} answers were cut at {limit} tokens"
        if column.errors:
            yield f"{name}: {len(column.errors)} errors, such as: {column.errors[0]}"
    stopped = ", stopped early" if report.interrupted else ""
    done = f"{report.n_done} of {report.n_cases} cases"
    yield f"{done} in {report.elapsed_s:.0f} s{stopped}"
