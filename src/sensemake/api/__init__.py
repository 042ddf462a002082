"""The HTTP door: routes, who asks, and one shape for every error."""
