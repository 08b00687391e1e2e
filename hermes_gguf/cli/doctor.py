"""`hermes-gguf doctor`: what is wrong on this machine, and what to type next."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from .. import __version__
from ..catalog import load_catalog
from ..doctor import Finding, Patient, examine
from ..errors import HermesError
from .loading import status
from .settings import config_dir, load_settings, load_user_catalog
from .terminal import tell

app = typer.Typer()

_STYLES = {"ok": "green", "note": "yellow", "wrong": "bold red"}


@app.command()
def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask the Hugging Face Hub.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell what is wrong here: llama.cpp, memory, folders, models, the Hub.

    llama.cpp is tried on the embedded model. Nothing is changed. The exit
    code is 1 when something is wrong; a note is no error.
    """
    with status("looking"):
        findings = list(_findings(offline=offline))
    if as_json:
        said = {"versions": _versions(), "findings": [*map(asdict, findings)]}
        tell(json.dumps(said, indent=2))
    else:
        _print(findings)
    is_wrong = any(finding.verdict == "wrong" for finding in findings)
    raise typer.Exit(1 if is_wrong else 0)


def _findings(*, offline: bool) -> Iterator[Finding]:
    problem, _ = _tried("settings", load_settings)
    if problem:
        yield problem
    problem, catalog = _tried("models.toml", load_user_catalog)
    if problem:
        yield problem
    patient = Patient(catalog or load_catalog(), config_dir(), offline=offline)
    yield from examine(patient)


def _tried(subject: str, load: Callable[[], Any]) -> tuple[Finding | None, Any]:
    """What is wrong with a file of the user's, or what was read from it."""
    try:
        return None, load()
    except HermesError as error:
        return Finding(subject, "wrong", error.message, error.hint), None


def _versions() -> dict[str, str]:
    return {
        "hermes-gguf": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def _print(findings: list[Finding]) -> None:
    from rich.table import Table
    from rich.text import Text

    from .screen import Screen

    screen = Screen()
    versions = _versions()
    head = f"hermes-gguf {versions['hermes-gguf']}, Python {versions['python']}"
    screen.print(f"{head}, {versions['system']}\n", style="bold")
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        verdict = Text(finding.verdict, style=_STYLES[finding.verdict])
        table.add_row(verdict, finding.subject, finding.text)
        if finding.hint:
            table.add_row("", "", f"→ {finding.hint}")
    screen.print(table)
    screen.print(f"\n{_summary(findings)}")


def _summary(findings: list[Finding]) -> str:
    n_wrong = sum(finding.verdict == "wrong" for finding in findings)
    n_notes = sum(finding.verdict == "note" for finding in findings)
    if n_wrong:
        return f"{n_wrong} {'thing is' if n_wrong == 1 else 'things are'} wrong."
    if n_notes:
        count = "1 thing" if n_notes == 1 else f"{n_notes} things"
        return f"Nothing is wrong; {count} could be better."
    return "All is well."
