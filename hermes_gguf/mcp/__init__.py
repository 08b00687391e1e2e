"""Tools of servers that speak the Model Context Protocol (MCP).

Source: https://modelcontextprotocol.io/specification/2025-11-25
"""

from .config import ServerConfig, read_config
from .servers import McpServers

__all__ = ["McpServers", "ServerConfig", "read_config"]
