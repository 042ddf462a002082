"""What a proxy before us is believed: who is asking, and from where. Nobody else is believed a word of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from sensemake.errors import NotSignedIn, UsageError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxies:
    """The addresses that are trusted, and the headers in which they say who is asking; none by default."""

    networks: tuple[Network, ...] = ()
    user_header: str = ""
    groups_header: str = ""

    @classmethod
    def named(cls, addresses: str, user_header: str = "", groups_header: str = "") -> Proxies:
        """From the settings: addresses or networks with a space between. UsageError for what is neither."""
        try:
            networks = tuple(ipaddress.ip_network(address) for address in addresses.split())
        except ValueError as error:
            raise UsageError(f"SENSEMAKE_TRUSTED_PROXIES: {error}; write 127.0.0.1 or 10.0.0.0/24") from error
        return cls(networks, user_header.lower(), groups_header.lower())

    def user(self, request: Request) -> str | None:
        """Who is asking, as the proxy says; None when it says nobody, or is none of ours."""
        if not self.user_header or not self._trusted(_peer(request)):
            return None
        said = request.headers.getlist(self.user_header)
        if len(said) > 1:
            raise NotSignedIn("the proxy names two people at once: let it replace the header, not add to it")
        return said[0].strip() or None if said else None

    def groups(self, request: Request) -> frozenset[str]:
        """The groups beside it; a comma stands between."""
        said: Sequence[str] = request.headers.getlist(self.groups_header) if self.groups_header else ()
        return frozenset(group.strip() for one in said for group in one.split(",") if group.strip())

    def address(self, request: Request) -> str:
        """Where a request comes from: the last address of `X-Forwarded-For` that is no trusted proxy's."""
        address = _peer(request)
        forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        while self._trusted(address) and forwarded:
            before = forwarded.pop().strip()
            if not _is_address(before):
                break
            address = before
        return address

    def _trusted(self, address: str) -> bool:
        if not _is_address(address):
            return False
        known = ipaddress.ip_address(address)
        mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
        return any((mapped or known) in network for network in self.networks)


def _peer(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
