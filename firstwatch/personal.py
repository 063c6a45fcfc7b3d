"""What personal data looks like in a line: numbers, addresses, payloads and quotations."""

import re
from collections.abc import Callable
from typing import Final

PSEUDONYM: Final = re.compile(
    r"(?:phone|mail|company|name|wamid)·[0-9a-f]{4}|text·[0-9a-f]{4}(?: \(\d+ characters\))?"
)
"""What was masked already."""

_DASH = "[-\u2010-\u2015\u2212]"
_NEAR = rf"(?:\s|\.|{_DASH}|\)\s?{_DASH}?|\s?\(|%20)?"
_FAR = rf"(?:[\s.()/]|{_DASH}|%20|%28|%29){{0,3}}"
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

NUMBER: Final = re.compile(
    rf"""(?P<kept>
          (?<![\w.]) (?:
              {_ID}(?!\w)
            | \d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}})?(?![\w.]\d)  # 10.120.130.140:5432
            | \d{{4}}-\d\d-\d\d(?:[T ]\d\d(?=[:\s.,;)]|$))?(?![\d-])  # 2026-11-24 08:27
            | \d\d?([./-])\d\d?\2(?:19|20)\d\d(?!\d)                 # 24.11.2026
            | (?:19|20)\d\d-(?:19|20)\d\d(?![-\d])                   # 2026-2027
            | \d+\.\d+(?![\d.-]|\ ?\d)                               # 1204.567
            | \d{{1,2}}(?:\ \d{{3}}){{2}}(?![ .-]?\d|[\w(])            # 12 204 567
          )
          | (?<!\w)(?:n=|\#|ids?\ )\d{{1,9}}(?!\d)                   # n=1234567
        )
      | (?P<phone>
            (?:\+|%2[Bb]|\\u002[Bb]) (?: \d{{8,15}}(?!\d) | \s?\(?\d(?:{_FAR}\d){{6,}} )
          | (?:(?<!\w)|(?<=%[0-9A-Fa-f]{{2}})) (?:
                \d{{10,15}} (?!\w)
              | \(?\d(?:{_NEAR}\d){{6,}} (?:(?!\w)|(?=x\d|ext\b))
            )
          | (?<=_)\d{{10,15}}(?!\w)
          | \+\d[\d\ ()-]{{2,}}(?=…)
        )""",
    re.VERBOSE,
)
"""Numbers of a phone, and other numbers that must not be taken for one."""

DIGITS: Final = re.compile(r"\d(?:[^\dA-Za-z]{0,3}\d){6}|\+\d")
"""Without so many no number is one of a phone."""

_LOCAL = r"[\w.!#$&*+=?^{|}~-]"
MAIL: Final = re.compile(
    rf"(?<!://)(?<!{_LOCAL})(?!\d+(?:@|%40)(?:c|g)\.us\b|\d+(?:@|%40)s\.whatsapp\.net\b)"
    rf"{_LOCAL}+(?:@|%40)[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+"
    rf"|(?<!://)(?<!{_LOCAL}){_LOCAL}+@[\w.-]*(?=…)"
)
"""Mail addresses; what WhatsApp calls a phone, `15550100@c.us`, is none."""

WAMID: Final = re.compile(r"\bwamid\.[\w+/=-]{8,}")
"""Ids of WhatsApp: the number of the other side is in them."""

_KEYS_OF_TEXT = (
    "content|processed_message_content|body|text|caption|conversation|snippet|preview|"
    "message_?text|last_?message|message_?body|message_?content|subject|description|comments?"
)
_KEYS_OF_NAMES = (
    "name|(?:first|last|full|display|contact|sender|customer|lead|push|user|available|verified|"
    "company|business|profile|middle)_?name"
)
_STRING = r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|`[^`]*`?"
CONTENT: Final = re.compile(
    rf"""(?P<before>(?<![\w.-])\\*["']?(?:(?P<content>{_KEYS_OF_TEXT})|(?P<named>{_KEYS_OF_NAMES}))
        \\*["']?\s*:\s*)
        (?P<value>\\+"(?:(?!\\+").)*(?:\\+")?|(?:{_STRING})(?:\s*\+\s*(?:{_STRING}))*)""",
    re.VERBOSE | re.IGNORECASE,
)
"""A key of a payload that holds what somebody wrote, or a name, with its quoted value."""

QUOTE: Final = re.compile("[\"'`“„«‘]")

QUOTED: Final = re.compile(
    r"\"([^\"]*)(?:\"|$)|“([^”]*)(?:”|$)|„([^“”]*)(?:[“”]|$)|«([^»]*)(?:»|$)|‘([^’]*)’(?!\w)"
    r"|(?<!\w)'((?:[^']|(?<=\w)'(?=\w))*)'(?!\w)"
)
"""What stands in quotes; a cut may have taken the closing one."""


def is_phrase(text: str) -> bool:
    """Whether a quotation is somebody's words: more than one, or one that is no identifier."""
    words = re.findall(r"[^\W\d_]+", text)
    return (len(words) > 1 < len(text.split())) or any(not word.isascii() for word in words)


def mails(text: str, pseudonym: Callable[[str], str]) -> str:
    """The text with every mail address replaced."""
    if "@" not in text and "%40" not in text:
        return text
    return MAIL.sub(lambda found: pseudonym(found[0].replace("%40", "@").lower()), text)
