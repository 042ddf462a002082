"""People: who knows, profiles, bridges, and who is who."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sensemake.errors import NotFound
from sensemake.jobs import experts as experts_job
from sensemake.model import (
    BridgesAnswer,
    ExpertsAnswer,
    Handle,
    Mark,
    Passage,
    Person,
    PersonId,
    PersonProfile,
    Principal,
    Proposal,
    Query,
    Routing,
    Verb,
    Wish,
)
from sensemake.rules import floor, wishes
from sensemake.rules.evidence import WEIGHTS, Weights
from sensemake.rules.identity import Roster
from sensemake.workspace import asking
from sensemake.workspace.verbs.answers import Answers
from sensemake.workspace.verbs.home import Find
from sensemake.workspace.verbs.themes import Themes

if TYPE_CHECKING:
    from sensemake.workspace.joining import Decided


class Experts(Answers, Themes):
    """Finds people by evidence, and lets them and the owner say what holds of them."""

    def who(self, query: Query, by: Principal, *, weights: Weights = WEIGHTS) -> ExpertsAnswer:
        """People for a topic, with the evidence that the asker may read. `weights` are for those who measure."""
        return self._known(query, by, self._find, weights)

    def _known(self, query: Query, by: Principal, find: Find, weights: Weights = WEIGHTS) -> ExpertsAnswer:
        asking.need(by, "experts:read")
        self._active_engine().warm()
        roster = self._roster(by)
        words = self._words(roster)
        roster = roster.without(words.hiding(query.text))
        where = asking.where(by, query, roster, self._catalog)
        answer = experts_job.who(
            query,
            where,
            find=find,
            corpus=self._catalog.corpus,
            roster=roster,
            offers=wishes.offers(words.wishes),
            weights=weights,
        )
        self._audit_experts(by, answer)
        return answer

    def people(self, by: Principal) -> tuple[Person, ...]:
        """The listed people that the asker may know of, by name."""
        asking.need(by, "experts:read")
        persons = self._roster(by).persons.values()
        return tuple(sorted((p for p in persons if p.listed), key=lambda p: (p.name, p.id)))

    def set_listed(self, person: str, *, listed: bool, by: Principal) -> Person:
        """Take somebody out of who-knows, themes, bridges and reports, or back in. Their own choice, or the owner's."""
        roster = self._roster(by)
        person_id = self._own(person, by)
        own = {known_id for h, known_id in roster.ids.items() if roster.owner_of.get(h) == person_id}
        for each in sorted({person_id, *own}):  # so that the choice outlives another way of joining
            self._catalog.people.set_listed(each, listed=listed)
        self._audit(by, "person.list" if listed else "person.unlist", person_id)
        self._emend_kept(by)
        return self._roster(by).persons[person_id]

    def proposals(self, by: Principal) -> tuple[Proposal, ...]:
        """Handles that may be one person's, with the reason, the surest first: for the owner to confirm or refuse."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        return joining.proposals(self._roster(by), asking.readable(by, self._catalog), self._catalog)

    def decided(self, by: Principal) -> Decided:
        """What was decided about handles: confirmed links, refused proposals, marks."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        return joining.decided(self._catalog)

    def link(self, handle: str, person: str, by: Principal) -> Person:
        """Confirm that a handle (`namespace:value`) is this person's; from the next question on."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        known = self._roster(by)
        meant, target = joining.handle_named(handle, known), joining.person_named(person, known)
        joining.link(meant, target, known, self._catalog)
        self._audit(by, "person.link", target, {"handle": known.ids.get(meant, "")})
        now = self._roster(by)
        return now.persons[now.owner_of[meant]]

    def unlink(self, handle: str, person: str | None, by: Principal) -> str:
        """Say that a handle is not this person's (None: not the one's it is joined to): it stays so.

        A confirmed link is taken back ("undone"); a handle that was joined by itself stands alone from now on
        ("apart"); what was only proposed is not proposed again ("refused").
        """
        from sensemake.workspace import joining

        asking.need(by, "admin")
        known = self._roster(by)
        meant = joining.handle_named(handle, known)
        target = None if person is None else joining.person_named(person, known)
        before = known.owner_of.get(meant)
        outcome = joining.unlink(meant, target, known, self._catalog)
        if outcome == joining.UNDONE and self._still_joined(meant, before, known, by):
            joining.part(meant, self._catalog)
            outcome = joining.APART
        self._audit(by, "person.unlink", target or before or "", {"handle": known.ids.get(meant, ""), "is": outcome})
        return outcome

    def mark(self, who: str, what: Mark | None, by: Principal) -> tuple[Handle, ...]:
        """Say that somebody is a bot or a shared mailbox, no person, or take that back (None); their words remain."""
        from sensemake.workspace import joining

        asking.need(by, "admin")
        if what is None:
            may = asking.readable(by, self._catalog)
            unmarked = asking.roster(may, self._catalog, self.settings.people_mode, marked=False)
            marked = joining.unmark(who, unmarked, self._catalog)
        else:
            marked = joining.mark(who, what, self._roster(by), self._catalog)
        self._audit(by, "person.mark", "", {"as": what or "person", "handles": str(len(marked))})
        return marked

    def _still_joined(self, handle: Handle, before: PersonId | None, known: Roster, by: Principal) -> bool:
        """Whether a handle still has company of those whom it was joined to."""
        now = self._roster(by)
        owner = now.owner_of.get(handle)
        old = {h for h, pid in known.owner_of.items() if pid == before and h != handle}
        return owner in {now.owner_of.get(h) for h in old} or (owner == before and owner not in known.ids.values())

    def set_wish(self, person: str, verb: Verb, topic: str, *, kept: bool, by: Principal) -> PersonProfile:
        """Hide a topic of somebody, or offer their help with one, or take that back. Their own word, or the owner's."""
        from sensemake.workspace import knowing

        person_id = self._own(person, by)
        self._catalog.people.set_wish(Wish(person_id, verb, knowing.topic_of(topic)), kept=kept)
        self._audit(by, f"person.{verb}" if kept else f"person.{verb}.undo", person_id)
        roster = self._roster(by)
        return knowing.told(roster.persons[person_id], (), self._words(roster), own=True)

    def profile(self, person: str, by: Principal) -> PersonProfile:
        """A person's themes over time, with evidence that the asker may read, and what they said of themselves.

        Unlisted persons are as good as absent, but to themselves and the home's owner.
        """
        from sensemake.workspace import knowing, sharing

        asking.need(by, "experts:read")
        audience = self._audience(by, ())
        person_id = knowing.meant(person, audience.roster)
        meant = audience.roster.persons[person_id]
        own = by.person == person_id or "admin" in by.scopes
        if not meant.listed and not own:
            raise knowing.nobody(person)
        themes = sharing.latest(audience, self._catalog) if meant.listed and "themes:read" in by.scopes else None
        passages = sharing.passages_of(audience.silos, self._catalog) if themes else ()
        words = self._words(audience.roster)
        known = knowing.profile(meant, themes, passages, audience.roster, words, self._catalog)
        return knowing.told(meant, known, words, own=own)

    def bridges(self, by: Principal, *, names: bool = False) -> BridgesAnswer:
        """What links the silos of the asker's map of themes, where a link is missing, and what rests on one person.

        NotFound when there is no map yet. People are named only with `names`.
        """
        from sensemake.workspace import knowing, sharing

        asking.need(by, "experts:read")
        asking.need(by, "themes:read")
        audience = self._audience(by, ())
        themes = sharing.latest(audience, self._catalog)
        if themes is None:
            raise NotFound("there is no map of themes of what you may read yet: sensemake themes build makes one")
        people = sharing.people_of(audience.roster)
        passages = floor.countable(sharing.passages_of(audience.silos, self._catalog), people, audience.floor)
        themes = floor.trimmed(themes, passages, people, k=audience.floor)
        words = self._words(audience.roster)
        return knowing.bridges(
            themes, passages, audience.roster, words, by, self._catalog, names=names, of_reflections=audience.floor
        )

    def ask(self, query: Query, by: Principal) -> Routing:
        """Where a question is answered already, and whom to ask inside and outside of the asker's team."""
        from sensemake.jobs import routing

        find = cache(self._find)  # the answers and the people are found in the same passages
        found = self._answered(query, by, find)
        known = self._known(replace(query, limit=max(query.limit, 30), cursor=None), by, find)
        asker = self._roster(by).persons.get(by.person) if by.person else None
        return routing.route(
            query.text,
            found=found,
            known=known,
            corpus=self._catalog.corpus,
            team=asker.team if asker else None,
            asker=asker.id if asker else None,
        )

    def material(self, by: Principal) -> tuple[Sequence[Passage], Roster]:
        """All passages that the asker may read and who is who in them, for those who measure."""
        from sensemake.workspace import sharing

        asking.need(by, "search:read")
        asking.need(by, "experts:read")
        return sharing.passages_of(asking.readable(by, self._catalog), self._catalog), self._roster(by)

    def _audit_experts(self, by: Principal, answer: ExpertsAnswer) -> None:
        """Who was shown to whom as somebody who knows; not about what."""
        if answer.experts:
            self._audit(by, "experts.show", " ".join(expert.person.id for expert in answer.experts))
