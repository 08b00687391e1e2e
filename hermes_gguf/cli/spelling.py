"""How options and arguments are spelled in help texts: `--ctx N`, `--yes`, `MODEL`.

typer names Python's types (`<int>`, `<bool>`, `{name}`); a person types values. It
changes what is shown, not what is accepted, and knows no command.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

#: The word for a value, by the type that reads it.
_WORDS = {int: "N", float: "X", Path: "FILE", str: "TEXT"}


def spell_parameters(parameters: Iterable[Any]) -> None:
    """Name the values of a command's parameters, where it does not name them itself.

    Flags take no value and show none; what may be chosen from stays listed.
    """
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            _spell_argument(parameter)
        elif parameter.is_flag:
            parameter.metavar = ""
        elif parameter.metavar is None:
            parameter.metavar = _word(parameter)


def _spell_argument(argument: Any) -> None:
    """Its name says what it is: `MODEL`, or `[MODEL]` where it may be left out."""
    name = argument.metavar or argument.name.upper()
    shown = name if argument.required else f"[{name}]"
    if argument.nargs != 1:
        shown += "..."
    argument.metavar = name
    argument.get_usage_pieces = lambda context: [shown]
    argument.display_type_rich = lambda ctx: None


def _word(parameter: Any) -> str | None:
    described = getattr(parameter, "type_descriptor", None)
    if described is None or described.is_choice:
        return None
    kind = described.annotation
    return _WORDS.get(getattr(kind, "__args__", (kind,))[0])
