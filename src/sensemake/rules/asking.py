"""Tells a question that somebody else could answer from what only looks like one, by its form.

It would rather miss a question than take something else for one: social, rhetorical, quoted and prompting questions are
none, nor requests to do something, nor those that make sense only to who was there.
"""

from __future__ import annotations

import re

from sensemake.rules.stopwords import STOPWORDS

LONGEST = 280
"""Characters of a question; what is longer is an essay."""
WORDS, TELLING = 5, 3
"""Words of a question, and those of them that are no stop words: with fewer nobody else knows what is meant."""
POINTING = 2
"""So many more telling words when it points at what was said before ("was it …", "is that …")."""


def question_in(text: str) -> str | None:
    """The last sentence of a message that asks others something, as it stands there."""
    return next((sentence for sentence in reversed(_sentences(text)) if is_question(sentence)), None)


def is_question(sentence: str) -> bool:
    """Whether a sentence by itself asks something that somebody who was not there could answer."""
    if not sentence.rstrip(_CLOSING).endswith(_MARKS) or len(sentence) > LONGEST:
        return False
    plain = _LEAD.sub("", _NO_PROSE.sub(" ", sentence)).strip()
    if any(mark in sentence for mark in _UNSPACED):
        return len(plain) > WORDS
    words = _WORD.findall(plain.casefold())
    telling = {word for word in words if len(word) > 1 and word not in _SMALL and not word.isdigit()}
    if _SYMBOL.match(sentence) or "~~" in sentence or sentence.count("(") != sentence.count(")"):
        return False
    least = TELLING + POINTING if _POINTING.search(plain) else TELLING
    return (
        len(words) >= WORDS
        and len(telling) >= least
        and bool(_ASKING.search(plain))
        and not _NO_QUESTION.search(plain)
        and not _REQUEST.search(plain)
    )


def is_done(text: str) -> bool:
    """Whether who asked says that it is settled ("never mind", "found it", "thanks")."""
    return bool(_DONE.search(text))


def goes_on(text: str) -> bool:
    """Whether a message says something in words, and asks nothing: its author has moved on, or found out."""
    prose = _NO_PROSE.sub(" ", text)
    return not any(mark in prose for mark in _MARKS) and len(_WORD.findall(prose)) >= WORDS


def replies(text: str) -> bool:
    """Whether a message begins as an answer does ("yes", "I think", "it is")."""
    return bool(_REPLYING.match(text))


def begins_anew(text: str) -> bool:
    """Whether a message opens a subject of its own: it greets all, or asks. A mere link may well be the answer."""
    prose = _NO_PROSE.sub(" ", text)
    return any(mark in prose for mark in _MARKS) or bool(_GREETING.match(text))


def relayed(text: str) -> str:
    """Whose words an account passes on from elsewhere, when it says so (`<name> …`)."""
    found = _RELAYED.match(text)
    return found[1] if found else ""


def _sentences(text: str) -> list[str]:
    """The sentences of a message without what it quotes and without code."""
    lines = _FENCED.sub("\n", text).splitlines()
    said = [_RELAYED.sub("", line) for line in lines if not _QUOTING.match(line)]
    return [found[0].strip() for line in said for found in _SENTENCE.finditer(line) if found[0].strip()]


_MARKS = ("?", "？", "؟")
_UNSPACED = ("？",)
_CLOSING = " \t)]*_~`.!…🙏🤔🙂😅😄😊:"
_SYMBOL = re.compile(r"[\s*_]*[❓❔❗📌📣📢✅🔥🚀🗓📅🎉🔹🔸▪•👉➡]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_QUOTING = re.compile(r"\s*(?:>|&gt;|\|)")
_RELAYED = re.compile(r"<([^<>\s@#][^<>\n]{0,40})> ")
_SENTENCE = re.compile(
    r".+?(?:(?:(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\betc)[.!?？؟]|(?<=\w)…)+[)\]*_\"'”’»]*(?=\s|$)|$)"
)
_NO_PROSE = re.compile(r"<?\b\w+://\S+|`[^`\n]*`|[@#][\w.…-]+|:[a-z0-9_+-]+:")
_SMALL = frozenset().union(*STOPWORDS.values()) | frozenset(
    "also anyone anybody someone somebody thing things something anything else get got know like want guys people one "
    "ones yes ok okay please thanks hi hello hey maybe really still yet need think see say use make go would".split()
)
_LEAD = re.compile(
    r"^[\s\W]*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|gm|all|everyone|team|folks|guys|there|so|and|"
    r"but|also|ok|okay|hmm+|well|btw|by the way|just|curious|quick|question|another|one more|thing|or|then|oh|ah|yeah|"
    r"yes|no|actually|sorry|wait|now|out of curiosity|en|und|aber|maar|hallo|bonjour|hej|och|et|mais)\b"
    r"[\s,:;.!–—-]*)*",
    re.IGNORECASE,
)
_ASKING_WORDS = "|".join(
    (
        r"who|what|when|where|why|which|whose|whom|how|is|are|am|was|were|do|does|did|has|have|had|can|could|would|will",
        r"should|shall|may|might|(?:is|are|does|do|did|wo|ca|would|should|has|have)n?['’]t|(?:what|who|where|how)['’]s",
        r"any|anyone|anybody|someone|somebody",
        r"wie|wat|waar|waarom|wanneer|welke?|hoe|hoeveel|kan|kunnen|heeft|hebben|zijn|weet|moet|moeten|zou",
        r"wer|wen|wem|wo|wann|warum|wieso|welche[rsmn]?|wieviel|gibt|hat|haben|ist|sind|kann|können|weiß|soll|sollten",
        r"qui|que|quoi|quand|où|pourquoi|comment|combien|quel(?:le)?s?|est-ce|y a|peut|avez|avons|faut|quelqu['’]un",
        r"vem|vad|var|varför|hur|vilken|vilka|vilket|finns|har|är|vet|ska|borde|någon",
        r"quién|qué|cuándo|dónde|por qué|cómo|cuál|alguien|hay|puede",
    )
)
_ASKING = re.compile(
    rf"^[\W_]*(?:{_ASKING_WORDS})\b|[,;:–—(-]\s*(?:{_ASKING_WORDS})\b|\b(?:"
    r"any(?:one|body) (?:know|here|else|have|tried|seen|using|got)|any ideas?|do (?:you|we)|"
    r"does (?:any|some|the|it|this)|is there|are there|is it|can (?:i|we|you|any)|could (?:you|we|some|any)|"
    r"should (?:we|i)|how (?:do|does|can|would)|what (?:is|are|does|do|would)|why (?:is|are|do|does|did)|"
    r"where (?:is|are|can|do))\b",
    re.IGNORECASE,
)
_POINTING = re.compile(r"(?<!is )\b(?:it|that|this|they|them|those|these|above)\b", re.IGNORECASE)
_NO_QUESTION = re.compile(
    r"^[\W_]*(?:(?:is|are|was|were|do|does|did|would|should|could|ca|wo|has|have)n['’]?t\b|\(?re:? @)"
    r"|(?<!why )(?<!how )(?<!where )(?<!what )\b\w+n['’]t (?:you|we|it|they|he|she|this|that|there|i)\b"
    r"|^[\W_]*(?:are|were|did|have|had|would) you (?!all|guys|folks)|^[\W_]*(?:is|was) (?:it|this|that)\b"
    r"|^[\W_]*(?:how (?:are|is|was) (?:you|everyone|everybody|things|it going|your|the weekend)|"
    r"how['’]s (?:it|everyone|your)|what['’]?s up|what do you mean|what (?:could|can) (?:possibly )?go wrong|"
    r"who (?:knows|cares)|why not|guess what|do you (?:have|got) (?:a|some) (?:minute|min|time|moment|sec)|"
    r"are you (?:there|around|ok|okay|sure|free|kidding|serious)|is (?:any|some)(?:one|body) (?:there|here|around)|"
    r"any(?:one|body) (?:here|there|around|up for)|want to (?:join|learn|know|see|meet)|ready to|"
    r"have you ever (?:wondered|wanted)|did you know|remember when|looking (?:for|to)|interested in|"
    r"wie geht(?:['’]s| es)|hoe (?:gaat|is) het|ça va|comment (?:ça va|allez)|hur mår|hur är läget)\b"
    r"|,? (?:right|no|eh|huh|correct|yes|okay|ok|lol|yeah|isn['’]t it|don['’]t you think)\s*[?？]"
    r"|[\"'“‘«„][^\"“”«»]*\?[\"'”’»]",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:please|pls)\b|\b(?:are|is) (?:you|someone|anyone|anybody) able to\b|\b(?:be )?up for\b"
    r"|^(?:.*[,;:–—-])?[\W_]*(?:can|could|would|will|may|might)(?: be)? "
    r"(?:you|someone|somebody|anyone|anybody|the \w+) (?!explain|tell|clarify|describe|point|help|elaborate|recommend|"
    r"suggest|say|confirm|advise|know|guide|direct)"
    r"|^(?:.*[,;:–—-])?[\W_]*(?:can|could|may) (?:i|we) "
    r"(?:ask|dm|pm|call|look|take|have|review|add|update|merge|post|join|move|get|aim|please)\b"
    r"|\b(?:some|any) \S+ (?:eth|tokens?|coins?) to send\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:nvm|nevermind|never mind|figured (?:it|this|that) out|found (?:it|the (?:answer|issue|problem|reason))|"
    r"got it|solved|resolved|fixed (?:it|now)|(?:it )?works now|my bad|my mistake|ignore (?:that|this|me)|"
    r"ah,? (?:wait|ok)|i see|self-?answer|"
    r"(?:switch|move|moving|take|taking) (?:\w+ )?to (?:dms?|pms?|#\S+)|"
    r"(?:thanks|thank you|thx|ty)(?!,? in advance| for any)|laat maar|gelukt|"
    r"opgelost|hat sich erledigt|erledigt|gelöst|résolu|trouvé|löst|glöm det)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"[\s\W]*(?:hi|hello|hey|dear|gm|good (?:morning|afternoon|evening)|hallo|bonjour|hej)\b(?![\s,]*(?:@|thank))",
    re.IGNORECASE,
)
_REPLYING = re.compile(
    r"[\s\W]*(?:@\S+\s*)?(?:yes|yep|yeah|yup|no|nope|nah|sure|exactly|correct|right|indeed|not (?:yet|really|sure)|"
    r"i (?:think|believe|guess|don['’]t|would|wish|have|can|am)|i['’](?:m|d|ve|ll)|we (?:do|don['’]t|have|are|use|can)|"
    r"it(?:['’]s| is| was| should| depends)|that(?:['’]s| is)|there (?:is|are|was)|you (?:can|could|should|may|need)|"
    r"depends|afaik|"
    r"maybe|because|good (?:question|point)|hey,? just seeing|sorry|try|see|check|ja|nee|nein|oui|non|nej|doch|si)\b",
    re.IGNORECASE,
)
