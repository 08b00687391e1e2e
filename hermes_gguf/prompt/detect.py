"""The chat template inside a GGUF file → the dialect to write, or a refusal.

Templates are never executed: they are only compared and searched for turn markers.
What the file's other metadata says is the engine's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..errors import OptionError
from ..tags import IM_START, START_HEADER, DialectName

HERMES_3_SYSTEM: Final = "You are a helpful assistant."


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """What is known about a published chat template.

    Attributes:
        name: Whose template it is, for a person.
        dialect: The dialect that it writes.
        default_system: What it says when there is no system message, or None.
    """

    name: str
    dialect: DialectName
    default_system: str | None = None


def _chatml_default(between_header_and_rest: str, system: str) -> str:
    """The one-line ChatML template as Hermes models publish it."""
    return (
        "{{bos_token}}{% for message in messages %}"
        + system
        + "{{'<|im_start|>' + message['role'] + '"
        + between_header_and_rest
        + "' + message['content'] + '<|im_end|>' + '"
        + between_header_and_rest
        + "'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant"
        + between_header_and_rest
        + "' }}{% endif %}"
    )


def _digest(template: str) -> str:
    return hashlib.sha256(template.encode()).hexdigest()


def _hermes_3_digests() -> Iterable[str]:
    # Files spell the line feed in the template's strings raw or as `\n`.
    for line_feed in ("\n", "\\n"):
        system = (
            "{% if loop.first and messages[0]['role'] != 'system' %}"
            f"{{{{ '<|im_start|>system{line_feed}{HERMES_3_SYSTEM}<|im_end|>"
            f"{line_feed}' }}}}{{% endif %}}"
        )
        yield _digest(_chatml_default(line_feed, system))


_HERMES_2 = KnownTemplate("Hermes 2 Pro (ChatML)", "chatml")
_HERMES_3 = KnownTemplate("Hermes 3 (ChatML)", "chatml", HERMES_3_SYSTEM)
_TOOL_USE = KnownTemplate("Hermes 2 Pro and 3, tool_use (ChatML)", "chatml")

#: SHA-256 of a template's text → what is known about it.
_KNOWN: Final[Mapping[str, KnownTemplate]] = MappingProxyType(
    {
        "a805e50fed68938a076b07e2e602639611b50b1ced0e50f11eb92f1ba25be4dc": _HERMES_2,
        _digest(_chatml_default("\\n", "")): _HERMES_2,
        "7ce09d55d3690e06c70b5c07228cc7e8c99c43a23cdc027762be4011efcdea6c": _TOOL_USE,
        **dict.fromkeys(_hermes_3_digests(), _HERMES_3),
    }
)


def matches_known_template(chat_template: str | None) -> KnownTemplate | None:
    """What is known about exactly this template, or None."""
    return _KNOWN.get(_digest(chat_template)) if chat_template else None


def detect_dialect(
    chat_template: str | None, *, tokens: Iterable[str] = ()
) -> DialectName:
    """The dialect that a file's chat template writes.

    Args:
        chat_template: `tokenizer.chat_template` of the file, if it has one.
        tokens: Texts of the vocabulary, asked only when there is no template.

    Raises:
        OptionError: The template writes neither dialect, or nothing tells which.
    """
    if known := matches_known_template(chat_template):
        return known.dialect
    if chat_template:
        found = _first_marker(chat_template)
        problem = "the model's chat template is neither ChatML nor Llama-3 headers"
    else:
        found = _dialect_of_tokens(tokens)
        problem = "the model has no chat template, and its vocabulary does not tell"
    if found is not None:
        return found
    raise OptionError(
        "dialect",
        problem,
        hint="name the dialect yourself: --dialect chatml or --dialect llama3",
    )


def _first_marker(template: str) -> DialectName | None:
    # Some Llama-3 templates mention ChatML's end by mistake: openings decide.
    places: dict[DialectName, int] = {
        "chatml": template.find(IM_START),
        "llama3": template.find(START_HEADER),
    }
    present = [name for name, place in places.items() if place >= 0]
    return min(present, key=places.__getitem__, default=None)


def _dialect_of_tokens(tokens: Iterable[str]) -> DialectName | None:
    present = {IM_START, START_HEADER}.intersection(tokens)
    # A ChatML fine-tune of Llama 3 keeps the header tokens, never the reverse.
    if IM_START in present:
        return "chatml"
    return "llama3" if present else None
