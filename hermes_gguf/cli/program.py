"""The commands and global options of `hermes-gguf`, as typer reads them.

It knows which commands exist (`commands`), not what any of them does, and not how
the program begins and ends (`app`).
"""

from __future__ import annotations

import re
import shlex
import shutil
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from .. import __version__
from ..errors import CatalogError, RequestError
from .commands import COMMANDS, OTHER_NAMES
from .spelling import spell_parameters
from .terminal import tell

#: Columns that the tables of the help texts need.
_TABLE_COLUMNS = 80
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

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the program's own options; `help chat` is `chat --help`."""
        _fit_help(self)
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

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
                _fit_help(command)
            self.add_command(found)
        return super().resolve_command(ctx, args)

    def get_params(self, ctx: Any) -> Any:
        """The program's own options."""
        parameters = super().get_params(ctx)
        spell_parameters(parameters)
        return parameters


def _fit_help(command: Any) -> None:
    """In a narrow terminal, a help text without tables: they cut the options' names."""
    if shutil.get_terminal_size().columns < _TABLE_COLUMNS:
        command.rich_markup_mode = None


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: hermes-gguf chat tiny",
)


#: What typer raises for a line that it cannot read; it has no public name.
_UsageError: type[Any] = typer.BadParameter.__mro__[1]


def run_program(args: list[str]) -> int:
    """Run a command line; its exit code.

    Raises:
        HermesError: the command failed, or the line cannot be read.
        KeyboardInterrupt: Ctrl-C at a question.
    """
    try:
        code = app(args=args, prog_name="hermes-gguf", standalone_mode=False)
    except typer.Abort as stop:
        if isinstance(stop.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from stop
        tell("Nothing was done.", err=True)
        return 1
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # it was printed
            return int(error.exit_code)
        raise RequestError(_problem(error), hint=_next_step(error, args)) from error
    return int(code or 0)


def _problem(error: Any) -> str:
    meant = " or ".join(getattr(error, "possibilities", None) or ())
    if not meant:
        # pydantic, which reads the values, says more than a person asks for.
        return re.sub(
            "Value error, |, unable to parse .*", "", str(error.format_message())
        )
    return f"{error.message.rstrip('.')}. Did you mean {meant}?"


def _next_step(error: Any, args: list[str]) -> str:
    """The help of the command that was meant, or a chat with the model that was."""
    first = args[0] if args and args[0] in COMMANDS else ""
    if args and not first and _is_model(args[0]):
        return f"hermes-gguf chat {shlex.quote(args[0])}"
    command = error.ctx.command_path if error.ctx else f"hermes-gguf {first}".rstrip()
    return f"{command} --help"


def _is_model(name: str) -> bool:
    """Whether the catalogue or a file answers to it."""
    from .settings import load_user_catalog

    if name.endswith(".gguf"):
        return True
    try:
        return load_user_catalog().find(name) is not None
    except CatalogError:
        return False


def _print_version(wanted: bool) -> None:
    if wanted:
        tell(f"hermes-gguf {__version__}")
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
