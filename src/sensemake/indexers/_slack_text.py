"""Turns Slack's markup, blocks and attachments into the words a reader saw.

The markup is that of docs.slack.dev/messaging/formatting-message-text: `<@U1>`, `<#C1|name>`, `<!here>`, `<url|label>`,
with `&amp;`, `&lt;` and `&gt;` for the three characters that it uses itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sensemake.indexers._emoji import with_emoji
from sensemake.indexers._fields import Json, objects

_TOKEN = re.compile(r"<([^<>\n]+)>")


def readable(
    markup: str, person: Callable[[str, str], str], channel: Callable[[str, str], str]
) -> tuple[str, list[str]]:
    """The text, and the ids of the users it names. `person` and `channel` give the name for an id and a label."""
    users: list[str] = []
    pieces: list[str] = []
    for number, piece in enumerate(_TOKEN.split(markup)):
        if number % 2 == 0:
            pieces.append(_unescape(piece))
            continue
        if piece.startswith("@"):
            users.append(piece[1:].partition("|")[0])
        pieces.append(_token(piece, person, channel))
    return with_emoji("".join(pieces)), list(dict.fromkeys(users))


def _token(token: str, person: Callable[[str, str], str], channel: Callable[[str, str], str]) -> str:
    target, _, label = token.partition("|")
    label = _unescape(label).strip()
    if target.startswith("@"):
        return f"@{person(target[1:], label.removeprefix('@'))}"
    if target.startswith("#"):
        return f"#{channel(target[1:], label.removeprefix('#'))}"
    if target.startswith("!"):
        return _command(target[1:], label)
    return (
        _link(_unescape(target), label)
        if re.match(r"[a-z][a-z0-9+.-]*:", target, re.IGNORECASE)
        else _unescape(f"<{token}>")
    )


def _command(target: str, label: str) -> str:
    name, _, rest = target.partition("^")
    if name == "date":
        return label
    if name == "subteam":
        return label if label.startswith("@") else f"@{label or rest.partition('^')[0]}"
    return f"@{(label or name).removeprefix('@')}"


def _link(url: str, label: str) -> str:
    bare = re.sub(r"^(?:mailto:|tel:|https?://)", "", url).rstrip("/")
    shown = url.removeprefix("mailto:").removeprefix("tel:")
    if not label or re.sub(r"^https?://", "", label).rstrip("/") == bare:
        return shown
    return f"{label} ({shown})"


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# ── blocks and attachments, as markup ────────────────────────────────────────────────────────────


_LEAVES = {
    "user": ("<@", "user_id", ">"),
    "channel": ("<#", "channel_id", ">"),
    "usergroup": ("<!subteam^", "usergroup_id", ">"),
    "broadcast": ("<!", "range", ">"),
    "emoji": (":", "name", ":"),
}
"""Rich text elements that name something: how each is written as markup."""


def blocks_markup(blocks: object) -> str:
    """The text of Block Kit blocks (docs.slack.dev/reference/block-kit), buttons left out."""
    return "\n".join(line for block in objects(blocks) if (line := _block(block)))


def attachments_markup(attachments: object) -> str:
    """What legacy attachments say: pretext, title, text and fields, or the fallback when there is none of them."""
    return "\n".join(text for attachment in objects(attachments) if (text := _attachment(attachment)))


def _attachment(attachment: Json) -> str:
    said = [_text(attachment.get(key)) for key in ("pretext", "title", "text")]
    said += [f"{_text(f.get('title'))}: {_text(f.get('value'))}" for f in objects(attachment.get("fields"))]
    said = [text for text in said if text.strip(" :")]
    return "\n".join(said) or blocks_markup(attachment.get("blocks")) or _text(attachment.get("fallback"))


def _block(block: Json) -> str:
    kind = block.get("type")
    if kind in {"section", "header", "markdown"}:
        said = [_text_object(block.get("text")), *(_text_object(field) for field in objects(block.get("fields")))]
        return "\n".join(text for text in said if text)
    if kind == "context":
        return " ".join(text for element in objects(block.get("elements")) if (text := _text_object(element)))
    if kind in {"image", "video"}:
        return _text_object(block.get("title")) or _escape(_text(block.get("alt_text")))
    return _rich(block) if kind == "rich_text" else ""


def _text_object(found: object) -> str:
    if isinstance(found, str):
        return found
    if not isinstance(found, Mapping):
        return ""
    text = _text(found.get("text"))
    return text if found.get("type") == "mrkdwn" else _escape(text)


def _rich(element: Json, depth: int = 0) -> str:
    """A rich text element; sections, list items and quotes each on lines of their own."""
    if depth > 20:
        return ""
    kind = element.get("type")
    inner = list(objects(element.get("elements")))
    if kind == "rich_text":
        return "\n".join(_rich(child, depth + 1) for child in inner)
    if kind == "rich_text_list":
        return "\n".join(f"• {_rich(child, depth + 1)}" for child in inner)
    if kind == "rich_text_preformatted":
        return f"```{''.join(_rich(child, depth + 1) for child in inner)}```"
    return "".join(_rich(child, depth + 1) for child in inner) if inner else _leaf(element)


def _leaf(element: Json) -> str:
    kind = element.get("type")
    text = _escape(_text(element.get("text")))
    if kind == "link":
        return f"<{_escape(_text(element.get('url')))}{'|' + text if text else ''}>"
    if kind == "date":
        return _escape(_text(element.get("fallback")))
    if isinstance(kind, str) and kind in _LEAVES:
        before, key, after = _LEAVES[kind]
        return f"{before}{_escape(_text(element.get(key)))}{after}"
    return text


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""
