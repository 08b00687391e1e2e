r"""The `format`s of JSON Schema as regular languages.

Each is built on first use from the grammar of its RFC, written as an expression of
named parts. Where a rule is not regular, or its automaton would be absurdly large, the
language here is smaller than the format, never larger; each such place says so.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

from .idn import idn_hostname_pattern
from .regex_format import regex_format_pattern
from .regular.language import Language
from .regular.regex import parse_regex
from .regular.syntax import Regex

# Source: RFC 3339, section 5.6 and appendix A.
_YEAR_LEAP = (
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
)
_DATE = (
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    f"|{_YEAR_LEAP}-02-29)"
)
_HOUR, _MINUTE = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
_FRACTION = r"(?:\.[0-9]+)?"
_OFFSET = f"(?:[Zz]|[+-]{_HOUR}:{_MINUTE})"
# A leap second is 23:59:60 UTC. Accepted where the offset is zero; telling that
# 15:59:60-08:00 is the same moment would take some 300 rules.
_LEAP = f"23:59:60{_FRACTION}(?:[Zz]|[+-]00:00)"
_TIME = f"(?:{_HOUR}:{_MINUTE}:{_MINUTE}{_FRACTION}{_OFFSET}|{_LEAP})"
_DURATION = (
    "P(?:[0-9]+W|(?:[0-9]+D|[0-9]+M(?:[0-9]+D)?|[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?)(?:{t})?|{t})"
).replace(
    "{t}",
    "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)",
)

# Source: RFC 2673, section 3.2; RFC 4291, section 2.2.
_OCTET = "(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16 = "[0-9A-Fa-f]{1,4}"


def _groups(most: int) -> str:
    """One to so many groups; the last two may be written as an IPv4 address."""
    if most == 1:
        return _H16
    return f"(?:{_H16}(?::{_groups(most - 1)})?|{_IPV4})"


def _after_groups(count: int) -> str:
    """What follows the first groups: `::` once, or a colon and the next group."""
    if count == 8:
        return ""
    rest = f"(?:{_groups(7 - count)})?" if count < 7 else ""
    address = f"|{_IPV4}" if count == 6 else ""
    return f":(?::{rest}|{_H16}{_after_groups(count + 1)}{address})"


_IPV6 = f"(?:::(?:{_groups(7)})?|{_H16}{_after_groups(1)})"

# Source: RFC 3986, appendix A.
_PCT = "%[0-9A-Fa-f]{2}"
_UNRESERVED, _SUB = "-A-Za-z0-9._~", "!$&'()*+,;="


def _uri(unreserved: str, private: str, *, relative: bool) -> str:
    char = f"(?:[{unreserved}{_SUB}:@]|{_PCT})"
    segments = f"(?:/{char}*)*"
    host = rf"(?:\[(?:{_IPV6}|[vV][0-9A-Fa-f]+\.[{_UNRESERVED}{_SUB}:]+)\]" + (
        f"|(?:[{unreserved}{_SUB}]|{_PCT})*)"
    )
    user = f"(?:(?:[{unreserved}{_SUB}:]|{_PCT})*@)?"
    authority = f"//{user}{host}(?::[0-9]*)?{segments}"
    absolute = f"/(?:{char}+{segments})?"
    ending = (
        rf"(?:\?(?:[{unreserved}{private}{_SUB}:@/?]|{_PCT})*)?"
        rf"(?:#(?:[{unreserved}{_SUB}:@/?]|{_PCT})*)?"
    )
    scheme = "[A-Za-z][A-Za-z0-9+.-]*:"
    rooted = f"(?:{authority}|{absolute})"
    if not relative:
        return f"{scheme}(?:{rooted}|{char}+{segments}|){ending}"
    plain = f"(?:[{unreserved}{_SUB}@]|{_PCT})+{segments}"
    paths = f"(?:{scheme})?(?:{rooted}|)|{scheme}{char}+{segments}|{plain}"
    return f"(?:{paths}){ending}"


# Source: RFC 3987, section 2.2.
_UCS = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(
    f"{chr(plane << 16 | (0x1000 if plane == 14 else 0))}-{chr(plane << 16 | 0xFFFD)}"
    for plane in range(1, 15)
)
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"


# Source: RFC 1123, section 2.1; RFC 5891, section 4.2.3.1 (no "--" in places 3 and 4,
# which also leaves out the encoded labels xn--: their Punycode is not regular).
def _label(longest: int) -> str:
    char, end = "[A-Za-z0-9-]", "[A-Za-z0-9]"
    return (
        f"{end}(?:{end}|{char}{end}(?:{char}{{0,{longest - 4}}}{end})?"
        f"|{char}-{end}(?:{char}{{0,{longest - 5}}}{end})?)?"
    )


# At most 253 characters: three labels of any length, or ten of up to 24.
_HOSTNAME = (
    rf"(?:{_label(63)}(?:\.{_label(63)}){{0,2}}|{_label(24)}(?:\.{_label(24)}){{0,9}})"
)

# Source: RFC 5321, section 4.1.2; RFC 6531, section 3.3 for what is beyond ASCII.
_ATEXT = "-A-Za-z0-9!#$%&'*+/=?^_`{|}~"


_EMAIL_LABEL = "[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*"


def _email(beyond: str) -> str:
    atom = f"[{_ATEXT}{beyond}]+"
    quoted = rf'"(?:[ !#-\[\]-~{beyond}]|\\[ -~])*"'
    literal = rf"\[(?:{_IPV4}|[Ii][Pp][Vv]6:{_IPV6})\]"
    label = f"[A-Za-z0-9{beyond}]+(?:-+[A-Za-z0-9{beyond}]+)*"
    domain = rf"{label}(?:\.{label})*"
    return rf"(?:{atom}(?:\.{atom})*|{quoted})@(?:{domain}|{literal})"


_POINTER = "(?:/(?:[^~/]|~[01])*)*"
# Source: RFC 6570, section 2, with erratum 6937 (the apostrophe is a literal).
_VARCHAR = f"(?:[A-Za-z0-9_]|{_PCT})"
_VARSPEC = rf"{_VARCHAR}(?:\.?{_VARCHAR})*(?:\*|:[1-9][0-9]{{0,3}})?"
_TEMPLATE = (
    rf"(?:[!#$&-;=?-\[\]_a-z~{_UCS}{_PRIVATE}]|{_PCT}"
    rf"|\{{[+#./;?&=,!@|]?{_VARSPEC}(?:,{_VARSPEC})*\}})*"
).replace("$&-;", "$&'-;")

_HEX = "[0-9A-Fa-f]"
_FULL_PATTERNS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f"{_DATE}[Tt]{_TIME}",
    "duration": _DURATION,
    "email": _email(""),
    "idn-email": _email("\u0080-\ud7ff\ue000-\U0010ffff"),
    "hostname": _HOSTNAME,
    "ipv4": _IPV4,
    "ipv6": _IPV6,
    "uri": _uri(_UNRESERVED, "", relative=False),
    "uri-reference": _uri(_UNRESERVED, "", relative=True),
    "iri": _uri(_UNRESERVED + _UCS, _PRIVATE, relative=False),
    "iri-reference": _uri(_UNRESERVED + _UCS, _PRIVATE, relative=True),
    "uuid": f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",
    "json-pointer": _POINTER,
    "relative-json-pointer": f"(?:0|[1-9][0-9]*)(?:#|{_POINTER})",
    "uri-template": _TEMPLATE,
}
# What is printed where a maxLength would have to be counted in every part of the
# format: addresses without quotes or literals, URIs with an authority and no %.
_WEB = f"[a-z]{{2,10}}://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?][{_UNRESERVED}{_SUB}:@/?]*)?"
_SIMPLER = {
    "email": rf"[{_ATEXT}]+(?:\.[{_ATEXT}]+)*@{_EMAIL_LABEL}(?:\.{_EMAIL_LABEL})*",
    "uri": _WEB,
    "uri-reference": (
        f"(?:{_WEB}|/(?:[{_UNRESERVED}{_SUB}:@?][{_UNRESERVED}{_SUB}:@/?]*)?)"
    ),
}
# Where maxLength leaves room for nearly all that people write, its parts are counted
# instead of the whole: (shortest text, least room, what the other parts take, pattern).
_URI_CHAR = f"[{_UNRESERVED}{_SUB}:@/?]"
_SHORT_WEB = (
    f"[a-z]{{2,10}}://[A-Za-z0-9.-]{{1,64}}(?::[0-9]{{1,5}})?"
    f"(?:[/?]{_URI_CHAR}{{0,%d}})?"
)
_SHORT_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,29}[A-Za-z0-9])?"
_COMPACT = {
    "email": (
        *(3, 254, 254),
        rf"[{_ATEXT}]{{1,30}}(?:\.[{_ATEXT}]{{1,30}}){{0,3}}"
        rf"@{_SHORT_LABEL}(?:\.{_SHORT_LABEL}){{0,3}}",
    ),
    "uri": (6, 500, 84, _SHORT_WEB),
    "uri-reference": (
        *(1, 500, 84),
        f"(?:{_SHORT_WEB}|/(?:[{_UNRESERVED}{_SUB}:@?]{_URI_CHAR}{{0,%d}})?)",
    ),
}
_PRINTED_AS_WRITTEN = frozenset({"hostname", "idn-hostname", "regex"})

#: Names that draft 3 gave, still found in schemas that say they are draft 4.
_OLD_NAMES = {"host-name": "hostname", "ip-address": "ipv4"}


def format_language(name: str, dialect: str = "2020-12") -> Language | None:
    """The texts of a format; None when its name is unknown (a mere annotation).

    Every dialect knows every format, as validators do: people write "date" in draft 4,
    which had no such format. Draft 4 also knows two names of draft 3.

    Args:
        name: The value of the keyword `format`.
        dialect: "draft4", "draft6", "draft7", "2019-09" or "2020-12".
    """
    if dialect == "draft4":
        name = _OLD_NAMES.get(name, name)
    return _language(name)


@lru_cache(maxsize=64)
def _language(name: str) -> Language | None:
    if name == "idn-hostname":
        pattern = idn_hostname_pattern(_HOSTNAME)
    elif name == "regex":
        pattern = regex_format_pattern()
    elif name in _FULL_PATTERNS:
        pattern = _FULL_PATTERNS[name]
    else:
        return None
    as_written = name in _PRINTED_AS_WRITTEN
    language = Language.from_full_pattern(pattern, as_written=as_written)
    language = replace(language, name=name)
    if name in _SIMPLER:
        simpler = Language.from_full_pattern(_SIMPLER[name])
        language = language.with_simpler(simpler, partial(_compact, name))
    return language


@lru_cache(maxsize=64)
def _compact(name: str, low: int, high: int | None) -> Regex | None:
    shortest, room, taken, pattern = _COMPACT[name]
    if low > shortest or high is None or high < room:
        return None
    return parse_regex(pattern.replace("%d", str(high - taken)))
