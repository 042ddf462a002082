"""A small made-up report that has one of everything."""

from __future__ import annotations

from sensemake.jobs.report_shape import CardJSON, CountJSON, DocumentRefJSON, QuoteJSON, ReportJSON, ThemePageJSON


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
    return {**source, "text": text, "passage_id": f"p{number}", "locator": f"line={number}"}


MONTHS = [count("2026-04", 4), count("2026-05", 0), count("2026-06", 8)]

WIPERS: CardJSON = {
    "theme_id": "t1",
    "label": "Wipers and copper mesh",
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
    "related": [reference(4, "Cleaning intervals"), reference(5, "Trial report", url="https://wiki.example/trial")],
    "questions": [quote(6, "Will the batteries last through the winter?")],
}
NIGHTS_PAGE: ThemePageJSON = {**NIGHTS, "keyphrases": [], "quotes": [], "related": [], "questions": []}

SMALL: ReportJSON = {
    "report_version": 1,
    "title": "What we learned this spring",
    "silos": ["chat", "handbook", "vault"],
    "since": "2026-04-01T00:00:00Z",
    "until": "2026-06-30T23:59:59Z",
    "coverage": {
        "documents": 20,
        "passages": 61,
        "people": 11,
        "undated": 1,
        "unattributed": 2,
        "silos": [
            {"silo": "chat", "documents": 7, "people": 5, "newest": "2026-06-29T16:20:00Z"},
            {"silo": "handbook", "documents": 13, "people": 9, "newest": "2026-06-15T09:00:00Z"},
            {"silo": "vault", "documents": 0, "people": 0, "newest": None},
        ],
        "silent": ["vault"],
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
            "numbers": {"documents": 12.0, "before": 4.0, "came": 8.0, "left": 0.0},
            "related": [],
            "documents": ["d4", "d5"],
        },
        {
            "event": "merged",
            "theme_id": "t1",
            "label": "Wipers and copper mesh",
            "numbers": {"moved": 3.0, "of": 4.0},
            "related": ["Slime"],
            "documents": ["d4", "d5"],
        },
        {
            "event": "split",
            "theme_id": "t2",
            "label": "Alert budget",
            "numbers": {"moved": 3.0, "of": 12.0},
            "related": ["On call"],
            "documents": ["d6"],
        },
        {
            "event": "gone",
            "theme_id": "t0",
            "label": "The move",
            "numbers": {"documents": 6.0},
            "related": [],
            "documents": ["d1"],
        },
    ],
    "themes": [WIPERS_PAGE, NIGHTS_PAGE],
    "quiet": [NIGHTS],
    "questions": [
        quote(6, "Will the batteries last through the winter?"),
        quote(5, "Who owns the gateways?", silo="chat", url="https://chat.example/c?m=9"),
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
        "limits": ["Themes are found by the likeness of texts."],
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
    "quiet": [],
    "questions": [],
    "coverage": {**SMALL["coverage"], "undated": 0, "unattributed": 0, "silent": [], "languages": [], "unread": []},
    "method": {**SMALL["method"], "themes": 0, "without_theme_page": 0, "stability": None, "loose": 1},
}
