"""POST /v1/responses: OpenAI's Responses API, without a memory of its own."""

from .route import add_route

__all__ = ["add_route"]
