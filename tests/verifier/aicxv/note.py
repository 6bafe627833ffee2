# SPDX-License-Identifier: Apache-2.0
"""note.py - a checkpoint: what it says and who signed it."""
import base64
import re

from . import crypto
from .strict import INT_MAX, Broken, b64

_size = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII).fullmatch
_origin = re.compile(r"aiconexus/([0-9a-f-]{36})/0(?:-([2-9]|[1-9][0-9]+))?", re.ASCII).fullmatch
_signature = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})").fullmatch
SIGNATURES_MAX = 64


class Note:
    """origin, size and root of a note, and its signature lines."""

    def __init__(self, text):
        if not isinstance(text, str) or not text.endswith("\n") or \
                re.search("[\x00-\x09\x0b-\x1f]", text):
            raise Broken("the checkpoint is no note")
        body, blank, tail = text.rpartition("\n\n")
        if not blank:
            raise Broken("the checkpoint is not signed")
        self.text = text
        self.body = body + "\n"
        lines = body.split("\n")
        if len(lines) < 3 or "" in lines:
            raise Broken("the checkpoint lacks origin, size or root")
        self.origin = lines[0]
        if not _size(lines[1]) or int(lines[1]) > INT_MAX:
            raise Broken("the checkpoint's size is no number")
        self.size = int(lines[1])
        try:
            self.root = b64(lines[2], 32, url=False)
        except ValueError as error:
            raise Broken(f"the checkpoint's root: {error}") from error
        self.signatures = [self._signature(line) for line in tail[:-1].split("\n")]
        if len(self.signatures) > SIGNATURES_MAX:
            raise Broken("the checkpoint has too many signatures")
        found = _origin(self.origin)
        if not found:
            raise Broken(f'the origin "{self.origin}" is not that of a broker')
        self.broker_id = found[1]

    @staticmethod
    def _signature(line):
        found = _signature(line)
        try:
            data = base64.b64decode(found[2], validate=True)
            if base64.b64encode(data).decode() != found[2] or len(data) < 5:
                raise ValueError
        except (ValueError, TypeError) as error:
            raise Broken("a signature line of the checkpoint is malformed") from error
        return found[1], data[:4], data[4:]

    def signed_by(self, public):
        """One of the signatures is the origin's own under this key."""
        hint = crypto.sha256(self.origin.encode() + b"\n\x01" + public)[:4]
        mine = [signature for name, key_hash, signature in self.signatures
                if name == self.origin and key_hash == hint]
        return bool(mine) and all(len(signature) == 64 and crypto.signed_by(
            public, self.body.encode(), signature) for signature in mine)
