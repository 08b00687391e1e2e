"""Which HTTP status and OpenAI error type each of our errors becomes.

One table, most specific class first; nothing else in the server knows statuses.
"""

from __future__ import annotations

from typing import Any

from .. import errors

#: Error class → (HTTP status, OpenAI `type`, OpenAI `code`).
STATUS_TABLE: dict[type[errors.HermesError], tuple[int, str, str]] = {
    errors.ContextOverflowError: (
        400,
        "invalid_request_error",
        "context_length_exceeded",
    ),
    errors.SchemaError: (400, "invalid_request_error", "invalid_schema"),
    errors.GrammarSyntaxError: (400, "invalid_request_error", "invalid_grammar"),
    errors.RequestError: (400, "invalid_request_error", "invalid_request"),
    errors.UnknownModelError: (404, "invalid_request_error", "model_not_found"),
    errors.CatalogError: (500, "server_error", "catalog_error"),
    errors.DownloadError: (502, "server_error", "download_error"),
    errors.ModelChangedError: (503, "server_error", "model_changed"),
    errors.EngineUnavailableError: (503, "server_error", "engine_unavailable"),
    errors.WorkerHungError: (502, "server_error", "model_hung"),
    errors.WorkerDiedError: (502, "server_error", "model_crashed"),
    errors.ModelLoadingError: (503, "server_error", "model_loading"),
    errors.EngineError: (500, "server_error", "engine_error"),
    errors.OutputError: (500, "server_error", "output_error"),
    errors.HermesError: (500, "server_error", "internal_error"),
}


def status_of(error: errors.HermesError) -> int:
    """The HTTP status of an error."""
    return _row(error)[0]


def to_wire(
    error: errors.HermesError, *, conversation: str = "messages"
) -> dict[str, Any]:
    """The error as OpenAI's error body, our hint included in the message.

    Args:
        error: What happened.
        conversation: The field of the request that holds the conversation.
    """
    _, kind, code = _row(error)
    param = _param(error, conversation)
    return error_body(explained(error), kind=kind, code=code, param=param)


def explained(error: errors.HermesError) -> str:
    """What happened and what to do next, in one line."""
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _param(error: errors.HermesError, conversation: str) -> str | None:
    """The field of the request that is to blame, where one is known."""
    match error:
        case errors.OptionError(option=name):
            return str(name)
        case errors.MessageError(index=index):
            return f"{conversation}[{index}]"
        case errors.ContextOverflowError():
            return conversation
        case _:
            return None


def error_body(
    message: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None,
    param: str | None = None,
) -> dict[str, Any]:
    """OpenAI's error body; it can be sent whatever of the request it quotes."""
    where = None if param is None else _sendable(param)
    said = {"message": _sendable(message), "type": kind, "param": where, "code": code}
    return {"error": said}


def _sendable(text: str) -> str:
    """Half a surrogate pair, which UTF-8 cannot write, is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _row(error: errors.HermesError) -> tuple[int, str, str]:
    for kind in type(error).__mro__:
        if kind in STATUS_TABLE:
            return STATUS_TABLE[kind]
    raise AssertionError("the table ends with HermesError")
