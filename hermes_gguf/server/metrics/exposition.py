"""Figures as Prometheus' text. Pure.

Source: Prometheus documentation, "Exposition formats" (text format 0.0.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .tally import Tally

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

#: Labels and a value.
Sample: TypeAlias = tuple[Mapping[str, str], float]

#: Each metric, and what it tells.
_TOLD = {
    "requests_total": "Requests that were answered, 499: the client left before.",
    "requests_in_progress": "Requests that are being answered, or wait.",
    "answers_waiting": "Answers that wait for a slot.",
    "answers_active": "Answers whose prompt is read, or that are written.",
    "prompt_tokens_read_total": "Prompt tokens that were evaluated.",
    "prompt_tokens_reused_total": "Prompt tokens that were found in the cache.",
    "tokens_written_total": "Tokens of answers.",
    "tokens_forced_total": "Tokens of answers that the grammar dictated.",
    "prefill_seconds_total": "Seconds that answers spent on reading their prompts.",
    "decode_seconds_total": "Seconds from first to last token, over all answers.",
    "model_loaded": "Whether the model is in memory and takes requests.",
}


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
    samples = _samples(figures, requests)
    for name, told in _TOLD.items():
        # The names of counters end so, by Prometheus' own rule.
        kind = "counter" if name.endswith("_total") else "gauge"
        yield f"# HELP hermes_gguf_{name} {told}"
        yield f"# TYPE hermes_gguf_{name} {kind}"
        for labels, value in samples[name]:
            pairs = ",".join(f'{key}="{_escape(text)}"' for key, text in labels.items())
            shown = f"{float(value):.6f}".rstrip("0").rstrip(".")
            yield f"hermes_gguf_{name}{f'{{{pairs}}}' if pairs else ''} {shown}"


def _samples(figures: Figures, requests: Requests) -> dict[str, list[Sample]]:
    usage, tally = figures.tally.usage, figures.tally
    plain = {
        "requests_in_progress": requests.in_progress,
        "answers_waiting": tally.waiting,
        "answers_active": tally.active,
        "prompt_tokens_read_total": usage.prompt_tokens - usage.cached_tokens,
        "prompt_tokens_reused_total": usage.cached_tokens,
        "tokens_written_total": usage.completion_tokens,
        "tokens_forced_total": usage.forced_tokens,
        "prefill_seconds_total": usage.prefill_s,
        "decode_seconds_total": usage.decode_s,
    }
    found: dict[str, list[Sample]] = {name: [({}, n)] for name, n in plain.items()}
    found["requests_total"] = [
        ({"endpoint": endpoint, "status": str(status)}, n)
        for (endpoint, status), n in sorted(requests.answered.items())
    ]
    found["model_loaded"] = [({"model": figures.model}, figures.is_loaded)]
    return found


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
