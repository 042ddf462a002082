"""What can be done with a home, verb by verb; `Workspace` is all of them."""
