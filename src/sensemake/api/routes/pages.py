"""How a page of ours leaves: from its template, with the policy that lets it run our own files and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader


def policy(*, ancestors: str = "'none'") -> str:
    """Our own script and styles; no markup becomes code (Trusted Types); framed by `ancestors` only."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
        f"frame-ancestors {ancestors}"
    )


def rendered(template: str, content: Mapping[str, Any], content_policy: str) -> HTMLResponse:
    html = _templates().get_template(template).render(content)
    return HTMLResponse(html, headers={"Content-Security-Policy": content_policy})


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("sensemake.api"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
