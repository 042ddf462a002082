"""Who is who in a chat export, whatever system it comes from: from its list of users and from what messages carry."""

from __future__ import annotations

from collections.abc import Iterable

from sensemake.indexers._chat import clean
from sensemake.model import Handle, Profile


class Who:
    """The people and bots of one system. A key is what a handle's value is: an id, or a user name that is unique."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self._profiles: dict[str, Profile] = {}
        self._listed: set[str] = set()
        self._by_name: dict[str, set[Handle]] = {}

    def add(
        self, key: object, *, name: object = "", email: object = "", title: object = "", is_person: bool = True
    ) -> Handle | None:
        """Take a user as the export's list has them: that is what counts."""
        handle = self._put(key, name, email, title, is_person=is_person)
        self._listed |= {handle.value} if handle else set()
        return handle

    def seen(self, key: object, *, name: object = "", email: object = "", is_person: bool = True) -> Handle | None:
        """Take the author of a message, of whom the list may know more. None when there is no key."""
        handle = self.handle(key)
        if handle is None or handle.value in self._listed:
            return handle
        return self._put(key, name, email, "", is_person=is_person)

    def _put(self, key: object, name: object, email: object, title: object, *, is_person: bool) -> Handle | None:
        handle = self.handle(key)
        if handle is not None:
            before = self._profiles.get(handle.value) or Profile(handle)
            address = one_line(email).lower()
            after = Profile(
                handle=handle,
                name=one_line(name) or before.name or handle.value,
                email=address if "@" in address and " " not in address else before.email,
                title=one_line(title) or before.title,
                is_person=is_person and before.is_person,
            )
            self._profiles[handle.value] = after
            self._by_name.get(before.name or "", set()).discard(handle)
            self._by_name.setdefault(after.name or "", set()).add(handle)
        return handle

    def handle(self, key: object) -> Handle | None:
        """A handle of this system; None for nothing at all."""
        value = one_line(str(key) if isinstance(key, int) and not isinstance(key, bool) else key)
        return Handle(self.namespace, value) if value else None

    def is_bot(self, handle: Handle | None) -> bool:
        return handle is not None and not self.profile(handle).is_person

    def is_known(self, handle: Handle) -> bool:
        return handle.value in self._profiles

    def profile(self, handle: Handle) -> Profile:
        return self._profiles.get(handle.value) or Profile(handle, name=f"Unknown user {handle.value}")

    def named(self, name: str) -> Handle | None:
        """The one of whom the export says that this is their name; None when there are two, or none."""
        found = self._by_name.get(name, set())
        return next(iter(found)) if len(found) == 1 else None

    def name(self, handle: Handle | None, otherwise: str = "") -> str:
        known = self._profiles.get(handle.value) if handle else None
        return (known.name if known else None) or otherwise or (handle.value if handle else "")

    def readers(self, handles: Iterable[Handle | None]) -> frozenset[str]:
        """What members of a private room are known by: their handles, and `email:…` where the export has an address."""
        tokens: set[str] = set()
        for handle in handles:
            if handle is not None and not self.is_bot(handle):
                email = self.profile(handle).email
                tokens |= {str(handle), f"email:{email}"} if email else {str(handle)}
        return frozenset(tokens)


def one_line(found: object) -> str:
    """A text fit for a name or a handle; empty for what is no text."""
    return " ".join(clean(found).split()) if isinstance(found, str) else ""
