"""From flags to a loaded chat model, with what a person wants to see meanwhile.

Imports that load libraries stand inside functions, so that help texts stay quick.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog import all_parts
from ..machine import render_bytes
from .model_choice import choose_model
from .model_flags import ModelFlags
from .settings import load_settings, load_user_catalog
from .terminal import TypedKeys, is_terminal, require_stdout, tell

if TYPE_CHECKING:
    from ..chat.model import ChatModel
    from ..chat.plan import LoadPlan
    from ..hub import LocalModel


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready, and where it came from."""

    chat: ChatModel
    local: LocalModel
    #: The catalogue's key, or the file's name.
    name: str


def plan_model(
    flags: ModelFlags, *, n_slots: int = 1, cache_dir: Path | None = None
) -> tuple[LoadPlan, LocalModel]:
    """Choose a model, and how to load it.

    Args:
        flags: What was typed.
        n_slots: Answers that can be generated at once.
        cache_dir: Where prompts are kept; None is the user's cache folder.

    Raises:
        HermesError: as `choose_model`.
    """
    from ..chat.plan import LoadPlan

    settings = load_settings()
    options = flags.load_options(settings, n_slots=n_slots)
    catalog = load_user_catalog()
    local = choose_model(flags.model, catalog=catalog, settings=settings)
    if flags.draft_model is not None:
        draft = choose_model(flags.draft_model, catalog=catalog, settings=settings)
        options = replace(options, draft_model=str(draft.path))
    plan = LoadPlan(
        path=local.path,
        spec=local.spec,
        options=options,
        prompt=flags.prompt(),
        sampling=flags.sampling(),
        cache_dir=cache_dir,
    )
    return plan, local


@contextmanager
def load_chat_model(
    flags: ModelFlags,
    *,
    cache_dir: Path | None = None,
    meanwhile: Sequence[str] = (),
) -> Iterator[LoadedModel]:
    """Choose, load and finally free a model.

    Args:
        flags: What was typed.
        cache_dir: Where prompts are kept; None is the user's cache folder.
        meanwhile: Modules that are wanted next, see `load_engine`.

    Raises:
        HermesError: as `choose_model` and `LoadPlan.load`.
        RequestError: stdout is closed, where all that is done with a model here ends.
    """
    require_stdout()
    plan, local = plan_model(flags, cache_dir=cache_dir)
    with ExitStack() as stack:
        with status(loading_line(plan)):
            chat = stack.enter_context(plan.load(on_warning=warn, meanwhile=meanwhile))
        yield LoadedModel(chat, local, plan.name)


def loading_line(plan: LoadPlan) -> str:
    """What is shown while the model loads: a large one takes a slow disk minutes."""
    parts = [plan.path.with_name(name) for name in all_parts(plan.path.name)]
    # What is missing, or no file, is said by who opens it.
    size_bytes = sum(part.stat().st_size for part in parts if part.is_file())
    return f"loading {plan.path.name} ({render_bytes(size_bytes)})"


def warn(line: str) -> None:
    """One line for a person, on stderr."""
    tell(f"Note: {line}", err=True)


@contextmanager
def status(text: str) -> Iterator[None]:
    """Shows `text` on stderr while the block runs, on a terminal only."""
    if not is_terminal(sys.stderr):
        yield
        return
    from rich.text import Text

    from .screen import Screen

    with TypedKeys(), Screen(stderr=True).status(Text(f"{text}…", style="dim")):
        yield
