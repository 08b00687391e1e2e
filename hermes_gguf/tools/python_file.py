"""A Python file, or a module by its name, run for what it defines.

Running it is the caller's decision: it is code, and may do and raise anything. Knows
nothing of tools or types; callers look for those in the module.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
import zlib
from pathlib import Path
from types import ModuleType

from ..ending import ProgramEnding
from ..files import expand


class CodeNotLoadedError(Exception):
    """The code is not there, or does not run; callers say so in their own words.

    Attributes:
        place: The file or the module.
        problem: What is wrong, with the line where that is known.
        is_missing: Whether there is no such file or module.
    """

    def __init__(self, place: str, problem: str, *, is_missing: bool = False) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem
        self.is_missing = is_missing


def load_python(place: str) -> ModuleType:
    """Run a file ("tools.py", "folder/tools.py") or import a module ("package.tools").

    Raises:
        CodeNotLoadedError: it is not there, or it raised something.
    """
    is_file = place.endswith(".py") or "/" in place or Path(place).is_file()
    return _load_file(expand(place)) if is_file else _load_module(place)


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise CodeNotLoadedError(str(path), "there is no such file", is_missing=True)
    # Two files of one name stay two modules, and none hides one of Python's own.
    alias = f"_tools_{path.stem}_{zlib.crc32(os.fsencode(path.resolve())):08x}"
    spec = importlib.util.spec_from_file_location(alias, path)
    if spec is None or spec.loader is None:
        raise CodeNotLoadedError(str(path), "it is no Python file", is_missing=True)
    module = importlib.util.module_from_spec(spec)
    _make_importable(path.resolve().parent)
    # Dataclasses and type hints look their module up by its name.
    previous = sys.modules.get(spec.name)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except ProgramEnding:
        raise
    except (Exception, SystemExit) as error:  # a user's file may raise anything
        if previous is None:
            del sys.modules[spec.name]
        else:
            sys.modules[spec.name] = previous
        raise _broken(str(path), error) from error
    return module


def _load_module(name: str) -> ModuleType:
    here = Path(f"{name}.py")
    if here.is_file():  # before one of Python's own that has the same name
        return _load_file(here)
    if not name or name.startswith("."):
        raise CodeNotLoadedError(
            name, "there is no such file or module", is_missing=True
        )
    _make_importable(Path.cwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise CodeNotLoadedError(
                name, "there is no such file or module", is_missing=True
            ) from error
        raise _broken(name, error) from error
    except ProgramEnding:
        raise
    except (Exception, SystemExit) as error:
        raise _broken(name, error) from error


def _make_importable(folder: Path) -> None:
    """Let code import its neighbours, now and when it runs; they shadow nothing."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _broken(place: str, error: BaseException) -> CodeNotLoadedError:
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        line = error.lineno
    else:
        own = (
            frame.lineno
            for frame in reversed(traceback.extract_tb(error.__traceback__))
            if Path(frame.filename).name == Path(place).name
        )
        line = next(own, None)
    where = f", line {line}" if line else ""
    return CodeNotLoadedError(place, f"it does not run{where}: {kind}: {error}")
