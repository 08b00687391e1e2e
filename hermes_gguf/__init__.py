"""Run Nous Research's Hermes models on your own machine.

The names below are the public API; they are imported when first used, so that the
command line answers at once. `hermes_gguf.errors` draws the tree of all errors.
"""

from __future__ import annotations

import importlib

# As `typing` has it. Importing that takes longer than the rest of this file, and until
# the command line runs, Ctrl-C ends in a traceback.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from .catalog import Catalog, ModelSpec, load_catalog
    from .chat.completion import Completion
    from .chat.conversation import Conversation
    from .chat.execute import Approve, ToolStep
    from .chat.hermes import Hermes, MessagesLike
    from .chat.model import ChatModel
    from .chat.stream import ChatStream, StreamItem
    from .chat.tool_loop import LoopItem, ToolLoop, ToolRun, run_tools
    from .engine.base import (
        Engine,
        EngineFinish,
        GenerationRequest,
        ModelInfo,
        Piece,
        PrefillProgress,
    )
    from .engine.load import load_engine
    from .engine.scripted import ScriptedEngine
    from .errors import (
        ContextOverflowError,
        EngineError,
        HermesError,
        MessageError,
        ModelLoadError,
        NotDownloadedError,
        OptionError,
        OutputError,
        RequestError,
        SchemaError,
        ToolDefinitionError,
        ToolLoopError,
        TruncatedOutputError,
        UnknownModelError,
    )
    from .events import (
        Event,
        Finish,
        ReasoningDelta,
        TextDelta,
        TokenProb,
        ToolCallDelta,
        ToolCallEnded,
        ToolCallFailed,
        ToolCallStarted,
        Usage,
    )
    from .grammar.compile import compile_schema
    from .grammar.compiled import Grammar
    from .hub import LocalModel, pull_model, resolve_model
    from .messages import (
        AssistantMessage,
        Message,
        NamedTool,
        SystemMessage,
        Tool,
        ToolCall,
        ToolChoice,
        ToolMessage,
        UserMessage,
    )
    from .options import LoadOptions, SamplingOptions
    from .parsing import OutputParser
    from .prompt import PROMPT_STYLES, Prompt, render_prompt
    from .tools import PythonTool, load_tools, tool, tool_from_function

__version__ = "0.1.0"

#: Module → the public names in it.
_HOMES = {
    "catalog": ("Catalog", "ModelSpec", "load_catalog"),
    "chat.completion": ("Completion",),
    "chat.conversation": ("Conversation",),
    "chat.execute": ("Approve", "ToolStep"),
    "chat.hermes": ("Hermes", "MessagesLike"),
    "chat.model": ("ChatModel",),
    "chat.stream": ("ChatStream", "StreamItem"),
    "chat.tool_loop": ("LoopItem", "ToolLoop", "ToolRun", "run_tools"),
    "engine.base": (
        "Engine",
        "EngineFinish",
        "GenerationRequest",
        "ModelInfo",
        "Piece",
        "PrefillProgress",
    ),
    "engine.load": ("load_engine",),
    "engine.scripted": ("ScriptedEngine",),
    "errors": (
        "ContextOverflowError",
        "EngineError",
        "HermesError",
        "MessageError",
        "ModelLoadError",
        "NotDownloadedError",
        "OptionError",
        "OutputError",
        "RequestError",
        "SchemaError",
        "ToolDefinitionError",
        "ToolLoopError",
        "TruncatedOutputError",
        "UnknownModelError",
    ),
    "events": (
        "Event",
        "Finish",
        "ReasoningDelta",
        "TextDelta",
        "TokenProb",
        "ToolCallDelta",
        "ToolCallEnded",
        "ToolCallFailed",
        "ToolCallStarted",
        "Usage",
    ),
    "grammar.compile": ("compile_schema",),
    "grammar.compiled": ("Grammar",),
    "hub": ("LocalModel", "pull_model", "resolve_model"),
    "messages": (
        "AssistantMessage",
        "Message",
        "NamedTool",
        "SystemMessage",
        "Tool",
        "ToolCall",
        "ToolChoice",
        "ToolMessage",
        "UserMessage",
    ),
    "options": ("LoadOptions", "SamplingOptions"),
    "parsing": ("OutputParser",),
    "prompt": ("PROMPT_STYLES", "Prompt", "render_prompt"),
    "tools": ("PythonTool", "load_tools", "tool", "tool_from_function"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "PROMPT_STYLES",
    "Approve",
    "AssistantMessage",
    "Catalog",
    "ChatModel",
    "ChatStream",
    "Completion",
    "ContextOverflowError",
    "Conversation",
    "Engine",
    "EngineError",
    "EngineFinish",
    "Event",
    "Finish",
    "GenerationRequest",
    "Grammar",
    "Hermes",
    "HermesError",
    "LoadOptions",
    "LocalModel",
    "LoopItem",
    "Message",
    "MessageError",
    "MessagesLike",
    "ModelInfo",
    "ModelLoadError",
    "ModelSpec",
    "NamedTool",
    "NotDownloadedError",
    "OptionError",
    "OutputError",
    "OutputParser",
    "Piece",
    "PrefillProgress",
    "Prompt",
    "PythonTool",
    "ReasoningDelta",
    "RequestError",
    "SamplingOptions",
    "SchemaError",
    "ScriptedEngine",
    "StreamItem",
    "SystemMessage",
    "TextDelta",
    "TokenProb",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "ToolCallEnded",
    "ToolCallFailed",
    "ToolCallStarted",
    "ToolChoice",
    "ToolDefinitionError",
    "ToolLoop",
    "ToolLoopError",
    "ToolMessage",
    "ToolRun",
    "ToolStep",
    "TruncatedOutputError",
    "UnknownModelError",
    "Usage",
    "UserMessage",
    "__version__",
    "compile_schema",
    "load_catalog",
    "load_engine",
    "load_tools",
    "pull_model",
    "render_prompt",
    "resolve_model",
    "run_tools",
    "tool",
    "tool_from_function",
]


def __getattr__(name: str) -> Any:
    if name == "errors":
        return importlib.import_module(".errors", __name__)
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
