"""The Model Context Protocol door: read-only tools for assistants, with the rights of whoever calls them."""
