"""Texts that would run, if anybody took them for markup: 120 of them, each calling `pwned()`."""

from __future__ import annotations

CALL = "window.pwned=1"
TAGS = (
    "<script>{0}</script>",
    "<img src=x onerror={0}>",
    "<svg onload={0}>",
    "<svg><script>{0}</script></svg>",
    "<svg><animate onbegin={0} attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.{0}</script>'></iframe>",
    "<iframe src='javascript:parent.{0}'></iframe>",
    "<details open ontoggle={0}>",
    "<video><source onerror={0}>",
    "<audio src=x onerror={0}>",
    "<input autofocus onfocus={0}>",
    "<select autofocus onfocus={0}>",
    "<body onload={0}>",
    "<object data='javascript:{0}'></object>",
    "<embed src='javascript:{0}'>",
    "<a href='javascript:{0}'>x</a>",
    "<form action='javascript:{0}'><button>x</button></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror={0}>",
    "<style>@import 'javascript:{0}';</style>",
    "<link rel=stylesheet href='javascript:{0}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{0}'>",
    "<base href='https://evil.example/'><img src=x onerror={0}>",
    "<template><script>{0}</script></template>",
    "<marquee onstart={0}>",
)
FRAMES = ("{0}", "\"'>{0}", "--></style></textarea></title>{0}", "</mark></bdi></div>{0}")
ADDRESSES = (
    "javascript:{0}",
    "JaVaScRiPt:{0}",
    " javascript:{0}",
    "java\nscript:{0}",
    "java\tscript:{0}",
    "\x01javascript:{0}",
    "javascript://wiki.example/%0a{0}",
    "vbscript:{0}",
    "data:text/html,<script>{0}</script>",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==",
    "blob:https://intranet.example/{0}",
    "file:///etc/passwd#{0}",
    "//evil.example/{0}",
    "https:javascript:{0}",
)
OTHERS = (
    "{{{{constructor.constructor('{0}')()}}}}",
    "${{{0}}}",
    "' onmouseover='{0}",
    '" autofocus onfocus="{0}',
    "\u2028{0}\u2029",
    "__proto__",
    "constructor",
    "toString",
    "\u202e<script>{0}</script>",
    "\x00<img src=x onerror={0}>",
)
PAYLOADS = (
    *(frame.format(tag.format(CALL)) for tag in TAGS for frame in FRAMES),
    *(address.format(CALL) for address in ADDRESSES),
    *(other.format(CALL) for other in OTHERS),
)
