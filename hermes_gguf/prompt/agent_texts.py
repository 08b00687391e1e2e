"""The texts that the recursive agent puts around questions, results and errors.

Knows wordings only: when a call is repeated, and how often, is `chat`'s business.

Source: functioncall.py and jsonmode.py of NousResearch/Hermes-Function-Calling,
revision 3e695ed081a0a5c3ae74a556077d29ff7045ef2c.
"""

from __future__ import annotations

from typing import Final

FIRST_TURN_REMARK: Final = (
    "\nThis is the first turn and you don't have <tool_results> to analyze yet"
)


def render_iteration_header(depth: int, query: str) -> str:
    """The line above the results of round `depth` (from 0) of answering `query`."""
    return f"Agent iteration {depth} to assist with user query: {query}\n"


def render_execution_error(name: str, error: str) -> str:
    """The result to report for a call whose function raised."""
    return (
        f"There was an error when executing the function: {name}\n"
        f"Here's the error traceback: {error}\n{_CALL_AGAIN}"
    )


def render_validation_error(name: str, error: str) -> str:
    """The result to report for a call whose arguments break the tool's schema."""
    return (
        f"There was an error validating function call against function signature:"
        f" {name}\nHere's the error traceback: {error}\n{_CALL_AGAIN}"
    )


def render_syntax_error(error: str) -> str:
    """The result to report for a call that could not be read."""
    return (
        "There was an error parsing function calls\n"
        f" Here's the error stack trace: {error}\n"
        "Please call the function again with correct syntax"
    )


def render_json_error(error: str) -> str:
    """The feedback for an answer in JSON mode that breaks its schema."""
    return (
        f"Json schema validation failed\nHere's the error stacktrace: {error}\n"
        "Please return corrrect json object"
    )


_CALL_AGAIN = (
    "Please call this function again with correct arguments"
    " within XML tags <tool_call></tool_call>"
)
