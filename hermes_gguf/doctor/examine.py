"""All that is looked at, in the order in which a model would need it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..catalog import Catalog
from .build import look_at_build
from .finding import Finding
from .folders import look_at_folders
from .machine import look_at_memory
from .models import look_at_models
from .network import look_at_hub


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined.

    Attributes:
        catalog: The models that are known.
        config_folder: Where settings are kept.
        offline: Do not ask the Hub.
    """

    catalog: Catalog
    config_folder: Path
    offline: bool = False


def examine(patient: Patient) -> Iterator[Finding]:
    """Every finding, as soon as it is there; it takes seconds."""
    yield from look_at_build()
    yield from look_at_memory(patient.catalog)
    yield from look_at_folders(patient.config_folder)
    yield from look_at_models(patient.catalog)
    if not patient.offline:
        yield look_at_hub(patient.catalog)
