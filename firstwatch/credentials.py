"""Credentials out of free text: what names itself a secret, or has the shape of one."""

import re

_NAMED = re.compile(
    r"""(?P<name>(?:authorization|cookie|token|secret|passw(?:or)?d|pwd|api[_-]?key|private[_-]?key"""
    r"""|access[_-]?key|signature|credential)[\w-]{0,40}\\?["'`]?\s*(?:=>|[:=])\s*)"""
    r"""(?:\\?"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|`[^`]*(?:`|$)"""
    r"""|(?:(?:bearer|basic|token)\s+)?[^\s,;&"'`)}\]]+)""",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(?P<name>(?:bearer|basic(?=\s+\S*[\d=]))\s+)[\w.~+/=-]{6,}", re.IGNORECASE)
_SHAPED = re.compile(
    r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"  # a JSON web token
    r"|\b(?:[spr]k_(?:live|test)_|whsec_|gh[opsu]_|github_pat_|xox[abprs]-|glpat-|AKIA|EAA)[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*"
)
_USER = re.compile(r"(?P<name>\b\w{2,20}://)[^\s/'\"]*@")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")


def without_credentials(text: str) -> str:
    """The text with passwords, tokens, keys, and addresses of mail replaced by an ellipsis."""
    text = _USER.sub(r"\g<name>…@", text)
    text = _NAMED.sub(r"\g<name>…", text)
    text = _SCHEME.sub(r"\g<name>…", text)
    return _MAIL.sub("…@…", _SHAPED.sub("…", text))
