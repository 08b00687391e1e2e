"""From the model's text to events: reasoning, answer, tool calls."""

from .parser import OutputParser, new_call_id
from .spelling import TOOL_RESULT_TAGS

__all__ = ["TOOL_RESULT_TAGS", "OutputParser", "new_call_id"]
