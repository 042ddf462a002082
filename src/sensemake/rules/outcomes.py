"""Where a text says what an experiment showed or what was decided: by its headings, in five languages."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from sensemake.model import Kind, Passage

_TELLING = regex.compile(
    r"(?i)\b(results?|outcomes?|findings?|conclusions?|concluded|learn(ed|t|ing)|showed|shows|happened|decisions?|decided|agreed|actions?"
    r"|resultaat|resultaten|uitkomst(en)?|conclusies?|geleerd|besluit(en)?|afspra(ak|ken)"
    r"|ergebnis(se)?|erkenntnis(se)?|fazit|gelernt|entscheidung(en)?|beschluss|beschlüsse"
    r"|résultats?|conclusions?|appris|décisions?|enseignements?"
    r"|resultat(et|en)?|slutsats(er)?|lärdom(ar)?|lärde|beslut(et|en)?)\b"
)


def telling(passages: Sequence[Passage], kind: Kind) -> list[Passage]:
    """Its passages, those first that say what came of it: under a telling heading; else an experiment's last ones,
    for it tells in the end, and another's first ones."""
    ordered = sorted(passages, key=lambda p: (p.ordinal, p.id))
    if kind is Kind.EXPERIMENT:
        ordered.reverse()
    return sorted(ordered, key=lambda p: not any(_TELLING.search(heading) for heading in p.headings))
