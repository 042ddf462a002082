"""Reads `entities.xml` of a Confluence export: the objects of its database, joined to pages and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape

from selectolax.lexbor import LexborHTMLParser

from sensemake.indexers import _dates
from sensemake.indexers._export import Export
from sensemake.indexers._wiki import LeftOut, Page
from sensemake.indexers._xml_stream import Node, elements
from sensemake.indexers.formats.content import Content, Section
from sensemake.indexers.formats.html_text import sections
from sensemake.model import ReadFailure, Reason

_KINDS = frozenset({"Page", "BlogPost", "Comment"})
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]\s?>", re.DOTALL)
_USER = re.compile(r"<ri:user\b[^>]*?ri:(?:userkey|username|account-id)=\"([^\"]*)\"[^>]*/?>(?:</ri:user>)?")
_TITLED = re.compile(
    r"<ri:(?:page|blog-post)\b[^>]*?ri:content-title=\"([^\"]*)\"[^>]*/?>(?:</ri:(?:page|blog-post)>)?"
)
_LINK = re.compile(r"<ac:link\b[^>]*>(.*?)</ac:link>", re.DOTALL)
_LABEL = re.compile(r"<ac:(?:plain-text-)?link-body>(.*?)</ac:(?:plain-text-)?link-body>", re.DOTALL)
_CODE = re.compile(r"<ac:plain-text-body>(.*?)</ac:plain-text-body>", re.DOTALL)
_TITLE = re.compile(r"<ac:parameter ac:name=\"title\">(.*?)</ac:parameter>", re.DOTALL)
_UNSEEN = re.compile(
    r"<ac:(?:parameter|placeholder|task-id|task-uuid|task-status)\b[^>]*>.*?</ac:[\w-]+>|"
    r"<(?:ac|ri):[\w-]+\b[^>]*/>|<ri:[\w-]+\b[^>]*>",
    re.DOTALL,
)
_TASK = re.compile(r"<(/?)ac:task>")
_OTHERS = re.compile(r"<(/?)(?:ac|ri):[\w-]+\b[^>]*>")
_HEADING = re.compile(r"^h([1-6])\.\s+(.*)$")


@dataclass(slots=True)
class _Space:
    """What an export has said so far, by the numbers and keys of its database."""

    content: dict[str, Node] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    spaces: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    labelled: list[tuple[str, str]] = field(default_factory=list)
    restricted: set[str] = field(default_factory=set)


def pages(export: Export, name: str) -> Iterator[Page | ReadFailure]:
    """Current pages and posts with the comments below them."""
    space = _Space()
    for item in elements(export.chunks(name), frozenset({"object"})):
        if isinstance(item, Exception):
            yield ReadFailure(name, Reason.MALFORMED, "it is cut short or is no XML from some place on", uri="page/")
        else:
            _take(item, space)
    yield from _joined(space, name)


def _take(node: Node, space: _Space) -> None:
    kind, key = node.attributes.get("class", ""), _id(node)
    if kind in _KINDS:
        space.content[key] = node
    elif kind == "BodyContent":
        body = _property(node, "body")
        owner = _reference(node, "content")
        space.bodies[owner] = body if _property(node, "bodyType") != "0" else _from_markup(body)
    elif kind == "ConfluenceUserImpl":
        space.names.setdefault(key, _property(node, "fullName") or _property(node, "name"))
        if email := _property(node, "email"):
            space.emails[key] = email
    elif kind == "InternalUser":
        space.names[_property(node, "name")] = _property(node, "displayName") or _property(node, "name")
        space.emails[_property(node, "name")] = _property(node, "emailAddress")
    elif kind == "Space":
        space.spaces[key] = _property(node, "name") or _property(node, "key")
    elif kind == "Label":
        space.labels[key] = _property(node, "name")
    elif kind == "Labelling":
        space.labelled.append(
            (_reference(node, "content") or _reference(node, "labelableContent"), _reference(node, "label"))
        )
    elif kind == "ContentPermissionSet" and _property(node, "type").lower() == "view":
        space.restricted.add(_reference(node, "owningContent"))


def _joined(space: _Space, member: str) -> Iterator[Page | ReadFailure]:
    left_out = LeftOut()
    comments: dict[str, list[Node]] = {}
    for node in space.content.values():
        if node.attributes["class"] == "Comment" and _is_current(node):
            owner = _reference(node, "containerContent") or _reference(node, "content") or _reference(node, "owner")
            comments.setdefault(owner, []).append(node)
    for key, node in space.content.items():
        if node.attributes["class"] == "Comment":
            continue
        if not _is_current(node):
            left_out.add("old versions, drafts and deleted pages")
        elif _is_restricted(key, space):
            left_out.add("pages that only some may view")
        else:
            below = [
                n for n in comments.get(key, []) if _person(n, "creator", space) or not _person(node, "creator", space)
            ]
            for _ in range(len(comments.get(key, [])) - len(below)):
                left_out.add("comments of which nothing tells who wrote them")
            yield _page(key, node, below, space, member)
    yield from left_out.failures(member)


def _page(key: str, node: Node, comments: list[Node], space: _Space, member: str) -> Page | ReadFailure:
    found = [*_sections(key, space), *(s for n in sorted(comments, key=_created) for s in _comment(n, space))]
    if not any(section.text.strip() or section.heading for section in found):
        return ReadFailure(member, Reason.EMPTY, "a page has no text", f"id={key}", f"page/{key}")
    author = _person(node, "creator", space)
    editor = _person(node, "lastModifier", space)
    told: dict[str, object] = {"title": _property(node, "title"), "created": _time(node, "creationDate")}
    told |= {"updated": _time(node, "lastModificationDate")}
    told |= {"author": [author]} if author else {}
    told |= {"editor": [editor]} if editor and editor != author else {}
    tags = [space.labels.get(label, "") for owner, label in space.labelled if owner == key]
    told |= {"tags": ", ".join(filter(None, tags))} if any(tags) else {}
    home = space.spaces.get(_reference(node, "space"), "")
    told |= {"space": home} if home else {}
    return Page(f"page/{key}", member, Content(tuple(found)), told)


def _sections(key: str, space: _Space) -> list[Section]:
    body = _as_html(space.bodies.get(key, ""), space)
    tree = LexborHTMLParser(body) if body.strip() else None
    return sections(tree.body) if tree is not None and tree.body is not None else []


def _comment(node: Node, space: _Space) -> Iterator[Section]:
    person = _person(node, "creator", space)
    text = "\n\n".join(section.text for section in _sections(_id(node), space) if section.text.strip())
    if text:
        section = Section(text, locator=f"comment={_id(node)}", headings=("Comments",))
        name = (
            f"{person['name']} <{person['email']}>"
            if person and person.get("email")
            else (person or {}).get("name", "")
        )
        yield replace(section, author=name, time=_dates.parse(_time(node, "creationDate")))


def _person(node: Node, role: str, space: _Space) -> dict[str, str] | None:
    """A person by name, with the address where the export has it; older exports name users, newer ones keys."""
    key = _reference(node, role) or _property(node, f"{role}Name")
    name = space.names.get(key, "" if _reference(node, role) else key)
    shown, email = space.names.get(name, name), space.emails.get(key) or space.emails.get(name, "")
    if not shown:
        return None
    return {"name": shown, "email": email} if email else {"name": shown}


def _is_current(node: Node) -> bool:
    status = _property(node, "contentStatus") or "current"
    return status == "current" and not _reference(node, "originalVersion") and not _property(node, "originalVersionId")


def _is_restricted(key: str, space: _Space) -> bool:
    """A restriction holds for everything below the page that has it."""
    seen: set[str] = set()
    while key and key not in seen:
        if key in space.restricted:
            return True
        seen.add(key)
        node = space.content.get(key)
        key = _reference(node, "parent") if node is not None else ""
    return False


def _as_html(body: str, space: _Space) -> str:
    """Confluence's storage format as HTML: macros give their bodies, links their words, mentions their names."""
    body = _CDATA.sub(lambda m: escape(m[1]), body)
    body = _USER.sub(lambda m: escape(space.names.get(space.names.get(m[1], m[1]), space.names.get(m[1], ""))), body)
    body = _LINK.sub(_link, body)
    body = _CODE.sub(r"<pre>\1</pre>", body)
    body = _TITLE.sub(r"<p><strong>\1</strong></p>", body)
    body = _TASK.sub(r"<\1li>", body)
    body = _UNSEEN.sub(" ", body)
    return _OTHERS.sub(r"<\1div>", body)


def _link(match: re.Match[str]) -> str:
    label = _LABEL.search(match[1])
    if label:
        return label[1]
    titled = _TITLED.search(match[1])
    return titled[1] if titled else _UNSEEN.sub(" ", match[1])


def _from_markup(body: str) -> str:
    """The markup of before 2011: its headings are told, the rest is read as it stands."""
    blocks = []
    for line in body.split("\n"):
        match = _HEADING.match(line)
        blocks.append(f"<h{match[1]}>{escape(match[2])}</h{match[1]}>" if match else escape(line) or "</p><p>")
    return "<p>" + "\n".join(blocks) + "</p>"


def _id(node: Node) -> str:
    found = node.find("id")
    return found.words.strip() if found is not None else ""


def _property(node: Node, name: str) -> str:
    return next((p.words.strip() for p in node.all("property") if p.attributes.get("name") == name), "")


def _reference(node: Node, name: str) -> str:
    """The id of the object that a property points to."""
    found = next((p for p in node.all("property") if p.attributes.get("name") == name), None)
    return _id(found) if found is not None else ""


def _time(node: Node, name: str) -> str:
    return _property(node, name)[:19]


def _created(node: Node) -> str:
    return _property(node, "creationDate")
