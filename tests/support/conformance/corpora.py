"""The schemas that are judged: maskbench, and the official test suite.

Both lie beside the checkout. Of maskbench only counts may enter the repository.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DRAFTS = ("draft4", "draft6", "draft7", "draft2019-09", "draft2020-12")

_META = "https://json-schema.org/draft/"
_SCHEMA_URIS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": f"{_META}2019-09/schema",
    "draft2020-12": f"{_META}2020-12/schema",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A schema with documents.

    Attributes:
        name: Unique in its corpus.
        group: What results are counted by: a file, or a source.
        schema: The JSON Schema.
        documents: (document, is it valid?)
    """

    name: str
    group: str
    schema: Any
    documents: tuple[tuple[Any, bool], ...]


def read_maskbench(path: Path) -> Iterator[Case]:
    """The cases of a maskbench file, in its order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            documents = tuple((t["data"], t["valid"]) for t in entry["tests"])
            group = entry["name"].split("---")[0].split("_java")[0]
            yield Case(entry["name"], group, entry["schema"], documents)


def read_suite(path: Path, draft: str, *, formats: bool = False) -> Iterator[Case]:
    """The cases of one draft: the required ones, or those of optional/format."""
    folder = path / draft
    folder = folder / "optional" / "format" if formats else folder
    for file in sorted(folder.glob("*.json")):
        for i, entry in enumerate(json.loads(file.read_text(encoding="utf-8"))):
            documents = tuple((t["data"], t["valid"]) for t in entry["tests"])
            schema = entry["schema"]
            if isinstance(schema, dict) and "$schema" not in schema:
                # The folder says which draft is meant.
                schema = {"$schema": _SCHEMA_URIS[draft], **schema}
            name = f"{file.stem}/{i}: {entry['description']}"
            yield Case(name, file.stem, schema, documents)


def suite_registry(path: Path) -> Callable[[str], Any]:
    """The documents that the suite serves at http://localhost:1234/."""
    remotes = path / "remotes"

    def load(uri: str) -> Any:
        prefix = "http://localhost:1234/"
        if not uri.startswith(prefix):
            return None
        file = remotes / uri.removeprefix(prefix)
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None

    return load
