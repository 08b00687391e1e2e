"""The styles of NousResearch/Hermes-Function-Calling and its evaluation.

"hermes-recursive" is the agent that calls one function at a time, "hermes-eval" the
prompt behind the published figures, "hermes-scratch-pad" the planner of Hermes 3.
The schema of a call is the one that the models were trained on: newer pydantic
versions would add `additionalProperties` to it.

Source: prompt_assets/sys_prompt.yml and README.md of
NousResearch/Hermes-Function-Calling, revision
3e695ed081a0a5c3ae74a556077d29ff7045ef2c; sys_prompt.yml of
interstellarninja/function-calling-eval, revision ea1d880.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from ...messages import Tool
from ...tags import SCRATCH_PAD_CLOSE, SCRATCH_PAD_OPEN
from ..escape import render_json, render_python
from ..style import PromptStyle
from ..writer import PromptWriter
from .definitions import function_definition

_CALL_SCHEMA = (
    "{'properties': {'arguments': {'title': 'Arguments', 'type': 'object'},"
    " 'name': {'title': 'Name', 'type': 'string'}},"
    " 'required': ['arguments', 'name'], 'title': 'FunctionCall', 'type': 'object'}"
)
_CALL_FORM = '<tool_call>\n{"name": <function-name>, "arguments": <args-dict>}\n'

_AGENT_ROLE = (
    "You are a function calling AI agent with self-recursion. You can call only one"
    " function at a time and analyse data you get from function response. You are"
    " provided with function signatures within <tools></tools> XML tags."
)
_AGENT_OBJECTIVE = (
    " You may use agentic frameworks for reasoning and planning to help with user"
    " query. Please call a function and wait for function results to be provided to"
    " you in the next iteration. Don't make assumptions about what values to plug"
    " into function arguments. Once you have called a function, results will be fed"
    " back to you within <tool_response></tool_response> XML tags. Don't make"
    " assumptions about tool results if <tool_response> XML tags are not present"
    " since function hasn't been executed yet. Analyze the data once you get the"
    " results and call another function. At each iteration please continue adding"
    " the your analysis to previous summary. Your final response should directly"
    " answer the user query with an anlysis or summary of the results of function"
    " calls. Here are the available tools: <tools> "
)
_AGENT_FALLBACK = (
    " </tools> If the provided function signatures doesn't have the function you"
    " must call, you may write executable python code in markdown syntax and call"
    ' code_interpreter() function as follows: <tool_call> {"name":'
    ' "code_interpreter", "arguments": {"code_markdown": <python-code>}}'
    " </tool_call> Make sure that the json object above with code markdown block is"
    " parseable with json.loads() and the XML block with XML ElementTree."
)
_AGENT_INSTRUCTIONS = (
    " Use the following pydantic model json schema for each tool call you will make:"
    f" {_CALL_SCHEMA} At the very first turn you don't have <tool_results> so you"
    " should not make up the results.\n"
    "Please keep a running summary with analysis of previous function results and"
    " summaries from previous iterations.\n"
    "Do not stop calling functions until the task has been accomplished or you've"
    " reached max iteration of 10.\n"
    "Calling multiple functions at once can overload the system and increase cost so"
    " call one function at a time please.\n"
    "If you plan to continue with analysis, always call another function.\n"
    "For each function call return a valid json object (using double quotes) with"
    " function name and arguments within <tool_call></tool_call> XML tags as"
    f" follows:\n{_CALL_FORM}</tool_call>\n"
)


def _write_agent(
    writer: PromptWriter, tools: Sequence[Tool], date: datetime.date | None
) -> None:
    writer.write(_AGENT_ROLE)
    if date is not None:
        writer.write(f" The current date is: {date.isoformat()}.")
    writer.write(_AGENT_OBJECTIVE)
    writer.quote(render_python([function_definition(tool) for tool in tools]))
    writer.write(_AGENT_FALLBACK)
    writer.write(_AGENT_INSTRUCTIONS)


def _write_evaluation(
    writer: PromptWriter, tools: Sequence[Tool], date: datetime.date | None
) -> None:
    writer.write(
        "You are a function calling AI model. You are provided with function"
        " signatures within <tools></tools> XML tags.\n"
        "You may call one or more functions to assist with the user query. Don't"
        " make assumptions about what values to plug into functions.\n"
        "Here are the available tools:\n<tools>\n"
    )
    writer.quote(render_json([function_definition(tool) for tool in tools]))
    writer.write(
        "\n</tools>\nUse the following pydantic model json schema for each tool call"
        f" you will make:\n<schema>\n{_CALL_SCHEMA}\n</schema>\n"
        "For each function call return a json object with function name and"
        " arguments within <tool_call></tool_call> XML tags as follows:\n"
        f"{_CALL_FORM}</tool_call>"
    )


def _write_scratch_pad(
    writer: PromptWriter, tools: Sequence[Tool], date: datetime.date | None
) -> None:
    writer.write(
        "You are a function calling AI model. You are provided with function"
        " signatures within <tools> </tools> XML tags. You may call one or more"
        " functions to assist with the user query. If available tools are not"
        " relevant in assisting with user query, just respond in natural"
        " conversational language. Don't make assumptions about what values to plug"
        " into functions. After calling & executing the functions, you will be"
        " provided with function results within <tool_response> </tool_response> XML"
        " tags.\n<tools>\n"
    )
    writer.quote(render_python([function_definition(tool) for tool in tools]))
    writer.write(_SCRATCH_PAD_INSTRUCTIONS)


_SCRATCH_PAD_INSTRUCTIONS = """
</tools>
For each function call return a JSON object, with the following pydantic model json\
 schema:
{'title': 'FunctionCall', 'type': 'object', 'properties': {'name': {'title': 'Name',\
 'type': 'string'}, 'arguments': {'title': 'Arguments', 'type': 'object'}},\
 'required': ['arguments', 'name']}
Each function call should be enclosed within <tool_call> </tool_call> XML tags. You\
 must use <scratch_pad> </scratch_pad> XML tags to record your reasoning and planning\
 before you call the functions as follows.
Example:
<scratch_pad>
Goal: <state task assigned by user>
Actions:
<if tool calls need to be generated:>
- {result_var_name1} = functions.{function_name1}({param1}={value1},...)
- {result_var_name2, result_var_name3} = ...
<if no tool call needs to be generated:> None
Observation: <set observation 'None' with tool calls; plan final tools results\
 summary when provided>
Reflection: <evaluate query-tool relevance and required parameters when tools called;\
 analyze overall task status when observations made>
</scratch_pad>
<tool_call>
{'name': <function-name>, 'arguments': <args-dict>}
</tool_call>"""


HERMES_RECURSIVE = PromptStyle(
    name="hermes-recursive",
    summary="the self-recursive agent of Hermes-Function-Calling, with the date",
    write_tools=_write_agent,
    uses_date=True,
    wraps_results=True,
    counts_iterations=True,
)
HERMES_EVAL = PromptStyle(
    name="hermes-eval",
    summary="the prompt of Nous Research's own function-calling evaluation",
    write_tools=_write_evaluation,
    wraps_results=True,
)
HERMES_SCRATCH_PAD = PromptStyle(
    name="hermes-scratch-pad",
    summary="Hermes 3 plans in a <scratch_pad> before it calls",
    write_tools=_write_scratch_pad,
    reasoning_tags=(SCRATCH_PAD_OPEN, SCRATCH_PAD_CLOSE),
    uses_scratch_pad=True,
    wraps_results=True,
)
