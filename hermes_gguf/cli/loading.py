"""From flags to a loaded chat model, with what a person wants to see meanwhile.

`chat`, `run` and `serve` share these options. Imports that load libraries stand
inside functions, so that help texts stay quick.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..options import KVType, LoadOptions, SamplingOptions
from .model_choice import choose_model
from .settings import load_settings, load_user_catalog
from .terminal import is_terminal

if TYPE_CHECKING:
    from ..chat.model import ChatModel
    from ..hub import LocalModel

_LOADING, _SAMPLING = "Loading", "Sampling"


def _option(*names: str, text: str, panel: str) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, show_default=False)


ModelName = Annotated[
    str | None,
    _option(
        "--model",
        "-m",
        text="A name from `hermes-gguf models`, owner/repo[:QUANT], or a .gguf file.",
        panel=_LOADING,
    ),
]
ContextLength = Annotated[
    int | None,
    _option("--ctx", text="Context length in tokens.", panel=_LOADING),
]
Threads = Annotated[
    int | None,
    _option("--threads", "-t", text="Threads for decode.", panel=_LOADING),
]
GpuLayers = Annotated[
    int | None,
    _option(
        "--gpu-layers", text="Layers on the GPU; -1: all that fit.", panel=_LOADING
    ),
]
KvType = Annotated[
    str | None,
    _option("--kv-type", text="KV cache: f16, q8_0, q4_0 or f32.", panel=_LOADING),
]
NoDiskCache = Annotated[
    bool,
    _option(
        "--no-disk-cache",
        text="Keep no prompts on disk, and use none that are there.",
        panel=_LOADING,
    ),
]
Style = Annotated[
    str | None,
    _option("--style", text="Prompt style, in place of the model's.", panel=_LOADING),
]
Dialect = Annotated[
    str | None,
    _option(
        "--dialect",
        text="chatml or llama3, for a file that does not tell.",
        panel=_LOADING,
    ),
]
Temperature = Annotated[
    float | None,
    _option("--temperature", text="0 is greedy.", panel=_SAMPLING),
]
TopP = Annotated[
    float | None,
    _option("--top-p", text="Keep this much probability.", panel=_SAMPLING),
]
TopK = Annotated[
    int | None, _option("--top-k", text="Keep so many tokens.", panel=_SAMPLING)
]
MinP = Annotated[
    float | None,
    _option(
        "--min-p", text="Drop tokens under this part of the best.", panel=_SAMPLING
    ),
]
RepeatPenalty = Annotated[
    float | None,
    _option("--repeat-penalty", text="Over 1 repeats less.", panel=_SAMPLING),
]
Seed = Annotated[
    int | None, _option("--seed", text="Makes the answer repeatable.", panel=_SAMPLING)
]


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready, and where it came from."""

    chat: ChatModel
    local: LocalModel

    @property
    def name(self) -> str:
        """The catalogue's key, or the file's name."""
        return self.local.spec.key if self.local.spec else Path(self.local.path).stem


@contextmanager
def load_chat_model(
    name: str | None,
    *,
    n_slots: int = 1,
    ctx: int | None = None,
    threads: int | None = None,
    gpu_layers: int | None = None,
    kv_type: str | None = None,
    style: str | None = None,
    dialect: str | None = None,
    sampling: dict[str, Any] | None = None,
    no_disk_cache: bool = False,
    cache_dir: Path | None = None,
) -> Iterator[LoadedModel]:
    """Choose, load and finally free a model; None leaves a choice to the settings.

    Args:
        name: What stood behind --model.
        n_slots: Answers that can be generated at once.
        ctx: Context length in tokens.
        threads: Threads for decode.
        gpu_layers: Layers on the GPU.
        kv_type: Type of the KV cache.
        style: Prompt style.
        dialect: How turns are written; None is what the model or its file says.
        sampling: Fields of SamplingOptions; None values are left to the model.
        no_disk_cache: Keep no prompts on disk.
        cache_dir: Where they are kept; None is the user's cache folder.

    Raises:
        HermesError: as `choose_model`, `load_engine` and `ChatModel.from_spec`.
    """
    from ..chat.model import ChatModel
    from ..engine import load_engine

    settings = load_settings()
    local = choose_model(name, catalog=load_user_catalog(), settings=settings)
    options = LoadOptions(
        n_ctx=settings.ctx if ctx is None else ctx,
        n_slots=n_slots,
        n_threads=settings.threads if threads is None else threads,
        gpu_layers=settings.gpu_layers if gpu_layers is None else gpu_layers,
        kv_type=_kv_type(kv_type or settings.kv_type),
        disk_cache=not no_disk_cache,
    )
    with status(f"loading {Path(local.path).name}"):
        engine = load_engine(
            local.path, options=options, on_warning=warn, cache_dir=cache_dir
        )
    try:
        named = {"style": style, "dialect": dialect}
        overrides = {name: text for name, text in named.items() if text is not None}
        chat = ChatModel.from_spec(engine, local.spec, **overrides)
        said = {k: v for k, v in (sampling or {}).items() if v is not None}
        chat.sampling = replace(chat.sampling, **said)
        yield LoadedModel(chat, local)
    finally:
        engine.close()


def _kv_type(text: str) -> KVType:
    from ..errors import OptionError

    for known in ("f16", "q8_0", "q4_0", "f32"):
        if text == known:
            return known
    raise OptionError("--kv-type", f"{text!r} is none of f16, q8_0, q4_0, f32")


def sampling_fields(**fields: Any) -> dict[str, Any]:
    """The sampling flags as given, checked now so that a typo costs no load.

    Raises:
        OptionError: a value out of range.
    """
    SamplingOptions(**{k: v for k, v in fields.items() if v is not None})
    return fields


def warn(line: str) -> None:
    """One line for a person, on stderr."""
    typer.echo(f"Note: {line}", err=True)


@contextmanager
def status(text: str) -> Iterator[None]:
    """Shows `text` on stderr while the block runs, on a terminal only."""
    if not is_terminal(sys.stderr):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"[dim]{text}…[/dim]"):
        yield
