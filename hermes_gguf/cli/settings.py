"""The user's settings: flag > HERMES_GGUF_* > settings file > default.

The only room that reads the environment. It knows names and types of settings, not
what they do.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..catalog import Catalog, load_catalog
from ..errors import OptionError
from ..files import expand, one_at_a_time, read_text, write_atomically
from ..options import MOST_THREADS, KVType, parse_kv_type
from ..places import CONFIG_VARIABLE, config_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user has set once instead of typing it each time.

    Attributes:
        model: The model taken when none is named.
        ctx: Context length in tokens; 0 lets the model decide.
        threads: Threads for decode; 0 picks by model and machine.
        gpu_layers: Layers on the GPU; -1 is as many as fit.
        kv_type: Type of the KV cache.
        keep_chats: Chats at a terminal that are kept; 0 keeps nothing of them.
    """

    model: str | None = None
    ctx: int = 0
    threads: int = 0
    gpu_layers: int = -1
    kv_type: KVType = "f16"
    keep_chats: int = 50


_LEAST = {"ctx": 0, "threads": 0, "gpu_layers": -1, "keep_chats": 0}
SETTING_NAMES = tuple(field.name for field in fields(Settings))


def config_dir() -> Path:
    """Where the settings file and the user's models.toml lie.

    HERMES_GGUF_CONFIG_DIR, else the platform's place for settings.
    """
    given = os.environ.get(CONFIG_VARIABLE)
    if given:
        return expand(given)
    return config_folder()


def settings_path() -> Path:
    """The settings file; it need not exist."""
    return config_dir() / "settings.toml"


def user_catalog_path() -> Path:
    """The user's own models.toml: HERMES_GGUF_MODELS, else beside the settings."""
    given = os.environ.get("HERMES_GGUF_MODELS")
    return expand(given) if given else config_dir() / "models.toml"


def load_user_catalog() -> Catalog:
    """The shipped catalogue with the user's own models.toml on top.

    Raises:
        CatalogSyntaxError: in the user's file.
    """
    return load_catalog(user_path=user_catalog_path())


def load_settings() -> Settings:
    """The settings in force, flags aside.

    Raises:
        OptionError: naming the variable or the file and key.
    """
    values = {name: value for name, (value, _) in settings_with_sources().items()}
    return Settings(**values)


def settings_with_sources() -> dict[str, tuple[Any, str]]:
    """Each setting with its value and where that comes from.

    Raises:
        OptionError: naming the variable or the file and key.
    """
    path = settings_path()
    stored = read_settings_file(path)
    default = Settings()
    found: dict[str, tuple[Any, str]] = {}
    for name in SETTING_NAMES:
        variable = f"HERMES_GGUF_{name.upper()}"
        if os.environ.get(variable):
            value = parse_setting(name, os.environ[variable], where=variable)
            found[name] = (value, variable)
        elif name in stored:
            found[name] = (stored[name], str(path))
        else:
            found[name] = (getattr(default, name), "default")
    return found


def read_settings_file(path: Path) -> Mapping[str, Any]:
    """The checked content of a settings file; empty when there is none.

    Raises:
        OptionError: naming the file and the key.
    """
    return _checked(_lines(path), path)


def _lines(path: Path) -> list[str]:
    """The lines of a settings file; none when there is no file.

    Raises:
        OptionError: it is no text.
    """
    try:
        text = read_text(path) if path.is_file() else ""
    except UnicodeDecodeError as error:
        why = f"not UTF-8: {error}"
        raise OptionError(str(path), why, hint=f"edit {path}") from error
    # No other line ends than TOML's own.
    return text.removesuffix("\n").split("\n") if text else []


def _checked(lines: list[str], path: Path) -> dict[str, Any]:
    try:
        stored = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        why = f"not TOML: {error}"
        raise OptionError(str(path), why, hint=f"edit {path}") from error
    found = {}
    for name, value in stored.items():
        try:
            found[name] = parse_setting(name, str(value), where=f"{path}: {name}")
        except OptionError as error:
            # A later version of this program may have written it.
            error.hint = f"hermes-gguf config {shlex.quote(name)} --unset"
            raise
    return found


def parse_setting(name: str, text: str, *, where: str) -> Any:
    """Read one setting's value from text.

    Raises:
        OptionError: an unknown name, or a value out of range.
    """
    if name not in SETTING_NAMES:
        raise OptionError(where, f"unknown; there are {', '.join(SETTING_NAMES)}")
    if name == "model":
        return text
    if name == "kv_type":
        return parse_kv_type(text, option=where)
    try:
        number = int(text)
    except ValueError as error:
        raise OptionError(where, f"{text!r} is no whole number") from error
    if number < _LEAST[name]:
        raise OptionError(where, f"must be {_LEAST[name]} or more")
    if name == "threads" and number > MOST_THREADS:
        raise OptionError(where, f"must be {MOST_THREADS} or less")
    return number


def store_setting(name: str, text: str | None) -> Path:
    """Write one setting into the settings file, or take it out with None.

    Other lines, comments included, stay as they are. What was wrong with this one
    setting does not matter.

    Raises:
        OptionError: an unknown name, a value out of range, or the file would be wrong.
        OSError: the disk refuses; all settings stay as they are.
    """
    path = settings_path()
    # What is wrong is told before a folder is made.
    _with_setting(_lines(path), name, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(path.parent):
        lines = _with_setting(_lines(path), name, text)
        _checked(lines, path)
        whole = "".join(f"{line}\n" for line in lines)
        write_atomically(path, [whole.encode()], private=False)
    return path


def _with_setting(lines: list[str], name: str, text: str | None) -> list[str]:
    """The lines of a settings file with one setting anew, or without it.

    Raises:
        OptionError: an unknown name, or a value out of range.
    """
    others = [
        line for line in lines if not re.match(rf"\s*{re.escape(name)}\s*=", line)
    ]
    if text is not None:
        value = parse_setting(name, text, where=name)
        return [*others, f"{name} = {json.dumps(value, ensure_ascii=False)}"]
    if name not in SETTING_NAMES and others == lines:
        parse_setting(name, "", where=name)
    return others


def terminal_breaks_rows() -> bool:
    """Whether a narrower window breaks rows anew, as most do, and does not cut them."""
    # GNU screen and xterm cut. Inside of tmux it is tmux that shows them.
    return "TMUX" in os.environ or not {"STY", "XTERM_VERSION"} & os.environ.keys()
