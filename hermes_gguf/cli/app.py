"""The command `hermes-gguf`: global options, lazy commands, one error funnel.

It knows which commands exist (`commands`) and how errors end (`errors`), not what
any command does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from .. import __version__
from .commands import COMMANDS
from .errors import report_error
from .terminal import prepare_streams

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
        entry = COMMANDS.get(args[0]) if args else None
        if entry is not None:
            found = get_command(getattr(import_module(entry.module), entry.attribute))
            found.name = args[0]
            # Completion is installed for the program, not for one command.
            found.params = [p for p in found.params if p.name not in _COMPLETION]
            self.add_command(found)
        return super().resolve_command(ctx, args)


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


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code.

    0: done; 1: failed; 2: wrong usage; 130: stopped with Ctrl-C. `--debug` may
    stand anywhere.

    Args:
        argv: Arguments without the program's name; None takes this process's.
    """
    prepare_streams()
    args = list(sys.argv[1:] if argv is None else argv)
    options = args[: args.index("--")] if "--" in args else args
    debug = "--debug" in options
    if debug:
        args.remove("--debug")
    try:
        if not _answer_quickly(args):
            app(args=args, prog_name="hermes-gguf")
    except BrokenPipeError:
        # The reader left (`| head`). Python would complain again while closing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    # Every error ends here: ours with its hint, anything else as our bug.
    except Exception as error:
        sys.exit(report_error(error, debug=debug))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def _answer_quickly(args: list[str]) -> bool:
    """Answer a plain `models` at once; typer's option parsing takes 0.1 s more."""
    flags = set(args[1:])
    if args[:1] != ["models"] or flags - {"--json", "--downloaded", "-d"}:
        return False
    from .model_table import print_models

    print_models(downloaded=bool(flags - {"--json"}), as_json="--json" in flags)
    return True
