#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""aicx_verify.py - verifies deal files, receipts, checkpoints, consistency proofs and
ledgers, one or several together, without the broker and without its code.

    aicx_verify.py FILE... [--trust FILE] [--without CHECK]

Ends with 0 good, 1 broken, 2 unreadable, 3 sound but the broker's key is unknown.
--without leaves a check out: for tests that have to see it fail.
"""
import argparse
import pathlib
import sys

from aicxv import UNREADABLE, Trust, verify


def main(args):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--trust", metavar="FILE", help="the broker's key, or what "
                        "/.well-known/aiconexus shows, with agents' keys if any are known")
    parser.add_argument("--without", action="append", default=[], metavar="CHECK")
    given = parser.parse_args(args)
    try:
        trust = Trust.from_bytes(pathlib.Path(given.trust).read_bytes()) if given.trust else Trust()
        files = [(name, pathlib.Path(name).read_bytes()) for name in given.files]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"unreadable: {error}")
        return UNREADABLE
    verdict = verify(files, trust, given.without)
    print("\n".join(verdict.lines))
    return verdict.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
