"""Who is who in a Slack export: from users.json, from what messages carry, or a placeholder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sensemake.indexers._chat import clean
from sensemake.model import Handle, Profile

NAMESPACE = "slack"
SLACKBOT = "USLACKBOT"

Json = Mapping[str, object]


class People:
    """The users of a workspace. `learn` adds guests and other workspaces' people, whom only messages introduce."""

    def __init__(self, users: Iterable[Json]) -> None:
        self._profiles: dict[str, Profile] = {}
        self._user_names: dict[str, str] = {}
        self._teams: Counter[str] = Counter()
        for user in users:
            self._add(user)

    def _add(self, user: Json) -> None:
        key = user_id(user.get("id"))
        if not key:
            return
        profile = user.get("profile")
        is_bot = bool(user.get("is_bot") or user.get("is_workflow_bot") or key == SLACKBOT)
        facts = profile if isinstance(profile, Mapping) else {}
        self._profiles[key] = _profile(key, facts, user, is_person=not is_bot)
        self._user_names[key] = _first(user.get("name")) or key
        self.note_team(user.get("team_id"))

    def learn(self, message: Json) -> None:
        """Take the `user_profile` of a message for an author who is not in users.json."""
        facts, key = message.get("user_profile"), user_id(message.get("user"))
        if isinstance(facts, Mapping):
            if key and key not in self._profiles:
                self._profiles[key] = _profile(key, facts, facts, is_person=True)
            self.note_team(facts.get("team"))

    def note_team(self, team: object) -> None:
        if isinstance(team, str) and team.strip():
            self._teams[clean(team)] += 1

    @property
    def team(self) -> str:
        """The workspace's id: the team that most users belong to; nothing when no user says."""
        return min(self._teams, key=lambda team: (-self._teams[team], team), default="")

    def is_bot(self, key: str) -> bool:
        return key == SLACKBOT or (key in self._profiles and not self._profiles[key].is_person)

    def is_known(self, handle: Handle) -> bool:
        return handle.value in self._profiles

    def profile(self, handle: Handle) -> Profile:
        return self._profiles.get(handle.value) or Profile(handle, name=f"Unknown user {handle.value}")

    def name(self, key: str, label: str = "") -> str:
        """How a mention of this user is read: by name, else by the label that the message gave."""
        known = self._profiles.get(user_id(key))
        return (known.name if known and known.name else "") or label or f"Unknown user {key}"

    def user_name(self, key: str) -> str:
        """The name that is unique in the workspace; the id when it is not known."""
        return self._user_names.get(key, key)

    def reader_tokens(self, keys: Iterable[str]) -> frozenset[str]:
        """What members of a private room are known by: `slack:U1`, and `email:…` where the export has an address."""
        tokens: set[str] = set()
        for key in keys:
            tokens.add(str(Handle(NAMESPACE, key)))
            known = self._profiles.get(key)
            if known and known.email:
                tokens.add(f"email:{known.email}")
        return frozenset(tokens)


def user_id(found: object) -> str:
    """An id fit for a Handle: no space, nothing unprintable; empty when there is none."""
    return "".join(clean(found).split()) if isinstance(found, str) else ""


def handle(key: str) -> Handle:
    return Handle(NAMESPACE, key)


def _profile(key: str, facts: Json, user: Json, *, is_person: bool) -> Profile:
    email = _first(facts.get("email")).lower()
    return Profile(
        handle=handle(key),
        name=_first(facts.get("display_name"), facts.get("real_name"), user.get("real_name"), user.get("name")) or key,
        email=email if "@" in email else None,
        title=_first(facts.get("title")) or None,
        is_person=is_person,
    )


def _first(*found: object) -> str:
    """The first that is a text with something in it, on one line."""
    return next((text for f in found if isinstance(f, str) and (text := " ".join(clean(f).split()))), "")
