"""What a URL of the customer's may look like, and how one is shown without its secrets."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_USERINFO = re.compile(r"([a-zA-Z]+://)([^/?#]*)@")
# Whatever may be userinfo: a password with a bare / or ? in it reaches to the last @.
_SUSPECT = re.compile(
    r"((?<=//)|^(?!\w+://))(?:[^/?#]*@|[^/?#:\[]*:(?![0-9]*(?:[/?#]|$)).*@)", re.DOTALL
)
_QUERY_VALUE = re.compile(r"(?<==)[^&#]+|(?<=[?&])[^=&#]+(?=[&#]|$)")
_VISIBLE = re.compile(r"[!-~]*")
_SCHEMELESS = re.compile(r"(?!https?:)[\w.-]+(:[0-9]+)?(/.*)?", re.DOTALL)
MASK = "***"


def flaw(url: str) -> tuple[str, str] | None:
    """What is wrong with a URL, and the remedy; None when it can be sent to.

    The problem is to be read after the URL: `has no host`.
    """
    if not _VISIBLE.fullmatch(url):
        what = "control characters" if url.isascii() and " " not in url else "characters"
        return f"has {what} that no URL may have", "percent-encode them, a space is %20"
    if _SCHEMELESS.fullmatch(url):
        return "has no scheme", "begin it with http:// or https://"
    if not url.lower().startswith(("http://", "https://")):
        return "is not an HTTP URL", "begin it with http:// or https://"
    return _flaw_of_place(url)


def _flaw_of_place(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "has a host or a port that cannot be", "write http://host:port/path"
    if not parts.hostname:
        return "has no host", "write for example http://localhost:8000/callback"
    if "%" in parts.hostname and "[" not in parts.netloc:
        return "has a host that is percent-encoded", "write it as it is"
    if port == 0 or parts.netloc.endswith(":"):
        return "has a port that cannot be", "a port is 1 to 65535"
    if "#" in url:
        return "has a fragment, which HTTP never sends", "write # as %23, or leave it out"
    return None


def masked(url: str) -> str:
    """A URL with userinfo and the values of its query hidden; good for URLs with flaws, too."""
    base, question, query = _SUSPECT.sub(f"{MASK}@", url, count=1).partition("?")
    return base + _QUERY_VALUE.sub(MASK, question + query)


def without_userinfo(url: str) -> tuple[str, tuple[str, str] | None]:
    """A URL without the `user:password@` in it, and the two apart (percent-decoded) or None."""
    match = _USERINFO.match(url)
    if match is None:
        return url, None
    user, _, password = match[2].partition(":")
    return match[1] + url[match.end() :], (unquote(user), unquote(password))


def query_values(url: str) -> frozenset[str]:
    """The values of a URL's query, as they stand there and decoded."""
    raw = _QUERY_VALUE.findall("?" + url.partition("?")[2])
    decoded = (value for _, value in parse_qsl(urlsplit(url).query))
    return frozenset(filter(None, (*raw, *decoded)))
