"""Messages and tools → the exact text of a Hermes prompt."""

from .registry import DEFAULT_STYLE, PROMPT_STYLES, get_style
from .render import render_prompt
from .rendered import Prompt
from .style import PromptStyle
from .system import THINKING_PROMPT

__all__ = [
    "DEFAULT_STYLE",
    "PROMPT_STYLES",
    "THINKING_PROMPT",
    "Prompt",
    "PromptStyle",
    "get_style",
    "render_prompt",
]
