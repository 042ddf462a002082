"""A small made-up report that has one of everything."""

from __future__ import annotations

from typing import Literal

from sensemake.jobs.report_shape import (
    CardJSON,
    CountJSON,
    DocumentRefJSON,
    PromptJSON,
    QuoteJSON,
    ReportJSON,
    SiloCoverageJSON,
    ThemePageJSON,
)


def count(name: str, number: int) -> CountJSON:
    return {"name": name, "count": number}


def reference(number: int, title: str, *, silo: str = "handbook", url: str | None = None) -> DocumentRefJSON:
    return {
        "document_id": f"d{number}",
        "title": title,
        "silo": silo,
        "kind": "page",
        "time": f"2026-0{number}-15T09:00:00Z",
        "url": url,
    }


def quote(number: int, text: str, *, silo: str = "handbook", url: str | None = None) -> QuoteJSON:
    source = reference(number, f"Notes of week {number}", silo=silo, url=url)
    return {**source, "text": text, "language": "en", "passage_id": f"p{number}", "locator": f"line={number}"}


def prompt(level: Literal["reflective", "interpretive", "decisional"], key: str, label: str) -> PromptJSON:
    words = {"theme": label, "phrase": label, "silo": "handbook", "other": "chat"}
    return {"level": level, "key": f"{level}_{key}", "words": words}


def coverage(silo: str, documents: int, people: int, months: int, newest: str | None) -> SiloCoverageJSON:
    return {
        "silo": silo,
        "documents": documents,
        "documents_in_period": documents,
        "people": people,
        "months": months,
        "newest": newest,
    }


MONTHS = [count("2026-04", 4), count("2026-05", 0), count("2026-06", 8)]

WIPERS: CardJSON = {
    "theme_id": "t1",
    "label": "Wipers and copper mesh",
    "written": {"by": "small <model>", "plain": "Wipers", "saw": [{**reference(4, "Notes of <week> 4"), "seen_passage_id": "p4"}]},
    "summary": {
        "text": "Wipers fail before *slime* does. <b>Mesh</b> lasts.",
        "by": "small <model>",
        "saw": [{**reference(4, "Notes of <week> 4"), "seen_passage_id": "p4"}],
    },
    "status": "growing",
    "sentence": quote(4, "A wiper that sticks in front of the lens is worse than slime.", url="https://wiki.example/4"),
    "people": 9,
    "documents": 12,
    "documents_in_period": 8,
    "items": 31,
    "silos": [count("handbook", 8), count("chat", 4)],
    "months": MONTHS,
    "low_sample": False,
}
NIGHTS: CardJSON = {
    "theme_id": "t2",
    "label": "Alert budget",
    "written": None,
    "summary": None,
    "status": "new",
    "sentence": None,
    "people": 1,
    "documents": 3,
    "documents_in_period": 3,
    "items": 3,
    "silos": [count("chat", 3)],
    "months": [count("2026-04", 0)],
    "low_sample": True,
}
WIPERS_PAGE: ThemePageJSON = {
    **WIPERS,
    "keyphrases": ["wiper", "copper mesh", "duckweed"],
    "quotes": [
        quote(5, "7 of 38 stuck with duckweed", silo="chat", url="https://chat.example/c?m=5&t=1"),
        quote(6, "Copper mesh costs four euros & takes five minutes to fit."),
    ],
    "bridging": [{**quote(2, "Field and Lab both wait for the mesh."), "between": ["chat", "handbook"]}],
    "views": [
        {
            "one": quote(3, "The wiper keeps the lens clean."),
            "other": {**quote(5, "De wisser houdt de lens niet schoon.", silo="chat"), "language": "nl"},
            "signs": ["negation"],
        }
    ],
    "people_to_ask": [{"person_id": "a1", "name": "Ada Alder", "documents": [reference(4, "Cleaning intervals")]}],
    "related": [reference(4, "Cleaning intervals"), reference(5, "Trial report", url="https://wiki.example/trial")],
    "questions": [quote(6, "Will the batteries last through the winter?")],
    "prompts": [
        prompt("reflective", "rising", "Wipers and copper mesh"),
        prompt("interpretive", "views", "Wipers and copper mesh"),
        prompt("decisional", "question", "copper mesh"),
    ],
}
NIGHTS_PAGE: ThemePageJSON = {
    **NIGHTS,
    "keyphrases": [],
    "quotes": [],
    "bridging": [],
    "views": [],
    "people_to_ask": [],
    "related": [],
    "questions": [],
    "prompts": [
        prompt("reflective", "new", "Alert budget"),
        prompt("interpretive", "one", "Alert budget"),
        prompt("decisional", "try", "Alert budget"),
    ],
}

SMALL: ReportJSON = {
    "report_version": 2,
    "title": "What we learned this spring",
    "silos": ["chat", "handbook", "vault"],
    "since": "2026-04-01T00:00:00Z",
    "until": "2026-06-30T23:59:59Z",
    "coverage": {
        "documents": 20,
        "documents_in_period": 18,
        "passages": 61,
        "people": 11,
        "undated": 1,
        "unattributed": 2,
        "silos": [
            coverage("chat", 7, 5, 3, "2026-06-29T16:20:00Z"),
            coverage("handbook", 1300, 9, 2, "2026-06-15T09:00:00Z"),
            coverage("vault", 0, 0, 0, None),
        ],
        "silos_of_five": 2,
        "silent": ["vault"],
        "months": 3,
        "missing_months": ["2026-05"],
        "kinds": [count("page", 13), count("conversation", 7)],
        "languages": [count("en", 18), count("nl", 2)],
        "unread": [count("encrypted", 2), count("empty", 1)],
    },
    "cards": [WIPERS, NIGHTS],
    "compared": True,
    "changes": [
        {
            "event": "growing",
            "theme_id": "t1",
            "label": "Wipers and copper mesh",
            "written": WIPERS["written"],
            "numbers": {"documents": 12.0, "before": 4.0, "came": 8.0, "left": 0.0},
            "related": [],
            "documents": ["d4", "d5"],
        },
        {
            "event": "merged",
            "theme_id": "t1",
            "label": "Wipers and copper mesh",
            "written": WIPERS["written"],
            "numbers": {"moved": 3.0, "of": 4.0},
            "related": ["Slime"],
            "documents": ["d4", "d5"],
        },
        {
            "event": "split",
            "theme_id": "t2",
            "label": "Alert budget",
            "written": None,
            "numbers": {"moved": 3.0, "of": 12.0},
            "related": ["On call"],
            "documents": ["d6"],
        },
        {
            "event": "gone",
            "theme_id": "t0",
            "label": "The move",
            "written": None,
            "numbers": {"documents": 6.0},
            "related": [],
            "documents": ["d1"],
        },
    ],
    "themes": [WIPERS_PAGE, NIGHTS_PAGE],
    "map": [
        {
            "theme_id": "t1",
            "label": "Wipers and copper mesh",
            "written": WIPERS["written"],
            "status": "growing",
            "documents": 12,
            "people": 9,
            "x": 0.25,
            "y": 1.0,
            "was": [0.35, 0.9],
            "moved": 14,
            "near": ["t2"],
        },
        {
            "theme_id": "t3",
            "label": "A theme with a name that is much too long to stand on one line, or on two of them",
            "written": None,
            "status": "fading",
            "documents": 1,
            "people": 1,
            "x": 1.0,
            "y": 0.0,
            "was": None,
            "moved": None,
            "near": ["t1", "t2"],
        },
        {
            "theme_id": "t2",
            "label": "Alert budget",
            "written": None,
            "status": "new",
            "documents": 3,
            "people": 1,
            "x": 0.3,
            "y": 0.95,
            "was": [0.3, 0.95],
            "moved": 0,
            "near": ["t1"],
        },
    ],
    "quiet": [NIGHTS],
    "questions": [
        quote(6, "Will the batteries last through the winter?"),
        quote(5, "Who owns the gateways?", silo="chat", url="https://chat.example/c?m=9"),
    ],
    "outcomes": [
        {
            **reference(4, "Experiment: one wiper in two", url="https://wiki.example/wipers"),
            "kind": "experiment",
            "themes": ["t1"],
            "showed": quote(4, "Every second wiper was enough."),
        },
        {**reference(5, "We buy mesh"), "kind": "decision", "themes": [], "showed": None},
    ],
    "method": {
        "version": "0.1.0",
        "state": "chat:12 handbook:40",
        "settings": {"method": "average linkage", "model": "all-MiniLM-L6-v2:int8"},
        "themes": 3,
        "loose": 5,
        "outlier_ratio": 0.231,
        "stability": 0.94,
        "without_theme_page": 1,
        "limits": ["likeness", "views"],
    },
}

FIRST: ReportJSON = {
    **SMALL,
    "since": None,
    "until": None,
    "compared": False,
    "changes": [],
    "cards": [],
    "themes": [],
    "map": [],
    "quiet": [],
    "questions": [],
    "outcomes": [],
    "title": None,
    "coverage": {**SMALL["coverage"], "undated": 0, "unattributed": 0, "silent": [], "missing_months": [], "languages": [], "unread": []},
    "method": {**SMALL["method"], "themes": 0, "without_theme_page": 0, "stability": None, "loose": 1},
}
