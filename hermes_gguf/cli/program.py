"""The commands and global options of `hermes-gguf`, as typer reads them.

It knows which commands exist (`commands`), not what any of them does, and not how
the program begins and ends (`app`).
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from .. import __version__
from .commands import COMMANDS, OTHER_NAMES
from .spelling import spell_parameters

_COMPLETION = ("install_completion", "show_completion")


class LazyGroup(TyperGroup):
    """A group whose commands are imported when one of them runs.

    For `--help` and completion of names each command is a stub with its help line.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, entry in COMMANDS.items():
            stub = TyperCommand(
                name, help=entry.help, rich_help_panel=entry.panel, params=[]
            )
            self.add_command(stub)

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the table, not of the alphabet."""
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Import the command that runs, in place of its stub."""
        args = [OTHER_NAMES.get(name, name) for name in args[:1]] + args[1:]
        entry = COMMANDS.get(args[0]) if args else None
        if entry is not None:
            found = get_command(getattr(import_module(entry.module), entry.attribute))
            found.name = args[0]
            # Completion is installed for the program, not for one command.
            found.params = [p for p in found.params if p.name not in _COMPLETION]
            for command in (found, *getattr(found, "commands", {}).values()):
                spell_parameters(command.get_params(ctx))
            self.add_command(found)
        return super().resolve_command(ctx, args)

    def get_params(self, ctx: Any) -> Any:
        """The program's own options."""
        parameters = super().get_params(ctx)
        spell_parameters(parameters)
        return parameters


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: hermes-gguf chat tiny",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hermes-gguf {__version__}")
        raise typer.Exit


@app.callback()
def global_options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="On an error, show where in the code it arose."),
    ] = False,
) -> None:
    """Run Nous Research's Hermes models on your own machine."""
