"""Python functions and files of them → tools that a model can call."""

from .builtin import builtin_tools
from .function_schema import tool_from_function
from .load import load_tools
from .pydantic_schema import schema_of_adapter
from .pydantic_values import describe_error, describe_invalid
from .python_tool import PythonTool, tool
from .results import render_result, to_valid_text

__all__ = [
    "PythonTool",
    "builtin_tools",
    "describe_error",
    "describe_invalid",
    "load_tools",
    "render_result",
    "schema_of_adapter",
    "to_valid_text",
    "tool",
    "tool_from_function",
]
