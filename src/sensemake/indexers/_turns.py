"""Tells questions, answers and thanks apart in a conversation, by signs that need no model.

It errs on the side of saying nothing: an opening message asks when it holds a question mark outside of links and
code or begins as a question does; whoever else writes after it answers; thanks come from the one who asked.
"""

from __future__ import annotations

import re

_NO_PROSE = re.compile(r"```.*?```|`[^`\n]*`|\b\w+://\S+", re.DOTALL)
_MARK = re.compile(r"[?？؟⁇⁈](?=[\s?？؟!\"'”’»)\]*_~.,:;]|$)|[？؟]")
_GREETING = (
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))?(?:[ ,]+(?:all|everyone|team|folks|there|@[^\s,]+))*"
)
_BEGINNINGS = (
    r"how (?:do|does|did|can|could|should|would|to|is|are|many|much|long|come)",
    r"what(?:['’]s)? (?:is|are|does|do|was|would|the)",
    r"(?:why|when) (?:is|are|do|does|did|will)",
    r"where (?:is|are|do|does|can|could)",
    r"who (?:is|are|can|knows|has)",
    r"which (?:is|are|one|of)",
    r"do (?:we|you) (?:have|know)",
    r"does (?:any|some)(?:one|body)",
    r"has any(?:one|body)",
    r"any(?:one|body) (?:know|here|have)",
    r"is there (?:a|an|any|some)",
    r"are there any",
    r"(?:can|could) (?:any|some)(?:one|body)",
)
_OPENING = re.compile(rf"\s*{_GREETING}[ ,!.:–-]*(?:{'|'.join(_BEGINNINGS)})\b", re.IGNORECASE)
_WORDS_OF_THANKS = (
    *("thanks", "thank (?:you|u)", "thx", "thnx", "ty", "tysm", "much appreciated"),
    *("merci", "danke(?:schön)?", "vielen dank", "gracias", "obrigad[oa]", "grazie", "bedankt", "dank je", "tack"),
    *("kiitos", "takk", "dzięki", "спасибо", "дякую", "ευχαριστώ", "teşekkürler"),
)
_UNSPACED_THANKS = ("谢谢", "感謝", "ありがとう", "고마워", "감사합니다", "شكرا", "תודה", "धन्यवाद", "🙏")
_THANKS = re.compile(rf"\b(?:{'|'.join(_WORDS_OF_THANKS)})\b|{'|'.join(_UNSPACED_THANKS)}", re.IGNORECASE)
_NOT_YET = re.compile(
    r"\b(?:thanks|thank you|thx)(?: for (?:any|your) help)? in advance\b|\bno,? thanks\b", re.IGNORECASE
)

THANKFUL = frozenset(
    {
        *("pray", "heart", "white_check_mark", "heavy_check_mark", "raised_hands", "bow", "man-bowing", "woman-bowing"),
        *(
            "thankyou",
            "thank_you",
            "thanks",
            "ty",
            "thx",
            "heart_eyes",
            "heavy_heart_exclamation",
            "ballot_box_with_check",
        ),
        *("🙏", "❤️", "❤", "✅", "✔️", "🙌", "🙇"),
    }
)
"""Reactions by which the one who asked says that it helped."""


def asks(text: str) -> bool:
    """Whether an opening message is a question."""
    prose = _NO_PROSE.sub(" ", text)
    return bool(_MARK.search(prose) or _OPENING.match(prose))


def thanks(text: str) -> bool:
    """Whether a message thanks somebody for what was done (not "thanks in advance")."""
    return bool(_THANKS.search(_NOT_YET.sub(" ", text)))


def is_thankful(reaction: str) -> bool:
    """Whether a reaction, by name or character, says thanks; a skin tone (`pray::skin-tone-3`) does not matter."""
    return reaction.split("::", 1)[0].strip(":") in THANKFUL
