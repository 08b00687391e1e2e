"""The options that say which model to load, how, and how its tokens are chosen.

`chat`, `run`, `serve` and `eval` share them, as one value. What the flags lead to is
`loading`'s business.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, get_type_hints

import typer

from ..options import MOST_THREADS, LoadOptions, SamplingOptions, parse_kv_type
from .settings import Settings

_LOADING, _SAMPLING = "Loading", "Sampling"


def _option(*names: str, text: str, panel: str, **limits: Any) -> Any:
    return typer.Option(
        *names, help=text, rich_help_panel=panel, show_default=False, **limits
    )


ModelName = Annotated[
    str | None,
    _option(
        "--model",
        "-m",
        text="A name from `hermes-gguf models`, owner/repo[:QUANT], or a .gguf file.",
        panel=_LOADING,
        metavar="MODEL",
    ),
]
#: The same, where a command has no other argument.
ModelArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL",
        help="Which one, as for --model; your default if none is named.",
        show_default=False,
    ),
]
ContextLength = Annotated[
    int | None,
    _option("--ctx", text="Context length in tokens.", panel=_LOADING, min=0),
]
Threads = Annotated[
    int | None,
    _option(
        "--threads",
        "-t",
        text="Processor threads that write the answer.",
        panel=_LOADING,
        min=0,
        max=MOST_THREADS,
    ),
]
GpuLayers = Annotated[
    int | None,
    _option(
        "--gpu-layers",
        text="Layers on the GPU; -1: all that fit.",
        panel=_LOADING,
        min=-1,
    ),
]
KvType = Annotated[
    str | None,
    _option(
        "--kv-type",
        text="Memory of the context: f16; q8_0 and q4_0 are smaller and slower; f32.",
        panel=_LOADING,
        metavar="TYPE",
    ),
]
Repack = Annotated[
    bool | None,
    _option(
        "--repack/--no-repack",
        text="Rearrange the weights while loading, or not; chosen by itself.",
        panel=_LOADING,
    ),
]
Attention = Annotated[
    Literal["flash", "plain"] | None,
    _option(
        "--attention",
        text="Flash attention or plain matrix products; chosen by itself.",
        panel=_LOADING,
    ),
]
DraftModel = Annotated[
    str | None,
    _option(
        "--draft-model",
        text="A small model of the same family that guesses what the large one writes.",
        panel=_LOADING,
        metavar="MODEL",
    ),
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
OnUnsupported = Annotated[
    Literal["refuse", "check"] | None,
    _option(
        "--on-unsupported",
        text="A schema's keyword that no grammar can hold: refuse it (if nothing is"
        " said), or check it afterwards.",
        panel=_LOADING,
    ),
]
Temperature = Annotated[
    float | None,
    _option(
        "--temperature",
        text="0 takes the likeliest word; more is livelier.",
        panel=_SAMPLING,
    ),
]
TopP = Annotated[
    float | None,
    _option(
        "--top-p",
        text="Draw from the words that share this much probability.",
        panel=_SAMPLING,
    ),
]
TopK = Annotated[
    int | None,
    _option(
        "--top-k", text="Draw from so many of the likeliest words.", panel=_SAMPLING
    ),
]
MinP = Annotated[
    float | None,
    _option(
        "--min-p",
        text="Drop words less likely than this part of the best.",
        panel=_SAMPLING,
    ),
]
RepeatPenalty = Annotated[
    float | None,
    _option("--repeat-penalty", text="Over 1, less is repeated.", panel=_SAMPLING),
]
Seed = Annotated[
    int | None, _option("--seed", text="Makes the answer repeatable.", panel=_SAMPLING)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFlags:
    """What the flags say about the model; None leaves it to the settings."""

    model: ModelName = None
    ctx: ContextLength = None
    threads: Threads = None
    gpu_layers: GpuLayers = None
    kv_type: KvType = None
    repack: Repack = None
    attention: Attention = None
    draft_model: DraftModel = None
    no_disk_cache: NoDiskCache = False
    style: Style = None
    dialect: Dialect = None
    on_unsupported: OnUnsupported = None
    temperature: Temperature = None
    top_p: TopP = None
    top_k: TopK = None
    min_p: MinP = None
    repeat_penalty: RepeatPenalty = None
    seed: Seed = None

    def __post_init__(self) -> None:
        # A typo shall not cost the time of a load.
        SamplingOptions(**self.sampling())
        if self.style or self.dialect:
            from ..prompt import DEFAULT_STYLE, get_dialect, get_style

            style = get_style(self.style or DEFAULT_STYLE)
            if self.dialect:
                get_dialect(self.dialect, style=style)

    def of(self, name: str | None) -> ModelFlags:
        """The flags for the model that is named as an argument, if one is.

        Raises:
            OptionError: --model names another one.
        """
        model = one_model(name, self.model)
        return self if model == self.model else replace(self, model=model)

    def load_options(self, settings: Settings, *, n_slots: int) -> LoadOptions:
        """The flags over the settings.

        Raises:
            OptionError: a value is out of range.
        """
        return LoadOptions(
            n_ctx=settings.ctx if self.ctx is None else self.ctx,
            n_slots=n_slots,
            n_threads=settings.threads if self.threads is None else self.threads,
            gpu_layers=(
                settings.gpu_layers if self.gpu_layers is None else self.gpu_layers
            ),
            kv_type=parse_kv_type(self.kv_type or settings.kv_type, option="--kv-type"),
            repack=self.repack,
            flash_attention=None
            if self.attention is None
            else self.attention == "flash",
            disk_cache=not self.no_disk_cache,
        )

    def sampling(self) -> dict[str, Any]:
        """The fields of SamplingOptions that were given."""
        return self._given(
            "temperature", "top_p", "top_k", "min_p", "repeat_penalty", "seed"
        )

    def prompt(self) -> dict[str, Any]:
        """The options of ChatModel that were given."""
        return self._given("style", "dialect", "on_unsupported")

    def _given(self, *names: str) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}


def one_model(argument: str | None, option: str | None) -> str | None:
    """What two ways to name a model say.

    Raises:
        OptionError: two things.
    """
    if argument and option and argument != option:
        from ..errors import OptionError

        raise OptionError(
            "--model", f"says {option!r}, and the argument {argument!r}; name one"
        )
    return argument or option


def takes_model_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `ModelFlags`; it gets them as `flags`."""
    hints = get_type_hints(ModelFlags, include_extras=True)
    defaults = {field.name: field.default for field in fields(ModelFlags)}
    own = inspect.signature(command, eval_str=True)
    mine = [p for p in own.parameters.values() if p.name != "flags"]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults[name],
            annotation=hints[name],
        )
        for name in hints
    ]

    @functools.wraps(command)
    def with_flags(**given: Any) -> None:
        flags = ModelFlags(**{name: given.pop(name) for name in hints})
        command(flags=flags, **given)

    parameters = [*mine, *added]
    with_flags.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_flags.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_flags
