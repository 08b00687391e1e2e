"""Whether the Hugging Face Hub answers: new models come from there, nothing else."""

from __future__ import annotations

from ..catalog import Catalog
from ..errors import DownloadError
from .finding import Finding


def look_at_hub(catalog: Catalog) -> Finding:
    """Ask for the list of one repository, as a download begins."""
    # The Hub's client takes longer to import than all else here.
    from ..hub.foreign import require_endpoint
    from ..hub.listing import list_repo

    repo_id = next(spec.repo_id for spec in catalog if spec.repo_id)
    try:
        endpoint = require_endpoint(None)
        list_repo(repo_id, revision=None, endpoint=endpoint)
    except DownloadError as error:
        text = f"{error.message} Models that are here need no Hub."
        return Finding("Hub", "note", text, error.hint)
    return Finding("Hub", "ok", f"{endpoint} answers")
