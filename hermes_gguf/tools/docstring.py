"""Reads a Google-style docstring: what it says of a function and its parameters.

Understands `name: text` and `name (type): text`. Knows nothing of types or JSON.

Source: the rules of `transformers.utils.get_json_schema` (5.x), which wrote the
tool definitions that Hermes models were trained on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_HEADER = re.compile(
    r"^[ \t]*(Args|Arguments|Parameters|Attributes|Returns|Yields|Raises|Examples?"
    r"|Notes?|Warnings?|See Also|References|Todo):[ \t]*(.*)$"
)
_PARAMETER = re.compile(r"^([ \t]*)\*{0,2}(\w+)[ \t]*(?:\([^()]*\))?:[ \t]*(.*)$")
_PARAMETER_SECTIONS = ("Args", "Arguments", "Parameters", "Attributes")
#: Headers with text behind them on the same line are prose, but for these.
_INLINE = ("Returns",)


@dataclass(frozen=True, slots=True)
class Docstring:
    """The parts of a docstring.

    Attributes:
        description: Everything before the first section.
        parameters: Name → text, several lines joined by one space.
        returns: The text of the Returns section, or None.
    """

    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    returns: str | None = None


def parse_docstring(text: str) -> Docstring:
    """The parts of a docstring whose common indentation is already removed."""
    sections = _split_sections(text.strip())
    parameters: dict[str, str] = {}
    for name in _PARAMETER_SECTIONS:
        parameters.update(_parse_parameters(sections.get(name, [])))
    returns = "\n".join(sections.get("Returns", [])).strip()
    return Docstring(
        description="\n".join(sections[""]).strip(),
        parameters=parameters,
        returns=returns or None,
    )


def _split_sections(text: str) -> dict[str, list[str]]:
    current: list[str] = []
    sections = {"": current}
    for line in text.split("\n"):
        header = _HEADER.match(line)
        if header is None or not _opens_section(header, sections):
            current.append(line)
            continue
        current = sections.setdefault(header[1], [])
        if header[2]:
            current.append(header[2])
    return sections


def _opens_section(header: re.Match[str], sections: Mapping[str, list[str]]) -> bool:
    name, rest = header[1], header[2]
    if rest:
        return name in _INLINE
    # Before the arguments, only these end the description.
    if len(sections) == 1:
        return name in (*_PARAMETER_SECTIONS, "Returns", "Raises")
    return True


def _parse_parameters(lines: list[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    depth = -1
    current: list[str] = []
    for line in filter(str.strip, lines):
        match = _PARAMETER.match(line)
        # A `word:` that stands deeper than its parameter belongs to the text.
        if match and (depth < 0 or len(match[1].expandtabs()) <= depth):
            depth = len(match[1].expandtabs())
            current = found.setdefault(match[2], [])
            line = match[3]
        current.append(line.strip())
    return {name: " ".join(filter(None, text)) for name, text in found.items()}
