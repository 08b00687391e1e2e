"""`load_engine`: a GGUF file becomes an engine, or an error that says why not.

Joins what the files beside it decide: what fits (`fitting`), what is kept (`recall`),
who guesses (`draft_load`). llama_cpp is imported on the first call, not before.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ..options import LoadOptions
from ..places import cache_folder
from .base import ModelInfo

if TYPE_CHECKING:
    from .llama.context import LlamaContext
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
    from .llama import library
    from .llama.ahead import Ahead
    from .llama.draft_load import bytes_beside, load_draft
    from .llama.fitting import describe_backend, fit_to_machine
    from .llama.kept_header import read_kept_header
    from .llama.layout import repacks_weights
    from .llama.model import LlamaModel

    chosen = options or LoadOptions()
    warn = on_warning or _log.warning
    folder = cache_dir or cache_folder()
    headers = folder / "headers"
    header = read_kept_header(path, headers)
    its_draft = (
        read_kept_header(chosen.draft_model, headers) if chosen.draft_model else None
    )
    devices = library.gpu_devices()
    fit = fit_to_machine(
        str(path),
        header,
        chosen,
        devices=devices,
        system_info=library.system_info(),
        on_warning=warn,
        beside=bytes_beside(its_draft, chosen, has_gpu=bool(devices)),
    )
    repack = repacks_weights(chosen, folder, on_warning=warn)
    wanted = Ahead(lambda: _import_all([*_AFTER_LOAD, *meanwhile]))
    with ExitStack() as undo:
        model = LlamaModel(
            str(path),
            n_gpu_layers=fit.n_gpu_layers,
            use_mmap=chosen.use_mmap,
            use_mlock=chosen.use_mlock,
            use_extra_buffers=repack,
            vocabulary_folder=folder / "vocabularies",
        )
        undo.callback(model.close)
        context = _make_context(model, chosen, fit)
        undo.callback(context.close)
        draft = load_draft(
            model, its_draft, chosen, fit, repack=repack, on_warning=warn
        )
        wanted.result()
        undo.pop_all()
    info = _describe(model, fit.n_ctx, describe_backend(library.system_info(), fit))
    mapped_bytes = _mapped_bytes(chosen, fit, its_draft)
    recall = _make_recall(model, header, chosen, fit, folder, mapped_bytes)
    from .llama.engine import LlamaEngine, Loaded

    return LlamaEngine(
        Loaded(model, context, info, fit.n_ctx, chosen.n_slots, recall, draft)
    )


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


def _make_recall(
    model: LlamaModel,
    header: GgufHeader,
    options: LoadOptions,
    fit: Fit,
    cache_dir: Path,
    mapped_bytes: int,
) -> Recall:
    from .llama import hardware
    from .llama.recall import TieredRecall
    from .llama.state_key import state_keys

    store = None
    if options.disk_cache:
        store = open_prefix_store(cache_dir, budget_bytes=options.disk_cache_bytes)
    keys = state_keys(header.files, kv_type=options.kv_type)
    return TieredRecall(
        store,
        key=keys[fit.flash_attention],
        turned_key=keys[not fit.flash_attention],
        title=str(header.metadata.get("general.name", "")) or Path(model.path).name,
        free_bytes=lambda: hardware.available_beside(mapped_bytes),
        n_ctx=fit.n_ctx,
    )


def _describe(model: LlamaModel, n_ctx: int, backend: str) -> ModelInfo:
    metadata = model.metadata
    return ModelInfo(
        path=model.path,
        name=metadata.get("general.name", ""),
        architecture=metadata.get("general.architecture", ""),
        n_params=model.n_params,
        size_bytes=model.size_bytes,
        n_ctx=n_ctx,
        n_ctx_train=model.n_ctx_train,
        n_vocab=model.n_vocab,
        metadata=metadata,
        backend=backend,
    )
