"""Documents: reading one whole, adding a reflection, taking in files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Response, UploadFile

from sensemake import wire
from sensemake.api import uploads
from sensemake.api.asked import Groups, NewSilo, ReflectionRequest
from sensemake.api.doorstep import UPLOAD_BYTES
from sensemake.api.principal import Administrator, DocumentReader, Writer
from sensemake.api.routes.jobs import begun
from sensemake.api.state import Home

router = APIRouter(prefix="/api/v1", tags=["documents"])
FILES = 20
"""How many may come at once; more come as one zip."""


def _one_or_many(schema: dict[str, Any]) -> None:
    """In a form a field that comes once is a list of one."""
    many = {name: schema.pop(name) for name in ("type", "items", "maxItems")}
    schema["anyOf"] = [many, many["items"]]


@router.get("/documents/{document}", summary="A document whole")
def document(document: str, home: Home, by: DocumentReader) -> wire.DocumentJSON:
    return wire.document_json(home.document(document, by))


@router.post("/reflections", summary="Add a reflection", status_code=201)
def reflect(asked: ReflectionRequest, response: Response, home: Home, by: Writer) -> wire.ReflectionJSON:
    made = home.reflect(
        asked.text,
        by,
        silo=asked.silo,
        title=asked.title,
        template=asked.template,
        author=asked.author,
        anonymous=asked.anonymous,
        at=wire.since(asked.at) if asked.at is not None else None,
    )
    response.headers["Location"] = f"/api/v1/documents/{made}"
    return {"document_id": made}


@router.post(
    "/ingest",
    summary="Take in files",
    status_code=202,
    max_body_size=UPLOAD_BYTES,
    form_limits={"max_files": FILES, "max_fields": 200},
)
def ingest(
    response: Response,
    home: Home,
    by: Administrator,
    files: Annotated[
        list[UploadFile],
        File(
            min_length=1,
            max_length=FILES,
            examples=[["notes.md"]],
            description="What to take in; an export as one zip file.",
        ),
    ],
    silo: Annotated[NewSilo, Form(examples=["handbook"])],
    readers: Annotated[Groups, Form(description="Who may read a new silo.", json_schema_extra=_one_or_many)] = [],  # noqa: B006 -- FastAPI copies it
    *,
    include_private: Annotated[Literal["true", "false"], Form()] = "false",
) -> wire.JobJSON:
    """Takes the files and answers with a job at once; the job says how far it is and how it ended."""
    incoming = home.jobs.folder()
    uploads.receive(files, incoming)
    job = home.jobs.begin_ingest(
        incoming, silo, by, readers=frozenset(readers) or None, include_private=include_private == "true"
    )
    return begun(job, response)
