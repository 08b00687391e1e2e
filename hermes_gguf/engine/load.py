"""`load_engine`: a GGUF file becomes an engine, or an error that says why not.

Joins what the files beside it decide: what fits (`fitting`), what is kept (`recall`),
who guesses (`draft_load`). llama_cpp is imported on the first call, not before.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import Unwritten
from ..options import LoadOptions
from ..places import cache_folder
from .base import ModelInfo

if TYPE_CHECKING:
    from .llama.context import LlamaContext
    from .llama.draft_model import DraftModel
    from .llama.engine import LlamaEngine
    from .llama.fitting import Fit
    from .llama.gguf_file import GgufHeader
    from .llama.model import LlamaModel
    from .llama.recall import Recall
    from .prefix_store import PrefixStore

_log = logging.getLogger(__name__)

_AFTER_LOAD = (f"{__package__}.llama.engine",)


def load_engine(
    path: str | Path,
    *,
    options: LoadOptions | None = None,
    on_warning: Callable[[str], None] | None = None,
    cache_dir: Path | None = None,
    meanwhile: Sequence[str] = (),
) -> LlamaEngine:
    """Load the GGUF file at `path`.

    Args:
        path: The file.
        options: How to load it; the defaults fit the machine.
        on_warning: Gets one line for each thing a person should know; None logs it as
            a warning.
        cache_dir: Where read prompts, vocabularies and verdicts about this machine are
            kept; None is the user's cache folder.
        meanwhile: Modules that will be wanted afterwards. They are imported while
            llama.cpp reads the file, which leaves Python free.

    Raises:
        ModelLoadError: the file is no model, is damaged, or does not fit in memory.
        EngineUnavailableError: llama-cpp-python is missing or too old.
    """
    from .llama.ahead import Ahead

    warn = on_warning or _log.warning
    folder = cache_dir or cache_folder()
    plan = _plan_load(str(path), options or LoadOptions(), folder, on_warning=warn)
    wanted = Ahead(lambda: _import_all([*_AFTER_LOAD, *meanwhile]))
    # Weights that are not mapped are a copy.
    mapped = Unwritten(plan.files if plan.options.use_mmap else ())
    with ExitStack() as undo:
        model, context, draft = _open(plan, undo, on_warning=warn)
        wanted.result()
        info, recall = _describe(model, plan.fit), _make_recall(model, plan)
        undo.pop_all()
    from .llama.engine import LlamaEngine, Loaded

    n_ctx, n_slots = plan.fit.n_ctx, plan.options.n_slots
    return LlamaEngine(
        Loaded(model, context, info, n_ctx, n_slots, recall, mapped, draft)
    )


@dataclass(frozen=True, slots=True)
class _LoadPlan:
    """What is decided before anything is loaded.

    Attributes:
        path: The file.
        header: What it says of itself.
        draft: The same of the file that guesses; None for none.
        options: How to load both.
        folder: Where read prompts and vocabularies are kept.
        fit: What the model gets of the machine.
        repack: Whether llama.cpp may repack the weights.
    """

    path: str
    header: GgufHeader
    draft: GgufHeader | None
    options: LoadOptions
    folder: Path
    fit: Fit
    repack: bool

    @property
    def files(self) -> tuple[Path, ...]:
        """All that is read."""
        return self.header.files + (self.draft.files if self.draft else ())


def _plan_load(
    path: str,
    options: LoadOptions,
    folder: Path,
    *,
    on_warning: Callable[[str], None],
) -> _LoadPlan:
    from .llama import library
    from .llama.draft_load import bytes_beside
    from .llama.fitting import fit_to_machine
    from .llama.kept_header import read_kept_header
    from .llama.layout import repacks_weights

    headers = folder / "headers"
    header = read_kept_header(path, headers)
    draft = (
        read_kept_header(options.draft_model, headers) if options.draft_model else None
    )
    devices = library.gpu_devices()
    fit = fit_to_machine(
        path,
        header,
        options,
        devices=devices,
        system_info=library.system_info(),
        on_warning=on_warning,
        beside=bytes_beside(draft, options, has_gpu=bool(devices)),
    )
    repack = repacks_weights(options, folder, on_warning=on_warning)
    return _LoadPlan(path, header, draft, options, folder, fit, repack)


def _open(
    plan: _LoadPlan, undo: ExitStack, *, on_warning: Callable[[str], None]
) -> tuple[LlamaModel, LlamaContext, DraftModel | None]:
    """The weights, their cache, and who guesses; `undo` frees what there is of it."""
    from .llama.draft_load import load_draft
    from .llama.model import LlamaModel

    options, fit = plan.options, plan.fit
    model = LlamaModel.fitted(
        plan.path,
        options,
        fit,
        repack=plan.repack,
        vocabulary_folder=plan.folder / "vocabularies",
    )
    undo.callback(model.close)
    context = _make_context(model, options, fit)
    undo.callback(context.close)
    draft = load_draft(
        model, plan.draft, options, fit, repack=plan.repack, on_warning=on_warning
    )
    if draft is not None:
        undo.callback(draft.close)
    return model, context, draft


def _import_all(modules: Sequence[str]) -> None:
    for module in modules:
        importlib.import_module(module)


def _make_context(model: LlamaModel, options: LoadOptions, fit: Fit) -> LlamaContext:
    """A context with room for every slot, for preambles and for guessed tokens."""
    from .llama.context import LlamaContext
    from .llama.draft import MAX_DRAFT_TOKENS
    from .llama.engine import N_SHELF

    return LlamaContext.fitted(
        model,
        options,
        fit,
        n_sequences=options.n_slots + N_SHELF,
        max_outputs=options.n_slots + 2 * MAX_DRAFT_TOKENS,
    )


def open_prefix_store(
    cache_dir: Path | None = None, *, budget_bytes: int | None = None
) -> PrefixStore:
    """The store of read prompts, as engines use it: to list, prune and clear."""
    from .prefix_store import PrefixStore

    if budget_bytes is None:
        budget_bytes = LoadOptions().disk_cache_bytes
    folder = cache_dir or cache_folder()
    return PrefixStore(folder / "prefixes", budget_bytes=budget_bytes)


def _mapped_bytes(options: LoadOptions, fit: Fit, draft: GgufHeader | None) -> int:
    """Bytes of weights that stay in memory as pages of their files."""
    if not options.use_mmap or options.use_mlock:
        return 0
    beside = draft.size_bytes if draft and not fit.n_gpu_layers else 0
    return fit.weights_bytes + beside


def _make_recall(model: LlamaModel, plan: _LoadPlan) -> Recall:
    from .llama import hardware
    from .llama.recall import TieredRecall
    from .llama.state_key import state_keys

    header, options, fit = plan.header, plan.options, plan.fit
    store = None
    if options.disk_cache:
        store = open_prefix_store(plan.folder, budget_bytes=options.disk_cache_bytes)
    keys = state_keys(header.files, kv_type=options.kv_type)
    mapped_bytes = _mapped_bytes(options, fit, plan.draft)
    return TieredRecall(
        store,
        key=keys[fit.flash_attention],
        turned_key=keys[not fit.flash_attention],
        title=str(header.metadata.get("general.name", "")) or Path(model.path).name,
        free_bytes=lambda: hardware.available_beside(mapped_bytes),
        n_ctx=fit.n_ctx,
    )


def _describe(model: LlamaModel, fit: Fit) -> ModelInfo:
    from .llama import library
    from .llama.fitting import describe_backend

    metadata = model.metadata
    return ModelInfo(
        path=model.path,
        name=metadata.get("general.name", ""),
        architecture=metadata.get("general.architecture", ""),
        n_params=model.n_params,
        size_bytes=model.size_bytes,
        n_ctx=fit.n_ctx,
        n_ctx_train=model.n_ctx_train,
        n_vocab=model.n_vocab,
        metadata=metadata,
        backend=describe_backend(library.system_info(), fit),
    )
