"""A name and options by name → the chat model that they mean, loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..catalog import Catalog
from ..engine.load import load_engine
from ..errors import OptionError
from ..hub import Folders, resolve_model
from ..options import LoadOptions
from .model import ChatModel
from .named_options import LoadByName, ModelByName, SamplingByName, names_of
from .sampling import sampling_from


def open_model(
    model: str | Path,
    *,
    options: LoadOptions | None,
    catalog: Catalog | None,
    cache_dir: str | Path | None,
    on_warning: Callable[[str], None] | None,
    more: Mapping[str, Any],
) -> tuple[str, ChatModel]:
    """Find a model, a draft model too, and load it: the name that leads to it, and it.

    Args:
        model: A name, or a path.
        options: How to load it.
        catalog: Where names are looked up; None is the shipped catalogue.
        cache_dir: The Hub's cache; None is its own default.
        on_warning: Gets one line for each thing a person should know.
        more: Options of `HermesByName`.

    Raises:
        HermesError: as `resolve_model`, `load_engine` and `ChatModel.from_spec`.
    """
    if not isinstance(model, str | Path):
        raise OptionError("model", f"must be a name or a path, not {model!r}")
    folders = Folders.of_user(hub=Path(cache_dir)) if cache_dir else None
    chosen = _load_options(options, _only(more, LoadByName))
    local = resolve_model(str(model), catalog=catalog, folders=folders)
    if chosen.draft_model:
        draft = resolve_model(str(chosen.draft_model), catalog=catalog, folders=folders)
        chosen = replace(chosen, draft_model=str(draft.path))
    engine = load_engine(local.path, options=chosen, on_warning=on_warning)
    try:
        chat = ChatModel.from_spec(engine, local.spec, **_only(more, ModelByName))
        said = _only(more, SamplingByName)
        chat.sampling = sampling_from(said, default=chat.sampling)
    except BaseException:
        engine.close()
        raise
    return local.name, chat


def _only(more: Mapping[str, Any], kind: type) -> dict[str, Any]:
    names = names_of(kind)
    return {name: value for name, value in more.items() if name in names}


def _load_options(options: LoadOptions | None, said: Mapping[str, Any]) -> LoadOptions:
    """`options` with what is said by name in their place."""
    if options is not None and not isinstance(options, LoadOptions):
        raise OptionError(
            "options",
            f"must be LoadOptions, not {options!r}",
            hint="LoadOptions(n_ctx=4096), or n_ctx=4096 alone",
        )
    return replace(options or LoadOptions(), **said)
