"""From the model's text to events: reasoning, answer, tool calls."""

from .parser import TOOL_RESULT_TAGS, OutputParser, new_call_id

__all__ = ["TOOL_RESULT_TAGS", "OutputParser", "new_call_id"]
