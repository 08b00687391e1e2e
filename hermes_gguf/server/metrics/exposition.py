"""Figures as Prometheus' text. Pure.

Source: Prometheus documentation, "Exposition formats" (text format 0.0.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .tally import Tally

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

#: Labels and a value.
Sample: TypeAlias = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the model does.

    Attributes:
        model: Its name.
        is_loaded: Whether it takes requests now.
        tally: Its work.
    """

    model: str
    is_loaded: bool
    tally: Tally


@dataclass(frozen=True, slots=True)
class Requests:
    """What was asked of the server.

    Attributes:
        in_progress: Requests that are being answered, or wait.
        answered: How many were, by endpoint and HTTP status.
    """

    in_progress: int
    answered: Mapping[tuple[str, int], int]


def exposition(figures: Figures, requests: Requests) -> str:
    """The text of all metrics."""
    return "".join(f"{line}\n" for line in _lines(figures, requests))


def _lines(figures: Figures, requests: Requests) -> Iterator[str]:
    usage, tally = figures.tally.usage, figures.tally
    answered: list[Sample] = [
        ({"endpoint": endpoint, "status": str(status)}, n)
        for (endpoint, status), n in sorted(requests.answered.items())
    ]
    told = "Requests that were answered, 499: the client left before."
    yield from _metric("requests_total", "counter", told, answered)
    told = "Requests that are being answered, or wait."
    yield from _gauge("requests_in_progress", told, requests.in_progress)
    told = "Answers that wait for a slot."
    yield from _gauge("answers_waiting", told, tally.waiting)
    told = "Answers whose prompt is read, or that are written."
    yield from _gauge("answers_active", told, tally.active)
    n_read = usage.prompt_tokens - usage.cached_tokens
    told = "Prompt tokens that were evaluated."
    yield from _counter("prompt_tokens_read_total", told, n_read)
    told = "Prompt tokens that were found in the cache."
    yield from _counter("prompt_tokens_reused_total", told, usage.cached_tokens)
    told = "Tokens of answers."
    yield from _counter("tokens_written_total", told, usage.completion_tokens)
    told = "Tokens of answers that the grammar dictated."
    yield from _counter("tokens_forced_total", told, usage.forced_tokens)
    told = "Seconds that answers spent on reading their prompts."
    yield from _counter("prefill_seconds_total", told, usage.prefill_s)
    told = "Seconds from first to last token, over all answers."
    yield from _counter("decode_seconds_total", told, usage.decode_s)
    told = "Whether the model is in memory and takes requests."
    loaded: Sample = ({"model": figures.model}, figures.is_loaded)
    yield from _metric("model_loaded", "gauge", told, [loaded])


def _counter(name: str, told: str, value: float) -> Iterator[str]:
    return _metric(name, "counter", told, [({}, value)])


def _gauge(name: str, told: str, value: float) -> Iterator[str]:
    return _metric(name, "gauge", told, [({}, value)])


def _metric(
    name: str, kind: Literal["counter", "gauge"], told: str, samples: Iterable[Sample]
) -> Iterator[str]:
    yield f"# HELP hermes_gguf_{name} {told}"
    yield f"# TYPE hermes_gguf_{name} {kind}"
    for labels, value in samples:
        pairs = ",".join(f'{key}="{_escape(text)}"' for key, text in labels.items())
        shown = f"{float(value):.6f}".rstrip("0").rstrip(".")
        yield f"hermes_gguf_{name}{f'{{{pairs}}}' if pairs else ''} {shown}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
