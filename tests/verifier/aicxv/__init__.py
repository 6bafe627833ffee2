# SPDX-License-Identifier: Apache-2.0
"""aicxv - a second verifier of what a broker proves, written from abi/wire alone.

    from aicxv import Trust, verify
    verdict = verify([("deal.json", data)], Trust.from_bytes(key))
    verdict.status          # GOOD, BROKEN, UNREADABLE or UNKNOWN_KEY
    verdict.lines           # what held, and the first link that did not

It shares nothing with the broker's code: the point of it is to be wrong elsewhere.
Standard library, and Ed25519 by libcrypto.
"""
from .files import Verdict, verify
from .strict import BROKEN, GOOD, UNKNOWN_KEY, UNREADABLE, Broken, Unreadable
from .trust import Trust

__all__ = ["BROKEN", "Broken", "GOOD", "Trust", "UNKNOWN_KEY", "UNREADABLE", "Unreadable",
           "Verdict", "verify"]
