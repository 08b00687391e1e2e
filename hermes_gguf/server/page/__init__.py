"""The chat page that a browser gets at `/`: files, and the route that serves them."""
