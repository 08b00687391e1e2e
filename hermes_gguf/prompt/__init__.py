"""Messages and tools → the exact text of a Hermes prompt."""

from .agent_texts import (
    render_execution_error,
    render_json_error,
    render_syntax_error,
    render_validation_error,
)
from .detect import KnownTemplate, detect_dialect, matches_known_template
from .registry import DEFAULT_STYLE, PROMPT_STYLES, get_dialect, get_style
from .render import render_prompt
from .rendered import Prompt
from .style import PromptStyle
from .system import THINKING_PROMPT

__all__ = [
    "DEFAULT_STYLE",
    "PROMPT_STYLES",
    "THINKING_PROMPT",
    "KnownTemplate",
    "Prompt",
    "PromptStyle",
    "detect_dialect",
    "get_dialect",
    "get_style",
    "matches_known_template",
    "render_execution_error",
    "render_json_error",
    "render_prompt",
    "render_syntax_error",
    "render_validation_error",
]
