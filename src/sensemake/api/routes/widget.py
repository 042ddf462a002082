"""What other pages load or frame: the component's file, and the search page for an iframe."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response

from sensemake.api.routes.pages import policy, rendered
from sensemake.api.speaking import speaker
from sensemake.api.static import static
from sensemake.errors import NotFound

router = APIRouter(include_in_schema=False)


@router.get("/widget/{name}")
def file(
    name: str,
    v: str | None = None,
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Public code, the same for everybody: any origin may load it. With `?v=` and its tag it is kept for good."""
    found = static(name)
    if found is None:
        raise NotFound("there is no such file")
    packs = "gzip" in accept_encoding.lower()
    tag = f'"{found.tag}{"-gzip" if packs else ""}"'
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=31536000, immutable" if v == found.tag else "public, no-cache",
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    return Response(found.packed if packs else found.body, media_type=found.media_type, headers=headers)


@router.get("/embed")
def embed(request: Request, lang: str = "en", theme: str = "auto", silos: str = "") -> Response:
    """The search alone, to be framed by the origins that the administrator named (`SENSEMAKE_EMBED_ORIGINS`)."""
    origins: str = request.app.state.embed_origins
    content = {"say": speaker(lang), "lang": lang[:12], "theme": theme, "silos": silos[:1_000], "origins": origins}
    return rendered("embed.html", content, policy(ancestors=origins or "'none'"))
