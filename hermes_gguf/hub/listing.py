"""The files of a repository, as the Hub lists them."""

from __future__ import annotations

from json import JSONDecodeError

from huggingface_hub import HfApi, constants

from .foreign import hub_errors, no_hub, require_endpoint


def list_repo(repo_id: str, *, revision: str | None, endpoint: str | None) -> list[str]:
    """Paths of all files of a repository, in one request.

    Raises:
        DownloadError: it cannot be had; each reason has its own class.
    """
    endpoint = require_endpoint(endpoint)
    with hub_errors(repo_id):
        api = HfApi(endpoint=endpoint)
        try:
            # Its `list_repo_files` waits for an answer without an end, and asks six
            # times without a word.
            info = api.model_info(
                repo_id, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT
            )
        except (KeyError, TypeError, JSONDecodeError) as error:
            raise no_hub(endpoint, repo_id) from error
    return [file.rfilename for file in info.siblings or ()]
