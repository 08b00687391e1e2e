"""`hermes-gguf config`: show or change the settings."""

from __future__ import annotations

from typing import Annotated

import typer

from .settings import (
    SETTING_NAMES,
    load_user_catalog,
    settings_path,
    settings_with_sources,
    store_setting,
)
from .terminal import tell

app = typer.Typer()

#: What is left to say of a setting in 26 characters.
_MEANS = {
    "model": "taken when none is named",
    "ctx": "tokens; 0: by itself",
    "threads": "0: by itself",
    "gpu_layers": "-1: all that fit",
    "kv_type": "f16, q8_0, q4_0 or f32",
    "keep_chats": "0: keep nothing said",
}
_NAMES = ", ".join(SETTING_NAMES)


# A value may begin with a dash: gpu_layers -1.
@app.command(context_settings={"ignore_unknown_options": True})
def config(
    name: Annotated[
        str | None, typer.Argument(help=f"One of {_NAMES}.", show_default=False)
    ] = None,
    value: Annotated[
        str | None, typer.Argument(help="Its new value.", show_default=False)
    ] = None,
    unset: Annotated[
        bool, typer.Option("--unset", help="Go back to the default.")
    ] = False,
) -> None:
    """Show the settings, or change one.

    hermes-gguf config                     shows all, and where each comes from

    hermes-gguf config model hermes-3-8b   sets the model taken when none is named

    hermes-gguf config model --unset       takes it back
    """
    if name is not None and (value is not None or unset):
        if name == "model" and value is not None:
            value = _model_name(value)
        path = store_setting(name, None if unset else value)
        tell(f"Written to {path}", err=True)
        return
    found = settings_with_sources()
    if name is not None:
        if name not in found:
            store_setting(name, "")
        tell("" if found[name][0] is None else str(found[name][0]))
        return
    for key, (setting, source) in found.items():
        shown = "-" if setting is None else str(setting)
        tell(f"{key:<12} {shown:<20} {_MEANS[key]:<26} {source}")
    tell(f"\nSettings file: {settings_path()}", err=True)


def _model_name(name: str) -> str:
    """The name as it is kept: a file's is good in every folder.

    A name that means nothing is refused now, not at the next start.

    Raises:
        CatalogError: as `parse_model_ref`.
    """
    from ..hub.refs import FileRef, parse_model_ref

    ref = parse_model_ref(name, catalog=load_user_catalog())
    if isinstance(ref, FileRef) and ref.spec is None:
        return str(ref.path)
    return name
