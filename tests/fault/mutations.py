# SPDX-License-Identifier: Apache-2.0
"""mutations.py - random damage to a file, to its bytes and to its structure, and whether
what came of it still means the same."""
import json
import random

from aicx_scene import wire

from aicxv import strict
from aicxv.note import Note

JUNK = (None, True, 0, 1, -1, 10 ** 30, "", "x", [], {}, "0.000001", "2027-01-01T00:00:00Z")
BLANKS = b" \t\n\r"


def _at(chance, data):
    return chance.randrange(len(data))


# --- bytes ------------------------------------------------------------------------------

def flip_a_bit(chance, data):
    at = _at(chance, data)
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]


def change_a_byte(chance, data):
    at = _at(chance, data)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1:]


def change_a_letter(chance, data):
    """Into one that base64, ids and numbers have too."""
    at = _at(chance, data)
    return data[:at] + bytes([chance.choice(b"0123456789abcdefABCDEF-_.zZ")]) + data[at + 1:]


def lose_a_byte(chance, data):
    at = _at(chance, data)
    return data[:at] + data[at + 1:]


def lose_some_bytes(chance, data):
    at = _at(chance, data)
    return data[:at] + data[at + chance.randrange(1, 200):]


def repeat_some_bytes(chance, data):
    at = _at(chance, data)
    return data[:at] + data[at:at + chance.randrange(1, 200)] + data[at:]


def swap_two_bytes(chance, data):
    at = _at(chance, data[1:])
    return data[:at] + data[at + 1:at + 2] + data[at:at + 1] + data[at + 2:]


def cut_the_end(chance, data):
    return data[:_at(chance, data)]


def add_a_blank(chance, data):
    at = _at(chance, data)
    return data[:at] + bytes([chance.choice(BLANKS)]) + data[at:]


def add_a_blank_between_members(chance, data):
    """Where JSON may have one; inside of exact texts these are escaped and not hit."""
    places = [at for at in range(1, len(data) - 1) if data[at:at + 1] in b",:" and
              data[at - 1:at] in b'"}]0123456789' and data[at + 1:at + 2] in b'"{['] or [0]
    at = chance.choice(places)
    return data[:at] + bytes([chance.choice(b" \t\r")]) + data[at:]


def lose_or_swap_lines(chance, data):
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    if chance.random() < 0.5:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        del lines[one]
    return b"\n".join(lines)


# --- structure ----------------------------------------------------------------------------

def _inside(value):
    """The JSON object that a string is the exact text of, or None."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _pick(chance, value):
    """A random object or list of the whole, with the exact texts in it opened: gives it,
    and a function that writes the whole."""
    places, todo = [], [(value, lambda: value)]
    while todo:
        item, whole = todo.pop()
        if not isinstance(item, (dict, list)):
            continue
        if item:
            places.append((item, whole))
        for name, inner in item.items() if isinstance(item, dict) else enumerate(item):
            text = _inside(inner)
            if text is None:
                todo.append((inner, whole))
            else:
                todo.append((text, _rewrite(item, name, text, whole)))
    return chance.choice(places)


def _rewrite(holder, name, text, whole):
    def write():
        holder[name] = wire.dump(text)
        return whole()
    return write


def _structural(change):
    def mutate(chance, data):
        lines = data.decode().split("\n") if data[:80].find(b'"ledger"') > 0 else [data.decode()]
        at = chance.randrange(len(lines))
        try:
            value = json.loads(lines[at])
        except ValueError:
            return data
        item, whole = _pick(chance, value)
        names = list(item) if isinstance(item, dict) else list(range(len(item)))
        change(chance, item, names)
        lines[at] = wire.dump(whole())
        return "\n".join(lines).encode()
    mutate.__name__ = change.__name__
    return mutate


@_structural
def remove_a_member(chance, item, names):
    del item[chance.choice(names)]


@_structural
def replace_a_value(chance, item, names):
    item[chance.choice(names)] = chance.choice(JUNK)


@_structural
def edit_a_value(chance, item, names):
    """A number by one, a text by one character."""
    name = chance.choice(names)
    value = item[name]
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        item[name] = value[:at] + chance.choice("0123456789abcXYZ") + value[at + 1:]
    elif type(value) is int:
        item[name] = value + chance.choice((-1, 1, 1000))
    else:
        item[name] = [value]


@_structural
def swap_two_values(chance, item, names):
    one, other = chance.choice(names), chance.choice(names)
    item[one], item[other] = item[other], item[one]


@_structural
def repeat_or_move_an_item(chance, item, names):
    if isinstance(item, list):
        item.insert(chance.randrange(len(item) + 1), chance.choice(item))
    else:
        name = chance.choice(names)
        item[name] = item.pop(name)  # to the end: means nothing, but in an exact text


@_structural
def rename_a_member(chance, item, names):
    name = chance.choice(names)
    if isinstance(item, dict):
        item[name + chance.choice("_sX")] = item.pop(name)
    else:
        item.reverse()


def repeat_a_member(chance, data):
    """The same name twice in one object."""
    places = [at for at in range(len(data)) if data[at:at + 2] == b',"']
    if not places:
        return data
    at = chance.choice(places)
    end = data.find(b":", at)
    return data[:at] + data[at:end] + b":" + chance.choice([b"0", b"null", b'""']) + data[at:]


MUTATIONS = [flip_a_bit, change_a_byte, change_a_letter, lose_a_byte, lose_some_bytes,
             repeat_some_bytes, swap_two_bytes, cut_the_end, add_a_blank,
             add_a_blank_between_members, lose_or_swap_lines, remove_a_member, replace_a_value,
             edit_a_value, swap_two_values, repeat_or_move_an_item, rename_a_member,
             repeat_a_member]


def mutate(seed, data):
    """(name, damaged bytes); the damage is never nothing."""
    chance = random.Random(seed)
    while True:
        function = chance.choice(MUTATIONS)
        changed = function(chance, data)
        if changed != data and changed:
            return function.__name__, changed


# --- meaning ------------------------------------------------------------------------------

def _note(text):
    """What a checkpoint says and how its broker signed it; others may sign or not."""
    try:
        note = Note(text)
    except strict.Broken:
        return text
    return note.body, frozenset(one for one in note.signatures if one[0] == note.origin)


def _plain(value):
    """A JSON value without what means nothing: the order of registrations and offers."""
    if isinstance(value, dict):
        value = {name: _plain(item) for name, item in value.items()}
        for name in ("registrations", "offers"):
            if isinstance(value.get(name), list):
                value[name] = sorted(json.dumps(_plain(item), sort_keys=True, default=str)
                                     for item in value[name])
        for name in ("checkpoint", "from", "to"):
            if isinstance(value.get(name), str):
                value[name] = _note(value[name])
        return value
    return [_plain(item) for item in value] if isinstance(value, list) else value


def meaning(data):
    """Equal for files that mean the same, see "Form" in the protocol; None: no file."""
    try:
        text = data.decode()
        if text.startswith("aiconexus/"):
            return _note(text)
        lines = text.split("\n")
        try:
            return _plain(strict.parse(text))
        except ValueError:
            if lines[-1] == "":
                lines.pop()
            return [_plain(strict.parse(lines[0])), lines[1:-1], _plain(strict.parse(lines[-1]))]
    except (ValueError, IndexError):
        return None
