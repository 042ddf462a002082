"""Sets aside what a mail repeats: quoted text and its attributions, signatures, footers of lists.

Every line stays that neither begins with a quote mark nor stands in a block recognised here: an attribution above a
quote, a signature below `-- ` (RFC 3676, 4.3), an original below its header, a list's footer, PGP's armour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

_QUOTE = re.compile(r"[ \t]{0,3}(?:>|[A-Za-z]{1,12}>(?=[ >]|$))|[ \t]{0,8}[A-Z]{2,5}>(?=[ >]|$)")
_CONSOLE = re.compile(r">>>(?: \S.*|)$")
_PROMPT = re.compile(r">>> [\w#@(\[{'\"]")
_SNIP = re.compile(r"\s*[\[<(]?\s*(?:\.\.\.+|…|snip(?:ped)?|cut|deleted)\s*[\])>]?\s*", re.IGNORECASE)
_WROTE = (
    r"wrote|writes|said|schrieb|schreibt|a écrit|écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał(?:\(a\))?"
    r"|kirjoitti|пишет|писал(?:\(а\))?|написал(?:\(а\))?|写道"
)
_ATTRIBUTION = re.compile(rf"^(?=.{{1,200}}$).*\b(?:(?:{_WROTE})\b[^\n]{{0,60}}[:：]|wrote)\s*$", re.IGNORECASE)
_OPENING = re.compile(
    r"\s*(?:(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|At|Quoting)\b.*\d|In (?:article|message)\b|\d{4}-\d\d-\d\d"
    r"|\d{1,2} \w{3,9} \d{4})"
)
_ORIGINAL = re.compile(
    r"\s*(?:-{2,}|_{2,})\s*(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d['’]origine"
    r"|Mensaje original|Messaggio originale|Oorspronkelijk bericht|Reply message)\s*(?:-{2,}|_{2,})?\s*",
    re.IGNORECASE,
)
_FIELD = r"[*_]?(?:{})\s?:[*_]?\s*\S"
_FROM = re.compile(r"\s*" + _FIELD.format("From|Von|De|Da|Van|Från|Fra|Od|От|发件人|差出人"))
_OTHER_FIELD = re.compile(
    r"\s*"
    + _FIELD.format(
        "Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Fecha|Para|Asunto|Inviato|A|Oggetto"
        "|Verzonden|Aan|Onderwerp|Skickat|Till|Ämne|Sendt|Til|Emne|Data|Do|Temat|Дата|Кому|Тема"
    )
)
_SIGNATURE = re.compile(r"--[ \t]?$")
_LONGEST_SIGNATURE = 12
_RULE = re.compile(r"\s*(?:_{20,}|-{20,}|={20,}|\*{20,}|#{20,})\s*$")
_FOOTER = re.compile(
    r"mailing list|listinfo|unsubscribe|list archives?:|do you yahoo|yahoo!|get your free|msn (?:photos|hotmail)"
    r"|this e-?mail (?:was|is) (?:sent|subject)|groups\.google\.com",
    re.IGNORECASE,
)
_LONGEST_FOOTER = 10
_LAST_WORDS = re.compile(
    r"\s*(?:Sent from my \w[\w ]{0,30}|Get Outlook for \w+.*|Von meinem \w+ gesendet|Envoyé de mon \w+)\s*\.?\s*$",
    re.IGNORECASE,
)
_UNSUBSCRIBE = re.compile(
    r"\s*(?:To unsubscribe from\b|You received this message because you are subscribed to)", re.IGNORECASE
)
_DISCLAIMER = re.compile(
    r"\s*\W*(?:This|The information (?:contained )?in this|The contents of this) (?:e-?mail|message|communication)"
    r"\b.*\b(?:confidential|privileged|intended)",
    re.IGNORECASE | re.DOTALL,
)
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash: [^\n]*\n|NotDashEscaped: [^\n]*\n)*\n?")
_ARMOUR = re.compile(
    r"^-----BEGIN (PGP SIGNATURE|PGP PUBLIC KEY BLOCK)-----\n.*?^-----END \1-----[ \t]*\n?", re.MULTILINE | re.DOTALL
)
_UUENCODED = re.compile(
    r"^begin(?:-base64)? [0-7]{3,4} (?P<name>[^\n]+)\n(?:[!-`]{1,62}\n)+?(?:end|====)[ \t]*$", re.MULTILINE
)
_SCRUBBED = re.compile(
    r"^-{10,} next part -{10,}\n"
    r"(?:(?!-{10,} next part)[^\n]*(?:was )?scrubbed[^\n]*\n(?P<about>(?:[^\n]*\S[^\n]*\n?)*))?",
    re.MULTILINE,
)
_NAME = re.compile(r"^Name: (?P<name>[^\n]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's own words, and how many characters of it were set aside as quotes and as signatures or footers."""

    own: str
    quoted: int = 0
    signature: int = 0


def own_words(text: str, *, is_reply: bool = True, is_forward: bool = False) -> Words:
    """What its author wrote in this mail.

    What somebody forwards is told nowhere else, so it stays; so does, but in a reply, what stands below a mere header.
    """
    plain = _unarmoured(text)
    lines = plain.split("\n")
    end = len(lines) if is_forward else _original(lines, is_reply=is_reply)
    kept, cut = lines[:end], lines[end:]
    if cut and not any(line.strip() and not _QUOTE.match(line) for line in kept):
        kept, cut = lines, []  # the answers stand in the copy of what they answer
    quotes = _quoted(kept)
    said = [line for line, is_quote in zip(kept, quotes, strict=True) if not is_quote]
    below = _signature(said)
    own = "\n".join(said[:below]).strip("\n")
    quoted = sum(len(line) for line, is_quote in zip(kept, quotes, strict=True) if is_quote) + _length(cut)
    return Words(re.sub(r"\n{3,}", "\n\n", own).rstrip(), quoted, len(text) - len(plain) + _length(said[below:]))


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) for line in lines)


def _unarmoured(text: str) -> str:
    """Without signatures in code; of what is attached inside the text only the name."""
    text = _ARMOUR.sub("", _SIGNED.sub("", text))
    return _SCRUBBED.sub(_scrubbed, _UUENCODED.sub(lambda found: f"Attachment: {found['name'].strip()}", text))


def _scrubbed(found: re.Match[str]) -> str:
    """What Mailman leaves of an attachment that it took out."""
    name = _NAME.search(found["about"] or "")
    return f"Attachment: {name['name'].strip()}\n" if name else ""


def _original(lines: Sequence[str], *, is_reply: bool) -> int:
    """Where a copy of the mail that is answered begins: below its own line, or as a header."""
    for number, line in enumerate(lines):
        if _ORIGINAL.fullmatch(line) and _is_header(lines, number + 1):
            return number
        if is_reply and _FROM.match(line) and _is_header(lines, number):
            above = number
            while above > 0 and (not lines[above - 1].strip() or _RULE.match(lines[above - 1])):
                above -= 1
            return above
    return len(lines)


def _is_header(lines: Sequence[str], start: int) -> bool:
    """A sender and two more fields within the next few lines (a long list of addressees goes on below)."""
    near = [line for line in lines[start : start + 10] if line.strip()][:7]
    return bool(near) and bool(_FROM.match(near[0])) and sum(map(bool, map(_OTHER_FIELD.match, near[1:]))) >= 2


def _quoted(lines: Sequence[str]) -> list[bool]:
    """Which lines are quotes or say whose words the next quote are."""
    marks = [bool(_QUOTE.match(line)) for line in lines]
    start = 0
    for is_quote, run in groupby(marks):
        stop = start + len(list(run))
        if is_quote and _is_console(lines[start:stop]):
            marks[start:stop] = [False] * (stop - start)
        start = stop
    for number in range(1, len(lines)):
        if marks[number] and _QUOTE.match(lines[number]) and not marks[number - 1]:
            for above in _attribution(lines, marks, number):
                marks[above] = True
    return marks


def _is_console(block: Sequence[str]) -> bool:
    """What was typed at Python's prompt is somebody's own."""
    return all(map(_CONSOLE.match, block)) and any(map(_PROMPT.match, block))


def _attribution(lines: Sequence[str], marks: Sequence[bool], quote: int) -> range:
    """The lines above a quote that say who wrote it: one to three, an empty line or `[...]` may stand between."""
    last = quote - 1
    while last >= 0 and last >= quote - 3 and (not lines[last].strip() or _SNIP.fullmatch(lines[last])):
        last -= 1
    if last < 0 or marks[last] or not _ATTRIBUTION.search(lines[last]):
        return range(0)
    for first in range(last, max(last - 3, -1), -1):
        if not lines[first].strip() or marks[first]:
            break
        if _OPENING.match(lines[first]):
            return range(first, quote)
    return range(last, quote)


def _signature(lines: Sequence[str]) -> int:
    """Where signature and footers begin: each is the last thing in what is left, however many there are."""
    end = len(lines)
    while True:
        while end and not lines[end - 1].strip():
            end -= 1
        shorter = min(_footer(lines, end), _below_dashes(lines, end), _paragraph(lines, end))
        if shorter == end:
            return end
        end = shorter


def _footer(lines: Sequence[str], end: int) -> int:
    for number in range(end - 1, max(end - _LONGEST_FOOTER - 1, -1), -1):
        below = "\n".join(lines[number + 1 : end])
        if _RULE.match(lines[number]) and (not below.strip() or _FOOTER.search(below)):
            return number
    return end


def _below_dashes(lines: Sequence[str], end: int) -> int:
    for number in range(end - 1, max(end - _LONGEST_SIGNATURE - 2, -1), -1):
        if _SIGNATURE.match(lines[number]):
            return number
    return end


def _paragraph(lines: Sequence[str], end: int) -> int:
    """The last paragraph, when it is what a program or a lawyer put there."""
    start = end
    while start > 0 and lines[start - 1].strip():
        start -= 1
    text = "\n".join(lines[start:end])
    if _UNSUBSCRIBE.match(text) or _DISCLAIMER.match(text):
        return start
    return end - 1 if end and _LAST_WORDS.match(lines[end - 1]) else end
