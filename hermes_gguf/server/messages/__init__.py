"""POST /v1/messages: Anthropic's Messages API, and the count of its tokens."""

from .route import add_routes

__all__ = ["add_routes"]
