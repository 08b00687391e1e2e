"""Load the small model that guesses for a large one, or say why it cannot.

It gets the memory that the large one leaves, and one sequence for each answer that is
guessed for. Ordinary tokens must be the same in both files; marks may differ, as they
do between models that were tuned apart.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from ...errors import VocabularyMismatchError
from ...options import LoadOptions
from . import library
from .context import LlamaContext
from .draft_model import DraftModel
from .fitting import Fit, fit_to_machine, memory_need
from .gguf_file import GgufHeader
from .model import LlamaModel
from .vocabulary import Vocabulary

#: Answers at once that are guessed for: more fill a batch by themselves.
_MOST_SEQUENCES = 2
#: Files of one family differ in how far their vocabulary is padded.
_MOST_PADDING = 512


def bytes_beside(
    header: GgufHeader | None, options: LoadOptions, *, has_gpu: bool
) -> Callable[[int], int]:
    """Bytes that the draft model needs with so many tokens of context.

    Where there is a GPU nobody knows before the other one is loaded: 0.
    """
    if header is None or has_gpu:
        return lambda n_ctx: 0
    return lambda n_ctx: (
        memory_need(header, _own_options(options, n_ctx), n_ctx).total_bytes
    )


def _own_options(options: LoadOptions, n_ctx: int) -> LoadOptions:
    n_sequences = min(options.n_slots, _MOST_SEQUENCES)
    return replace(options, n_ctx=n_ctx, n_slots=n_sequences)


def load_draft(
    target: LlamaModel,
    header: GgufHeader | None,
    options: LoadOptions,
    fit: Fit,
    *,
    repack: bool,
    on_warning: Callable[[str], None],
) -> DraftModel | None:
    """The draft model that `options` name, or None when they name none.

    Args:
        target: The model that it guesses for.
        header: Of the file that `options` name.
        options: How that was loaded.
        fit: What that got of the machine.
        repack: Whether llama.cpp may repack the weights.
        on_warning: Gets one line for each thing a person should know.

    Raises:
        ModelLoadError: the file is no model, or does not fit in memory beside the
            other.
        VocabularyMismatchError: the two do not speak in the same tokens.
    """
    if header is None:
        return None
    path = str(options.draft_model)
    chosen = _own_options(options, fit.n_ctx)
    own = fit_to_machine(
        path,
        header,
        chosen,
        devices=library.gpu_devices(),
        system_info=library.system_info(),
        on_warning=on_warning,
        # Mapped weights count as free, also when they are read all the time.
        most_bytes=fit.left_bytes,
    )
    with ExitStack() as undo:
        model = LlamaModel.fitted(path, chosen, own, repack=repack)
        undo.callback(model.close)
        check_vocabularies(target, model)
        context = LlamaContext.fitted(
            model,
            chosen,
            own,
            n_sequences=chosen.n_slots,
            max_outputs=chosen.n_slots,
        )
        undo.callback(context.close)
        draft = DraftModel(
            context,
            n_cells=context.n_cells,
            n_vocab=model.n_vocab,
            on_close=undo.pop_all().close,
        )
    return draft


def check_vocabularies(target: LlamaModel, draft: LlamaModel) -> None:
    """Refuse a draft model whose tokens mean something else.

    Raises:
        VocabularyMismatchError: naming both files and the first difference.
    """
    problem = find_difference(target.vocabulary, draft.vocabulary)
    if problem:
        raise VocabularyMismatchError(draft.path, problem, other=target.path)


def find_difference(target: Vocabulary, draft: Vocabulary) -> str | None:
    """What makes two vocabularies different, or None."""
    if abs(len(target) - len(draft)) > _MOST_PADDING:
        return f"it has {len(draft)} tokens and not {len(target)}"
    marks = target.special | draft.special
    for token in range(min(len(target), len(draft))):
        ours, theirs = target.pieces[token], draft.pieces[token]
        if ours != theirs and token not in marks:
            return f"token {token} is {theirs!r} and not {ours!r}"
    return None
