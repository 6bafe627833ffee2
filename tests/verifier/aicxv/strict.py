# SPDX-License-Identifier: Apache-2.0
"""strict.py - JSON, base64, ids, times and amounts, each with one legal spelling."""
import base64
import binascii
import datetime
import functools
import json
import json.decoder
import re

GOOD, BROKEN, UNREADABLE, UNKNOWN_KEY = range(4)

DEPTH_MAX = 64
INT_MAX = 2 ** 63 - 1
FINE = 12  # amounts are kept as whole numbers of 10^-12: scale 9, and lines of a bill beyond


class Broken(Exception):
    """A link that does not hold."""


class Unreadable(Exception):
    """No file that could be verified."""


# --- JSON ------------------------------------------------------------------------

class Fraction:
    """A number with a point or an exponent: it equals only what is spelled like it."""

    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return isinstance(other, Fraction) and self.text == other.text

    def __hash__(self):
        return hash(self.text)


def _once(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name comes twice in an object")
    return members


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_once, parse_float=Fraction,
                            parse_constant=_no_constant)


def _walk(value, depth):
    if depth > DEPTH_MAX:
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode()  # refuses lone surrogates
    elif isinstance(value, dict):
        for name, item in value.items():
            _walk(name, depth)
            _walk(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _walk(item, depth + 1)


_plain = re.compile(r"[^\\]*").fullmatch


def parse(text):
    """The value of a JSON text; ValueError says why it is none."""
    try:
        value = _decoder.decode(text)
        if not _plain(text) or text.count("{") + text.count("[") > DEPTH_MAX:
            _walk(value, 1 if isinstance(value, (dict, list)) else 0)
        return value
    except RecursionError as error:
        raise ValueError("too deep") from error


def parse_object(text, what):
    """The same for an exact text inside of a file: a JSON object, or a broken link."""
    try:
        value = parse(text)
    except ValueError as error:
        raise Broken(f"{what} is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise Broken(f"{what} is no JSON object")
    return value


_blank = re.compile(r"[ \t\n\r]*")


def spans(text, at=0):
    """(name or None, start, end) of each item of the object or array at `at`; the text
    was parsed before."""
    at = _blank.match(text, at).end()
    is_object = text[at] == "{"
    at += 1
    while True:
        at = _blank.match(text, at).end()
        if text[at] in "]}":
            return
        if text[at] == ",":
            at = _blank.match(text, at + 1).end()
        name = None
        if is_object:
            name, at = json.decoder.scanstring(text, at + 1)
            at = _blank.match(text, at).end() + 1
        at = _blank.match(text, at).end()
        end = _decoder.raw_decode(text, at)[1]
        yield name, at, end
        at = end


def raw(text, *path):
    """The exact text of the value at this path of names and indexes."""
    at, end = 0, len(text)
    for step in path:
        for number, (name, start, stop) in enumerate(spans(text, at)):
            if step in (name, number if name is None else None):
                at, end = start, stop
                break
        else:
            raise Broken(f"no {path} in a record")
    return text[at:end]


# --- base64 ----------------------------------------------------------------------

@functools.lru_cache(maxsize=4096)
def b64(text, n_bytes, url=True):
    """The bytes of strict base64url, or of base64 with padding; ValueError."""
    if not isinstance(text, str) or not text.isascii():
        raise ValueError("no base64")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True) if url \
            else base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {error}") from error
    again = base64.urlsafe_b64encode(data).rstrip(b"=") if url else base64.b64encode(data)
    if again != text.encode() or len(data) != n_bytes:
        raise ValueError(f"no base64 of {n_bytes} bytes")
    return data


def to_b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# --- values ----------------------------------------------------------------------

class Money:
    """An amount in 10^-12 of its currency, and with how many decimals it was spelled."""
    __slots__ = ("fine", "currency", "decimals")

    def __init__(self, fine, currency, decimals=FINE):
        self.fine, self.currency, self.decimals = fine, currency, decimals

    def __eq__(self, other):
        return isinstance(other, Money) and (self.fine, self.currency) == (other.fine, other.currency)

    def __hash__(self):
        return hash((self.fine, self.currency))

    def __str__(self):
        whole, part = divmod(abs(self.fine), 10 ** FINE)
        return ("-" if self.fine < 0 else "") + f"{whole}.{part:012d}".rstrip("0").rstrip(".") + f" {self.currency}"

    def like(self, fine):
        return Money(fine, self.currency, self.decimals)


_amount = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,9}))?", re.ASCII).fullmatch
_line_amount = re.compile(r"-?(0|[1-9][0-9]*)(?:\.([0-9]{1,12}))?", re.ASCII).fullmatch
_code = re.compile(r"[A-Z][A-Z0-9]{1,6}", re.ASCII).fullmatch
_id = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII).fullmatch
_time = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII).fullmatch
NIL = "00000000-0000-0000-0000-000000000000"
_EPOCH = datetime.datetime(1970, 1, 1)


def _read_money(value, spelling=_amount):
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise ValueError("an amount and a currency are wanted")
    amount, currency = value["amount"], value["currency"]
    if not isinstance(amount, str) or not isinstance(currency, str) or not _code(currency):
        raise ValueError("an amount is a string and a currency a code")
    found = spelling(amount)
    if not found:
        raise ValueError(f'"{amount}" is no amount')
    decimals = found[2] or ""
    if int(found[1] + decimals) > INT_MAX * (1 if spelling is _amount else 1000):
        raise ValueError(f'"{amount}" is too much')
    fine = int(found[1] + decimals.ljust(FINE, "0"))
    return Money(-fine if amount[0] == "-" else fine, currency, len(decimals))


def _read_line_money(value):
    """Of a line of a bill: below zero too, and in parts of a minor unit."""
    return _read_money(value, _line_amount)


@functools.lru_cache(maxsize=4096)
def time_ms(text):
    """Milliseconds since 1970 of RFC 3339 in UTC."""
    found = _time(text)
    if not found:
        raise ValueError(f'"{text}" is no time')
    try:
        second = datetime.datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S")
    except ValueError as error:
        raise ValueError(f'"{text}" is no time') from error
    return int((second - _EPOCH).total_seconds()) * 1000 + int((found[2] or "0").ljust(3, "0")[:3])


def _typed(kind, name):
    def read(value):
        if type(value) is not kind:  # a bool is no int here
            raise ValueError(f"{name} is wanted")
        return value
    return read


def _read_id(value):
    if not isinstance(value, str) or not _id(value) or value == NIL:
        raise ValueError("an id is wanted")
    return value


def _read_time(value):
    if not isinstance(value, str):
        raise ValueError("a time is wanted")
    return time_ms(value)


def _read_count(value):
    if isinstance(value, str) and re.fullmatch(r"0|[1-9][0-9]{0,18}", value, re.ASCII):
        value = int(value)
    if type(value) is not int or not 0 <= value <= INT_MAX:
        raise ValueError("a whole number is wanted")
    return value


def _read_number(value):
    if type(value) is not int or not 0 <= value <= INT_MAX:
        raise ValueError("a number is wanted")
    return value


def _read_signed_count(value):
    if type(value) is not int or abs(value) > INT_MAX:
        raise ValueError("a whole number is wanted")
    return value


def _read_hash(value):
    if not isinstance(value, str):
        raise ValueError("a hash is wanted")
    return b64(value, 32)


KINDS = {
    "str": _typed(str, "a string"), "list": _typed(list, "a list"), "dict": _typed(dict, "an object"),
    "bool": _typed(bool, "true or false"), "id": _read_id, "time": _read_time,
    "int": _read_count, "number": _read_number, "line": _read_line_money, "money": _read_money, "hash": _read_hash, "any": lambda value: value,
    "balance": _read_signed_count,
}


def read(value, members, what):
    """The members that a table names: {"name": kind}; a kind that ends in ? may be absent
    or null and is then None.  Other members are passed over."""
    if not isinstance(value, dict):
        raise Broken(f"{what} is no object")
    found = {}
    for name, kind in members.items():
        item = value.get(name)
        if item is None and (name not in value or kind != "any"):
            if not kind.endswith("?"):
                raise Broken(f'{what} has no "{name}"')
            found[name] = None
            continue
        try:
            found[name] = KINDS[kind.rstrip("?")](item)
        except ValueError as error:
            raise Broken(f'{what}: "{name}": {error}') from error
    return found
