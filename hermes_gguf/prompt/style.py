"""What one prompt style is: its wording for tools, and how it writes turns.

A style is a value; the wordings themselves live in `prompt.styles`, one file for
each family. Nothing here renders.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..messages import Tool
from ..tags import DIALECT_NAMES, THINK_CLOSE, THINK_OPEN, DialectName
from .writer import PromptWriter

#: Writes the system text that presents the tools.
ToolsWriter: TypeAlias = Callable[
    [PromptWriter, Sequence[Tool], datetime.date | None], None
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptStyle:
    """One way to present tools, calls and results to a Hermes model.

    Attributes:
        name: What the catalogue and the command line call it.
        summary: One line for a person who chooses.
        write_tools: Writes the system text that presents the tools.
        dialects: The dialects that it can be written in.
        arguments_first: Calls are written `{"arguments": ..., "name": ...}`.
        reasoning_tags: The tags around reasoning kept in the history.
        uses_scratch_pad: The model is asked to plan in a `<scratch_pad>` first.
        uses_date: The system text names today's date.
        wraps_results: A result is written as `{"name": ..., "content": ...}`.
        counts_iterations: The first question and every tool turn carry the
            remarks of the recursive agent.
        is_template: Turns follow the official `tool_use` template, with its line
            ends around tool turns.
        is_exact: Nothing is mended, the template's defects included.
    """

    name: str
    summary: str
    write_tools: ToolsWriter
    dialects: tuple[DialectName, ...] = DIALECT_NAMES
    arguments_first: bool = False
    reasoning_tags: tuple[str, str] = (THINK_OPEN, THINK_CLOSE)
    uses_scratch_pad: bool = False
    uses_date: bool = False
    wraps_results: bool = False
    counts_iterations: bool = False
    is_template: bool = False
    is_exact: bool = False
