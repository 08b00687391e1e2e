"""POST /v1/completions: raw text goes on, without a chat around it."""

from .route import add_route

__all__ = ["add_route"]
