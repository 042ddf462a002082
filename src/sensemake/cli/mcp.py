"""`sensemake mcp`: the tools for assistants."""

from sensemake.cli.command import Call, command


@command("mcp", "sensemake mcp", "sensemake mcp --as ada")
def mcp(call: Call) -> None:
    """Answer an assistant over MCP on standard input and output.

    Tools that only read: search, fetch, find_experts, list_themes, get_theme, list_silos, ask, bridges. The
    assistant reads what you read; with `--as` what that person reads. `sensemake serve` has the same at /mcp, for
    tokens.
    """
    from sensemake.mcp.doors import over_stdio

    with call.workspace() as (workspace, asker):
        over_stdio(workspace, asker)
