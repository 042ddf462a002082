"""The examples of docs/widget.md, each on a page with the policy that the guide gives for it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from stage import HOST, SERVER, Stage, field

GUIDE = (Path(__file__).parents[2] / "docs" / "widget.md").read_text(encoding="utf-8")
THERE = "https://search.example.org"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


PAGES = [block for block in blocks("html") if "<sensemake-search" in block]
POLICIES = dict(zip(("plain", "own origin", "frame"), blocks("csp"), strict=True))


def staged(text: str) -> str:
    return text.replace(THERE, SERVER).strip()


@pytest.mark.parametrize("example", PAGES)
def test_an_example_works_under_its_policy(stage: Stage, example: str) -> None:
    policy = POLICIES["own origin" if 'src="/widget' in example else "plain"]
    own = " 'self'" if "/search.js" in example else ""
    stage.policy = f"default-src 'none'; {staged(policy)}".replace("script-src", f"script-src{own}")
    stage.scripts = {"/search.js": staged(blocks("js")[0])}
    stage.tokens = ["given"]
    page = stage.page(staged(example), alone=True)
    page.keyboard.press("Control+k")
    field(page).fill("tide tables")
    expect(page.locator(".option")).to_have_count(3)
    assert {headers.get("authorization") for _, _, headers in stage.asked} == {"Bearer given"}
    assert {url for url in stage.foreign if not url.startswith((HOST, SERVER))} == set()


def test_there_are_examples() -> None:
    assert len(PAGES) == 4
    for block in blocks("json"):
        assert set(json.loads(block)) == {"token", "expires_in"}


def test_every_variable_part_and_attribute_of_the_guide_is_there() -> None:
    from importlib.resources import files

    source = "".join(
        each.read_text(encoding="utf-8") for each in files("sensemake").joinpath("widget", "search").iterdir()
    )
    named = set(re.findall(r"--sensemake-[a-z-]+", GUIDE)) - {"--sensemake-"}
    assert named <= set(re.findall(r"--sensemake-[a-z-]+", source))
    parts = re.search(r"Parts: (.*?)\. The page", GUIDE, re.DOTALL)
    assert parts is not None
    assert {f'part: "{part}"' for part in re.findall(r"`([a-z]+)`", parts[1])} <= {
        f'part: "{part}"' for part in re.findall(r'part: "([a-z]+)"', source)
    } | {'part: "mark"'}
    for name in ("token-url", "no-recent", "hotkey", "silos", "placeholder", "label", "wait", "endpoint", "mode"):
        assert f'"{name}"' in source


def test_the_styles_of_the_guide_reach_the_component(stage: Stage) -> None:
    stage.files = {"/look.css": blocks("css")[0]}
    page = stage.page("<sensemake-search></sensemake-search>", head='<link rel="stylesheet" href="/look.css">')
    button = page.get_by_role("button", name="Search")
    assert button.evaluate("button => getComputedStyle(button).borderTopStyle") == "dashed"
    assert button.evaluate("button => getComputedStyle(button).fontFamily") == "Georgia, serif"
