"""Tells from a file's name which reader reads it, and why some files have none."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import PurePath
from typing import cast

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats import meeting_chat
from sensemake.indexers.formats.content import Content, Limits, Reader
from sensemake.indexers.formats.encoding import looks_binary
from sensemake.model import Reason

_READERS = {
    "markdown": "md markdown mdown mkd mdx rmd qmd",
    "html": "html htm xhtml",
    "plain": "txt text",
    "restructured": "rst rest",
    "latex": "tex ltx latex",
    "notebook": "ipynb",
    "word": "docx docm dotx",
    "slides": "pptx pptm potx ppsx",
    "workbook": "xlsx xlsm xltx",
    "opendocument": "odt odp ods ott",
    "epub": "epub",
    "rtf": "rtf",
    "pdf": "pdf",
    "mail": "eml",
    "outlook": "msg",
    "captions": "vtt srt sbv",
    "tables": "csv tsv",
    "data": "yaml yml json",
    "xml_text": "xml",
}
_BY_SUFFIX = {suffix: module for module, suffixes in _READERS.items() for suffix in suffixes.split()}
_OLD = "save it in the format of today (.docx, .pptx, .xlsx) and it will be read"
_UNREAD = {
    "an archive: ingest it by itself": "zip tar gz tgz bz2 tbz xz txz zst 7z rar jar war iso dmg cab",
    f"an old Office format: {_OLD}": "doc dot ppt pps xls xlt wpd wps vsd pub mpp xlsb",
    "a picture": "png jpg jpeg gif bmp tif tiff webp ico svg psd heic avif emf wmf eps ai sketch fig xcf raw cr2 nef",
    "sound or film": "mp3 wav flac ogg m4a aac wma mp4 mov avi mkv webm wmv m4v mpg mpeg",
    "a program": "exe dll so dylib bin com msi apk deb rpm class pyc pyo o a lib obj wasm node whl",
    "a database or index": "db sqlite sqlite3 mdb accdb dbf pst ost parquet feather arrow npy npz pkl pickle h5 faiss",
    "a font or other resource": "ttf otf woff woff2 eot lnk url webloc one onetoc2",
}
_WHY_UNREAD = {suffix: why for why, suffixes in _UNREAD.items() for suffix in suffixes.split()}
_TEMPLATES = frozenset({"erb", "j2", "jinja", "jinja2", "tmpl", "tpl", "liquid"})
_MAIL = re.compile(
    rb"\A(?:From |(?:Received|Return-Path|MIME-Version|Message-ID|Delivered-To|From|Date|Subject):)", re.IGNORECASE
)


def knows(name: str) -> bool:
    """Whether a file of that name has a reader of its own."""
    return _suffix(name) in _BY_SUFFIX


def reader_of(name: str) -> str | None:
    """The reader that a file's name asks for, if any."""
    return _BY_SUFFIX.get(_suffix(name))


def refuse_by_name(name: str) -> None:
    """Raises Refused for what is never read, before a byte of it is."""
    if why := _WHY_UNREAD.get(_suffix(name)):
        raise Refused(Reason.UNSUPPORTED, why)


def read(name: str, data: bytes, limits: Limits) -> Content:
    """The content of the file called `name`. Raises Refused, and whatever a parser raises on a malformed file."""
    module = _by_content(name, data) or _BY_SUFFIX.get(_suffix(name))
    if module is None and looks_binary(data):
        raise Refused(Reason.UNSUPPORTED, "it is not text, and no reader knows its name")
    return _reader(module or "plain")(data, limits)


def _by_content(name: str, data: bytes) -> str | None:
    """A mail that was saved without a suffix, as mail programs do; the chat of a meeting in a text file."""
    if _suffix(name) in {"", "txt"} and meeting_chat.looks_so(data[:20_000].decode("utf-8-sig", "replace")):
        return "meeting_chat"
    if not _suffix(name) and _MAIL.match(data) and b"\nFrom: " in b"\n" + data[:20_000]:
        return "mail"
    return None


def _reader(module: str) -> Reader:
    """Readers are loaded when the first file needs them: some bring large libraries."""
    return cast("Reader", import_module(f"{__package__}.{module}").read)


def _suffix(name: str) -> str:
    """The last suffix, or the one before it when a template's stands behind it (`page.html.erb`)."""
    suffixes = [suffix.lower().lstrip(".") for suffix in PurePath(name).suffixes]
    while len(suffixes) > 1 and suffixes[-1] in _TEMPLATES:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""
