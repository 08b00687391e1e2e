"""`hermes-gguf models`, `rm` and `path`: what there is and what is here."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..catalog import Catalog
from ..errors import DownloadError, NotDownloadedError
from ..hub import check_removable, partial_bytes, remove_model, resolve_model
from ..machine import render_bytes
from .errors import WRONG_USAGE
from .model_table import print_models
from .settings import load_user_catalog
from .terminal import is_terminal, tell, visible

models_app = typer.Typer()
rm_app = typer.Typer()
path_app = typer.Typer()


@models_app.command()
def models(
    downloaded: Annotated[
        bool, typer.Option("--downloaded", "-d", help="Only what is on this machine.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the models: size, memory, whether they fit and are here.

    Any GGUF of the Hub works too: owner/repo, owner/repo:QUANT, a URL or a path.
    Your own models.toml adds to the list; its place is shown below the table.
    """
    print_models(downloaded=downloaded, as_json=as_json)


@rm_app.command()
def rm(
    name: Annotated[str, typer.Argument(help="A name from `hermes-gguf models -d`.")],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Delete without asking.")
    ] = False,
) -> None:
    """Delete a downloaded model and free its disk space."""
    catalog = load_user_catalog()
    try:
        if not yes:
            _ask_before_delete(name, catalog)
        removed = remove_model(name, catalog=catalog)
    except NotDownloadedError as error:
        # Who wants it gone does not want to pull it.
        error.hint = "hermes-gguf models -d lists what can be deleted"
        raise
    tell(
        f"Deleted {removed.name}; {render_bytes(removed.freed_bytes)} freed.", err=True
    )


def _ask_before_delete(name: str, catalog: Catalog) -> None:
    try:
        model = resolve_model(name, catalog=catalog)
        check_removable(model)
        what = f"{model.name} ({render_bytes(model.size_bytes)}, {model.path})"
    except DownloadError:
        if not partial_bytes(name, catalog=catalog):
            raise
        what = f"what is left of a broken download of {name}"
    if not is_terminal(sys.stdin):
        tell(f"To delete {what}, add --yes.", err=True)
        raise typer.Exit(WRONG_USAGE)
    typer.confirm(f"Delete {visible(what)}?", abort=True, err=True)


@path_app.command()
def path(
    name: Annotated[str, typer.Argument(help="A model's name.")],
) -> None:
    """Print where a model's file lies, for other programs."""
    tell(str(resolve_model(name, catalog=load_user_catalog()).path))
