"""Themes, assembled: what an audience may read, the tools, the last map and people's edits, handed to the job."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from sensemake import __version__, registry
from sensemake.errors import NotFound, UsageError
from sensemake.jobs import loose_notes, report_reader, theme_draft, theme_names, theme_page, theme_placing
from sensemake.jobs import report as report_job
from sensemake.jobs import themes as themes_job
from sensemake.jobs.loose_notes import LooseNote, LooseNotes
from sensemake.jobs.report_shape import ReportJSON
from sensemake.jobs.theme_page import ThemePage
from sensemake.model import (
    EVERYONE,
    Document,
    DocumentId,
    Filters,
    Kind,
    OpenQuestion,
    Passage,
    PassageId,
    Person,
    PersonId,
    Principal,
    Query,
    SiloName,
    Theme,
    ThemeId,
    ThemeMap,
    Vector,
    stable_id,
)
from sensemake.protocols import Clusterer, Renderer, ThemeEdit, Writer
from sensemake.rules import bridging, floor, paging, visibility
from sensemake.rules.identity import Roster
from sensemake.rules.theme_course import Step
from sensemake.stores import Catalog
from sensemake.workspace import asking, registering, unspoken

VERBS: Mapping[str, frozenset[str]] = {
    "rename": frozenset({"label"}),
    "merge": frozenset({"into"}),
    "split": frozenset(),
    "hide": frozenset(),
    "pin": frozenset(),
}
"""What people may change about a theme, and what they have to say with it."""
MUCH = 5_000
"""So many changes since the last map are not put into it one by one: it is time for the next."""
BY_WORDS = "by_words"
"""The setting of a map that names the languages whose texts are grouped by their words (`unspoken`)."""
ABOUT = 0.3
"""The least cosine of a question to the middle of a theme that is about it."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The silos that a map is made from, the people who may be counted in it, and the floor of its reflections."""

    silos: frozenset[SiloName]
    roster: Roster
    floor: int = floor.K


def audience_of(by: Principal, groups: Sequence[str], catalog: Catalog, people_mode: str, k: int = floor.K) -> Audience:
    """What the asker may read and, when groups are named, all of `groups` may read as well.

    Silos that are hidden from the asker count for nothing: else an answer would tell that a group reads one of them.
    Raises NotFound when nothing is left for groups.
    """
    may = asking.readable(by, catalog)
    silos = may & visibility.audience(groups, catalog.access.silos()) if groups else may
    if groups and not silos:
        raise NotFound(f"there is nothing that you and {', '.join(groups)} may read: sensemake silo list")
    return Audience(silos, asking.roster(silos, catalog, people_mode), k)


def build(
    audience: Audience,
    catalog: Catalog,
    model_id: str,
    at: datetime,
    *,
    spec: str = "",
    writer: Writer | None = None,
    summaries: bool = False,
) -> ThemeMap:
    """The audience's map at this state of the catalog; the last one itself when nothing has changed since.

    `spec` is the setting that names the model, which says what languages it speaks. Another `writer` than the last
    one's, or `summaries` where there were none, make another map.
    """
    last = catalog.themes.latest(audience.silos) or catalog.themes.adopt(audience.silos)
    edits = catalog.themes.edits(audience.silos)
    state = state_of(audience.silos, catalog)
    wanted = {"edits": themes_job.replayed(edits), "people": str(audience.floor)}
    wanted |= {theme_names.WRITER: writer.name} if writer else {}
    asked = last is not None and (writer is None or summaries <= (theme_names.SILENT in last.settings))
    if last is not None and asked and last.state == state and wanted.items() <= last.settings.items():
        return themes_job.visible(last, edits)
    material, foreign = _material(audience, catalog, model_id, state, spec)
    themes = themes_job.build(
        material,
        theme_names.Tools(
            _clusterer, registry.labeller("keyphrases")(), lambda: secrets.token_hex(4), writer, summaries=summaries
        ),
        last=last,
        built_at=at,
        edits=edits,
        bounds=theme_draft.Bounds(people=audience.floor),
    )
    if foreign:
        themes = replace(themes, settings={**themes.settings, BY_WORDS: ",".join(sorted(foreign))})
    catalog.themes.save(themes)
    return themes_job.visible(themes, edits)


def latest(audience: Audience, catalog: Catalog) -> ThemeMap | None:
    """The last map that was made for exactly this audience, as people want it shown."""
    themes = catalog.themes.latest(audience.silos)
    if themes is None:
        return None
    return themes_job.visible(_caught_up(themes, catalog), catalog.themes.edits(audience.silos))


def _caught_up(themes: ThemeMap, catalog: Catalog) -> ThemeMap:
    """The map with what came since it was made in its themes, and without what is gone; as it is, after MUCH."""
    if not themes.marks or themes.state == state_of(themes.silos, catalog):
        return themes
    changes = [c for s in themes.silos for c in catalog.corpus.changes(s, themes.marks.get(s, 0), MUCH + 1)]
    if len(changes) > MUCH:
        return themes
    gone = {change.passage for change in changes if change.deleted}
    came = list(catalog.corpus.passages({c.passage for c in changes if not c.deleted}).values())
    # Whether enough people reflect is for a map to say, and words are compared within one map only.
    foreign = frozenset(filter(None, themes.settings.get(BY_WORDS, "").split(",")))
    came = [p for p in came if p.silo in themes.silos and p.kind is not Kind.REFLECTION]
    came = sorted((p for p in came if unspoken.code(p) not in foreign), key=lambda p: (p.document, p.ordinal, p.id))
    vectors = catalog.corpus.vectors(themes.settings.get("model", ""), {passage.key for passage in came})
    padded = {key: _padded(vector, len(themes.middle)) for key, vector in vectors.items()}
    return theme_placing.placed(themes, came, gone, padded)


def _padded(vector: Vector, width: int) -> Vector:
    """A vector of the model in the space of a map that also holds languages which the model does not speak."""
    return np.pad(np.asarray(vector, np.float32), (0, max(0, width - len(vector))))


def page(audience: Audience, wanted: str, catalog: Catalog, *, step: Step) -> ThemePage:
    """One theme of the last map, by its id or else its label, with what the audience may read of it now."""
    themes = latest(audience, catalog)
    if themes is None:
        raise NotFound("there is no map of themes for this audience yet: sensemake themes build makes one")
    there = (*themes.themes, *themes.broader)
    found = [t for t in there if t.id == wanted] or [t for t in there if t.label == wanted]
    if not found:
        raise NotFound("there is no such theme: sensemake themes list")
    passages = passages_of(audience.silos, catalog)
    material = theme_page.Material(passages, people_of(audience.roster), audience.floor)
    return theme_page.page(found[0], themes, material, step=step)


def loose(audience: Audience, query: Query, catalog: Catalog) -> LooseNotes:
    """Documents in no theme of the last map, of what the audience may read now; `query` has a limit and a cursor."""
    themes = latest(audience, catalog)
    if themes is None:
        raise NotFound("there is no map of themes for this audience yet: sensemake themes build makes one")
    query = replace(query, text="\n".join(["loose", *sorted(audience.silos)]))
    now = stable_id("loose", state_of(audience.silos, catalog), themes.settings.get("edits", ""))
    at = paging.page(query, now)
    found = loose_notes.loose(themes, passages_of(audience.silos, catalog))
    end = at.start + query.limit
    shown = found[at.start : end]
    documents = catalog.corpus.documents({passage.document for passage in shown})
    vectors = catalog.corpus.vectors(themes.settings.get("model", ""), {passage.key for passage in shown})
    notes = []
    for passage in shown:
        near = nearest(themes, vectors[passage.key]) if passage.key in vectors else []
        url = documents[passage.document].url if passage.document in documents else None
        notes.append(LooseNote(passage, url, near[0][0] if near else None))
    further = paging.cursor(query, end, now) if end < len(found) else None
    return LooseNotes(len(found), tuple(notes), further, changed=at.changed)


def nearest(themes: ThemeMap, asked: Vector) -> list[tuple[Theme, float]]:
    """The themes by the cosine of their middle to a unit vector of the same model, the nearest first."""
    asked = _padded(asked, len(themes.middle))
    placed = [(t, float(np.dot(asked, t.centroid))) for t in themes.themes if len(t.centroid) == len(asked)]
    return sorted(placed, key=lambda pair: (-pair[1], pair[0].id))


Hiding = Callable[[Theme], Collection[PersonId]]
"""Who is not to be named for a theme."""


def report(
    audience: Audience,
    themes: ThemeMap,
    catalog: Catalog,
    hiding: Hiding,
    find: registering.Find,
    *,
    since: datetime | None,
    until: datetime | None,
    title: str | None = None,
) -> ReportJSON:
    """The report on the audience's map, beside the map before it when that was of another state.

    `find` is the search by which it is told whether a question was answered later.
    """
    passages = passages_of(audience.silos, catalog)
    model = themes.settings.get("model", "")
    documents = catalog.corpus.documents({passage.document for passage in passages})
    people, speaking = people_of(audience.roster), voices_of(audience.roster, documents)
    passages = floor.countable(passages, speaking, audience.floor)
    material = report_job.Material(
        passages=passages,
        documents=documents,
        people=people,
        unread=_unread(audience.silos, catalog),
        version=__version__,
        askable=_askable(audience.roster, hiding),
        vectors=lambda keys: catalog.corpus.vectors(model, keys),
        asked=_asked(passages, registering.open_for(documents.values(), audience.silos, catalog, find, until)),
    )
    earlier = [m for m in catalog.themes.history(audience.silos) if m.state != themes.state]
    shown, last = (
        floor.trimmed(each, passages, people, speaking, audience.floor) if each else None
        for each in (themes, earlier[-1] if earlier else None)
    )
    return report_job.build(shown or themes, material, last=last, since=since, until=until, title=title)


def edit(
    audience: Audience,
    verb: str,
    theme: str,
    arguments: Mapping[str, str],
    *,
    by: Principal,
    catalog: Catalog,
    at: datetime,
) -> None:
    """Note what a person changed about a theme (or take the last change back); the next `build` replays it."""
    if verb == "undo":
        if catalog.themes.undo(audience.silos) is None:
            raise NotFound("there is no edit to take back")
        return
    if verb not in VERBS or not VERBS[verb] <= arguments.keys():
        raise UsageError(f"a theme cannot be changed by {verb!r}: {', '.join(VERBS)} or undo")
    last = catalog.themes.latest(audience.silos)
    known = {t.id for t in last.themes} | {e.theme for e in catalog.themes.edits(audience.silos)} if last else set()
    broader = {t.id for t in last.broader} if last else set()
    if theme in broader and verb != "rename":
        raise UsageError(f"{theme} is made of finer themes and can only be renamed: change one of these")
    known |= broader if verb == "rename" else set()
    for named in (theme, *(arguments[name] for name in VERBS[verb] & {"into"})):
        if named not in known:
            raise NotFound(f"there is no theme {named}: sensemake themes list")
    _sensible(verb, theme, arguments, latest(audience, catalog))
    edits = catalog.themes.edits(audience.silos)
    number = edits[-1].number + 1 if edits else 1
    catalog.themes.edit(audience.silos, ThemeEdit(number, at, by.user, verb, theme, dict(arguments)))


def _sensible(verb: str, theme: str, arguments: Mapping[str, str], shown: ThemeMap | None) -> None:
    """Raise UsageError for a change that would leave a theme without a name of its own, or with nowhere to go."""
    if verb == "merge" and arguments["into"] == theme:
        raise UsageError(f"{theme} cannot go into itself: name another theme")
    if verb != "rename":
        return
    label = arguments["label"].strip()
    if not label:
        raise UsageError("a theme needs a name: give it a word or two")
    others = [t.id for t in (*shown.themes, *shown.broader) if t.label == label and t.id != theme] if shown else []
    if others:
        raise UsageError(
            f"{others[0]} has this name: choose another, or make one theme of both (sensemake themes merge)"
        )


def state_of(silos: frozenset[SiloName], catalog: Catalog) -> str:
    """A name for what these silos hold now: equal exactly when nothing in them has changed."""
    return paging.state(silos, catalog.corpus.marks())[:16]


def passages_of(silos: frozenset[SiloName], catalog: Catalog) -> Sequence[Passage]:
    return catalog.corpus.select(visibility.where(silos, Filters()))


def people_of(roster: Roster) -> Callable[[Passage], Collection[PersonId]]:
    """A passage's listed authors."""

    def people(passage: Passage) -> Collection[PersonId]:
        persons = (roster.person(handle) for handle in passage.authors)
        return {person.id for person in persons if person is not None and person.listed}

    return people


def voices_of(roster: Roster, documents: Mapping[DocumentId, Document]) -> Callable[[Passage], Collection[PersonId]]:
    """Who speaks in a passage, for the floor of reflections."""
    surveyed = {d.id for d in documents.values() if d.facets.get("template") == "survey"}
    return floor.voices(people_of(roster), surveyed)


def _asked(passages: Sequence[Passage], questions: Sequence[OpenQuestion]) -> list[tuple[PassageId, str]]:
    """Each question with the first passage of its document that it stands in; a title is in all of them."""
    held: dict[DocumentId, list[Passage]] = {}
    for passage in passages:
        held.setdefault(passage.document, []).append(passage)
    return [
        (min(holding, key=lambda p: p.ordinal).id, question.text)
        for question in questions
        if question.document is not None
        and (
            holding := [
                p for p in held.get(question.document.id, ()) if question.text in {p.title} or question.text in p.text
            ]
        )
    ]


def _askable(roster: Roster, hiding: Hiding) -> Callable[[Theme, Passage], Collection[Person]]:
    """Listed people still there who had a part in a passage other than asking, and hide nothing of the theme."""
    hidden: dict[ThemeId, Collection[PersonId]] = {}

    def askable(theme: Theme, passage: Passage) -> Collection[Person]:
        if theme.id not in hidden:
            hidden[theme.id] = hiding(theme)
        found = (roster.person(c.handle) for c in passage.contributions if c.role in bridging.KNOWING)
        named = {p.id: p for p in found if p is not None and p.listed and p.active}
        return [person for pid, person in named.items() if pid not in hidden[theme.id]]

    return askable


def renderer(form: str, language: str) -> Renderer:
    """What turns a report into a page or a table of this form, in this language."""
    from sensemake import renderers

    return renderers.of(form, language)


def _unread(silos: frozenset[SiloName], catalog: Catalog) -> Mapping[str, int]:
    """How many items of the audience's sources could not be read, by reason."""
    sources = (source.id for source in catalog.sources.all() if source.silo in silos)
    return Counter(failure.reason for source in sources for failure in catalog.sources.failures(source))


def _material(
    audience: Audience, catalog: Catalog, model_id: str, state: str, spec: str
) -> tuple[theme_draft.Material, frozenset[str]]:
    """What a map is made from, and the languages in it that the model does not speak."""
    passages = passages_of(audience.silos, catalog)
    persons = audience.roster.persons.values()
    reflections = catalog.corpus.documents({p.document for p in passages if p.kind is Kind.REFLECTION})
    foreign = unspoken.languages(passages, spec)
    vectors = catalog.corpus.vectors(model_id, {passage.key for passage in passages})
    material = theme_draft.Material(
        silos=audience.silos,
        state=state,
        marks={silo: mark for silo, mark in catalog.corpus.marks().items() if silo in audience.silos},
        model=model_id,
        passages=passages,
        vectors=unspoken.joined(passages, vectors, foreign),
        people=people_of(audience.roster),
        names={word for p in persons for word in (p.name, *(handle.value for handle in p.handles))} - {EVERYONE},
        voices=voices_of(audience.roster, reflections),
        may_leave=lambda p: p.kind is not Kind.REFLECTION or _consented(reflections.get(p.document)),
    )
    return material, foreign


def _consented(reflection: Document | None) -> bool:
    """Whether its author allows that its words are quoted."""
    return reflection is not None and reflection.facets.get("consent", "").strip().casefold() in report_reader.CONSENT


def _clusterer(count: int) -> Clusterer:
    return registry.clusterer(themes_job.clusterer_name(count))()
