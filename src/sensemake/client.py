"""A typed client of the HTTP interface: the contract's answers as they are, its problems as our errors.

with Client("http://127.0.0.1:8765", token="smk_…") as sensemake:
    for hit in sensemake.search("tide tables")["hits"]:
        print(hit["title"], hit["url"])
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack
from urllib.parse import quote

import httpx

from sensemake import errors
from sensemake.errors import MissingPath, SensemakeError

if TYPE_CHECKING:
    from sensemake.wire import (
        AuditJSON,
        BridgesJSON,
        CreatedTokenJSON,
        DocumentJSON,
        DroppedJSON,
        ExpertsJSON,
        FiltersJSON,
        JobJSON,
        LooseNotesJSON,
        ProfileJSON,
        QuarantineJSON,
        QuestionsJSON,
        ReflectionJSON,
        RoutingJSON,
        SearchJSON,
        SilosJSON,
        SourcesJSON,
        SuggestionsJSON,
        ThemePageJSON,
        ThemesJSON,
        TokensJSON,
    )

API = "/api/v1"
READING = ("search:read", "experts:read", "themes:read", "reports:read", "docs:read")
POLL_SECONDS = 0.2


class Client:
    """One server, asked as one principal: the token's, or the anonymous one.

    Every method raises an error of `sensemake.errors`: the one that the server named, or SensemakeError when it
    cannot be reached or does not speak this contract.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # ── questions ────────────────────────────────────────────────────────────────────────────────

    def search(
        self, query: str, *, limit: int = 10, cursor: str | None = None, **filters: Unpack[FiltersJSON]
    ) -> SearchJSON:
        found: SearchJSON = self._post("/search", {"query": query, "limit": limit, "cursor": cursor, **filters})
        return found

    def experts(
        self, topic: str, *, limit: int = 10, explain: bool = False, **filters: Unpack[FiltersJSON]
    ) -> ExpertsJSON:
        """`explain` asks for the factors of each evidence's weight."""
        asked = {"topic": topic, "limit": limit, "explain": explain, **filters}
        found: ExpertsJSON = self._post("/experts", asked)
        return found

    def similar(self, passage: str, *, limit: int = 10, cursor: str | None = None) -> SearchJSON:
        found: SearchJSON = self._get(f"/passages/{_segment(passage)}/similar", limit=limit, cursor=cursor)
        return found

    def suggestions(self, prefix: str, *, limit: int = 8) -> SuggestionsJSON:
        found: SuggestionsJSON = self._get("/suggestions", prefix=prefix, limit=limit)
        return found

    def helped(self, passage: str, *, query: str = "") -> None:
        self._post("/helped", {"passage_id": passage, "query": query})

    # ── themes and reports ───────────────────────────────────────────────────────────────────────

    def themes(self, *, audience: Sequence[str] = (), level: int = 0) -> ThemesJSON:
        found: ThemesJSON = self._get("/themes", audience=list(audience), level=level)
        return found

    def theme(
        self, theme: str, *, audience: Sequence[str] = (), by: Literal["month", "quarter"] = "month"
    ) -> ThemePageJSON:
        found: ThemePageJSON = self._get(f"/themes/{_segment(theme)}", audience=list(audience), by=by)
        return found

    def loose(self, *, audience: Sequence[str] = (), limit: int = 20, cursor: str | None = None) -> LooseNotesJSON:
        found: LooseNotesJSON = self._get("/themes/loose", audience=list(audience), limit=limit, cursor=cursor)
        return found

    def build_themes(self, *, audience: Sequence[str] = ()) -> ThemesJSON:
        built: ThemesJSON = self._post("/themes/build", {"audience": list(audience)})
        return built

    def report(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        audience: Sequence[str] = (),
        title: str | None = None,
    ) -> dict[str, Any]:
        found: dict[str, Any] = self._get("/reports", since=since, until=until, audience=list(audience), title=title)
        return found

    def report_text(
        self,
        form: Literal["html", "md", "themes.csv", "quotes.csv"],
        *,
        since: str | None = None,
        until: str | None = None,
        audience: Sequence[str] = (),
        title: str | None = None,
        language: str | None = None,
    ) -> str:
        asked = {"format": form, "since": since, "until": until, "audience": list(audience)}
        asked |= {"title": title, "language": language}
        return self._send("GET", "/reports", params=_given(asked)).text

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    def ask(self, question: str, **filters: Unpack[FiltersJSON]) -> RoutingJSON:
        """Where a question is answered already, and whom to put it to."""
        found: RoutingJSON = self._post("/ask", {"question": question, **filters})
        return found

    def person(self, person: str) -> ProfileJSON:
        found: ProfileJSON = self._get(f"/people/{_segment(person)}")
        return found

    def bridges(self, *, names: bool = False) -> BridgesJSON:
        found: BridgesJSON = self._get("/bridges", names=str(names).lower())
        return found

    # ── documents ────────────────────────────────────────────────────────────────────────────────

    def document(self, document: str) -> DocumentJSON:
        found: DocumentJSON = self._get(f"/documents/{_segment(document)}")
        return found

    def questions(
        self, *, silos: Sequence[str] = (), since: str | None = None, dismissed: bool = False, limit: int = 20
    ) -> QuestionsJSON:
        """What nobody answered."""
        asked = {"silo": list(silos), "since": since, "dismissed": str(dismissed).lower(), "limit": limit}
        found: QuestionsJSON = self._get("/questions", **asked)
        return found

    def dismiss_question(self, question: str, *, dismissed: bool = True) -> QuestionsJSON:
        verb = "dismiss" if dismissed else "reopen"
        known: QuestionsJSON = self._post(f"/questions/{_segment(question)}/{verb}", {})
        return known

    def silos(self) -> SilosJSON:
        found: SilosJSON = self._get("/silos")
        return found

    def reflect(
        self,
        text: str,
        *,
        silo: str,
        title: str | None = None,
        template: str = "open",
        author: str | None = None,
        anonymous: bool = False,
        at: str | None = None,
    ) -> ReflectionJSON:
        said = {"text": text, "silo": silo, "title": title, "template": template, "author": author, "at": at}
        made: ReflectionJSON = self._post("/reflections", {**_given(said), "anonymous": anonymous})
        return made

    def sources(self) -> SourcesJSON:
        found: SourcesJSON = self._get("/sources")
        return found

    def sync(self, source: str | None = None, *, allow_removals: bool = False) -> JobJSON:
        """Have a source read again, or all; `wait` for the job."""
        begun: JobJSON = self._post("/sources/sync", {"source": source, "allow_removals": allow_removals})
        return begun

    def quarantine(self, *, source: str | None = None) -> QuarantineJSON:
        found: QuarantineJSON = self._get("/quarantine", source=source)
        return found

    def retry_quarantine(self, ids: Sequence[str] | None = None, *, source: str | None = None) -> JobJSON:
        """Have what could not be read tried again; `wait` for the job."""
        asked = {"ids": None if ids is None else list(ids), "source": source}
        begun: JobJSON = self._post("/quarantine/retry", asked)
        return begun

    def drop_quarantine(self, ids: Sequence[str]) -> int:
        """Forget entries of quarantine; how many."""
        done: DroppedJSON = self._post("/quarantine/drop", {"ids": list(ids)})
        return done["dropped"]

    def ingest(
        self, paths: Sequence[Path], *, silo: str, readers: Sequence[str] = (), include_private: bool = False
    ) -> JobJSON:
        """Send files (an export as one zip); the job that takes them in is `wait`ed for, or looked at with `job`."""
        with ExitStack() as opened:
            files = [("files", (path.name, opened.enter_context(_open(path)))) for path in paths]
            data = {"silo": silo, "readers": list(readers), "include_private": str(include_private).lower()}
            begun: JobJSON = self._send("POST", "/ingest", files=files, data=data).json()
        return begun

    def job(self, job: str) -> JobJSON:
        found: JobJSON = self._get(f"/jobs/{_segment(job)}")
        return found

    def wait(self, job: JobJSON, *, seconds: float = 600.0) -> JobJSON:
        """Look again until the job has ended. SensemakeError when that takes longer than `seconds`."""
        ends = time.monotonic() + seconds
        while job["finished_at"] is None:
            if time.monotonic() > ends:
                raise SensemakeError(f"the job {job['id']} is still {job['status']} after {seconds:g} s; look again")
            time.sleep(POLL_SECONDS)
            job = self.job(job["id"])
        return job

    def cancel(self, job: str) -> JobJSON:
        ended: JobJSON = self._post(f"/jobs/{_segment(job)}/cancel", {})
        return ended

    # ── who may read, and who did what ───────────────────────────────────────────────────────────

    def add_silo(self, silo: str, *, readers: Sequence[str] = ()) -> SilosJSON:
        made: SilosJSON = self._post("/silos", {"silo": silo, "readers": list(readers)})
        return made

    def grant(self, silo: str, readers: Sequence[str]) -> SilosJSON:
        changed: SilosJSON = self._post("/silos/grant", {"silo": silo, "readers": list(readers)})
        return changed

    def revoke(self, silo: str, readers: Sequence[str]) -> SilosJSON:
        changed: SilosJSON = self._post("/silos/revoke", {"silo": silo, "readers": list(readers)})
        return changed

    def remove_silo(self, silo: str) -> None:
        """Forget a silo that holds no documents."""
        self._post("/silos/remove", {"silo": silo})

    def tokens(self) -> TokensJSON:
        found: TokensJSON = self._get("/tokens")
        return found

    def create_token(
        self,
        name: str,
        *,
        user: str | None = None,
        scopes: Sequence[str] = READING,
        silos: Sequence[str] | None = None,
        days: int = 90,
    ) -> CreatedTokenJSON:
        """The secret in it is shown this once."""
        limits = {"scopes": list(scopes), "silos": None if silos is None else list(silos), "days": days}
        made: CreatedTokenJSON = self._post("/tokens", {"name": name, "user": user, **limits})
        return made

    def revoke_token(self, token: str) -> TokensJSON:
        left: TokensJSON = self._post(f"/tokens/{_segment(token)}/revoke", {})
        return left

    def audit(
        self,
        *,
        action: str | None = None,
        user: str | None = None,
        about: str | None = None,
        since: str | None = None,
        last: int = 100,
    ) -> AuditJSON:
        asked = {"action": action, "user": user, "about": about, "since": since, "last": last}
        found: AuditJSON = self._get("/audit", **asked)
        return found

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _get(self, path: str, **asked: Any) -> Any:
        return self._send("GET", path, params=_given(asked)).json()

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._send("POST", path, json=_given(body)).json()

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            response = self._http.request(method, API + path, **content)
        except httpx.HTTPError as error:
            base = self._http.base_url
            raise SensemakeError(f"{base.scheme}://{base.netloc.decode()} does not answer: {error}") from error
        if response.is_success:
            return response
        raise _error_of(response)


def _error_of(response: httpx.Response) -> SensemakeError:
    """The error that a problem names, with what it says and where."""
    try:
        problem = response.json()
        kind, said = problem["type"].rpartition(":")[2], problem["detail"]
        faults = "; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in problem["errors"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return SensemakeError(
            f"the server answered {response.status_code}, and not as Sensemake does: check its address"
        )
    raised = _KINDS.get(kind, errors.UsageError if response.status_code < 500 else SensemakeError)
    return raised(f"{said} ({faults})" if faults else said)


def _family(base: type[SensemakeError]) -> Iterator[tuple[str, type[SensemakeError]]]:
    """Every error of ours by the name that it has in a problem."""
    yield base.kind(), base
    for each in base.__subclasses__():
        yield from _family(each)


_KINDS = dict(_family(SensemakeError))


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _segment(identifier: str) -> str:
    """An identifier as one step of a path, whatever is in it."""
    return quote(identifier, safe="")


def _open(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise MissingPath(f"{path} cannot be read: {error.strerror}") from error
