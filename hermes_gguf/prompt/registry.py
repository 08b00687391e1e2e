"""The prompt styles by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..errors import OptionError
from .dialects import DIALECTS, Dialect
from .style import PromptStyle
from .styles.card import HERMES_CARD
from .styles.function_calling import HERMES_EVAL, HERMES_RECURSIVE, HERMES_SCRATCH_PAD
from .styles.hermes4 import HERMES_4
from .styles.tool_use import HERMES_2_PRO, HERMES_2_PRO_EXACT

#: Every style, by its name.
PROMPT_STYLES: Final[Mapping[str, PromptStyle]] = MappingProxyType(
    {
        style.name: style
        for style in (
            HERMES_2_PRO,
            HERMES_2_PRO_EXACT,
            HERMES_CARD,
            HERMES_RECURSIVE,
            HERMES_EVAL,
            HERMES_SCRATCH_PAD,
            HERMES_4,
        )
    }
)
DEFAULT_STYLE: Final = HERMES_2_PRO.name


def get_style(style: str | PromptStyle) -> PromptStyle:
    """The style of this name; a style is returned as it is.

    Raises:
        OptionError: No style has the name.
    """
    if isinstance(style, PromptStyle):
        return style
    found = PROMPT_STYLES.get(style)
    if found is None:
        raise OptionError(
            "style",
            f"no prompt style is called {style!r}",
            hint="choose one of " + ", ".join(PROMPT_STYLES),
        )
    return found


def get_dialect(name: str, *, style: PromptStyle) -> Dialect:
    """The dialect of this name, if the style can be written in it.

    Raises:
        OptionError: No dialect has the name, or the style excludes it.
    """
    if name in style.dialects and name in DIALECTS:
        return DIALECTS[name]
    if name in DIALECTS:
        problem = f"the prompt style {style.name!r} does not exist in {name!r}"
    else:
        problem = f"no dialect is called {name!r}"
    raise OptionError(
        "dialect", problem, hint="choose one of " + ", ".join(style.dialects)
    )
