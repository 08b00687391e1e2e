"""Small, safe tools that work offline: a calculator, the clock, one directory.

None of them writes, runs code, or reaches the network.
"""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path
from typing import Final

from ..files import read_text
from .calculator import evaluate
from .python_tool import PythonTool

MAX_FILE_BYTES: Final = 256 * 1024


def calculate(expression: str) -> float:
    """Evaluate an arithmetic expression.

    Args:
        expression: The expression, for example "2 * (3 + 4) ** 2" or "sqrt(2)"

    Returns:
        The value of the expression.
    """
    return evaluate(expression)


def get_current_time(timezone: str = "") -> str:
    """Get the current date and time.

    Args:
        timezone: An IANA time zone such as "Europe/Paris"; the local one if left out

    Returns:
        The date and time in ISO 8601 format, with the offset from UTC.
    """
    try:
        zone = zoneinfo.ZoneInfo(timezone) if timezone else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {timezone!r}") from error
    return datetime.datetime.now(zone).astimezone(zone).isoformat(timespec="seconds")


def make_read_file(root: Path) -> PythonTool:
    """A tool that reads text files under `root`, and nothing outside of it."""
    base = root.resolve()

    def read_file(path: str) -> str:
        """Read a text file.

        Args:
            path: The path of the file, relative to the working directory

        Returns:
            The text of the file.
        """
        # Links are followed first: where the file truly lies is what counts.
        target = (base / path).resolve()
        if not target.is_relative_to(base):
            raise PermissionError(f"{path!r} lies outside of the directory")
        if not target.is_file():
            raise FileNotFoundError(f"there is no file {path!r}")
        if target.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"{path!r} is larger than {MAX_FILE_BYTES} bytes")
        try:
            return read_text(target)
        except UnicodeDecodeError as error:
            raise ValueError(f"{path!r} is no text file") from error

    return PythonTool.from_function(read_file)


def builtin_tools(*, root: Path | None = None) -> list[PythonTool]:
    """The tools that come with the package.

    Args:
        root: The directory whose files may be read; None leaves that tool out.
    """
    tools = [
        PythonTool.from_function(calculate),
        PythonTool.from_function(get_current_time),
    ]
    return tools if root is None else [*tools, make_read_file(root)]


#: What `load_tools` finds here: the tools that need no directory.
TOOLS: Final = (calculate, get_current_time)
