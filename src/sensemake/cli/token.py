"""`sensemake token`: keys to the HTTP interface, shown once and kept as a hash."""

from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command
from sensemake.errors import UsageError

if TYPE_CHECKING:
    from sensemake.protocols import Token

READING = ("search:read", "experts:read", "themes:read", "reports:read", "docs:read")
SCOPES = (*READING, "docs:write", "tokens:mint", "admin")


@command(
    "create",
    "sensemake token create widget --scope search:read --days 30",
    "sensemake token create ada-laptop --user ada --json",
)
def create(
    call: Call,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    user: Annotated[
        str | None, typer.Option("--user", metavar="USER", help="Whose it is; without, the owner's of this home.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help=f"One of {', '.join(SCOPES)}; repeatable; without, all reading."),
    ] = None,
    silo: Annotated[list[str] | None, typer.Option("--silo", metavar="NAME", help="Only this silo.")] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="How long it holds.")] = 90,
) -> None:
    """Make a token. The secret is written to stdout now and never again."""
    from sensemake import wire

    scopes = frozenset(scope or READING)
    if unknown := scopes - frozenset(SCOPES):
        raise UsageError(f"there is no scope {', '.join(sorted(unknown))}; scopes: {', '.join(SCOPES)}")
    with call.workspace() as (workspace, asker):
        secret, token = workspace.create_token(
            name, user=user, scopes=scopes, silos=frozenset(silo) if silo else None, days=days, by=asker
        )
    if call.json:
        call.screen.json({"secret": secret, "token": wire.token_json(token)})
    else:
        call.screen.talk(f"{_line(token)}; keep the secret, it is not shown again:")
        call.screen.raw(f"{secret}\n")


@command("list", "sensemake token list", "sensemake token list --json")
def listed(call: Call) -> None:
    """List the tokens that hold, without their secrets."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        tokens = workspace.tokens(asker)
    if call.json:
        call.screen.json({"tokens": [wire.token_json(token) for token in tokens]})
        return
    for token in tokens:
        call.screen.raw(_line(token) + "\n")


@command("revoke", "sensemake token revoke TOKEN_ID")
def revoke(call: Call, token: Annotated[str, typer.Argument(metavar="ID", help="From `token list`.")]) -> None:
    """Make a token void, from the next request on."""
    with call.workspace() as (workspace, asker):
        workspace.revoke_token(token, asker)
    call.screen.talk(f"{token} is void now")


COMMANDS: tuple[Command, ...] = (create, listed, revoke)


def _line(token: "Token") -> str:
    ends = f"until {token.expires:%Y-%m-%d}" if token.expires else "without end"
    used = f"last used {token.used:%Y-%m-%d %H:%M} UTC" if token.used else "never used"
    return safe.line(f"{token.id} {token.name}: {token.user}, {' '.join(sorted(token.scopes))}, {ends}, {used}")
