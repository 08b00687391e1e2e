"""GET /metrics: what the server does, for Prometheus and those who read its format."""
