# SPDX-License-Identifier: Apache-2.0
"""runner.py - runs the scenes of a file, a line for each, and what they check with.

A scene is a function under @scene whose name reads as a sentence.  Whatever
it opened through `using` is closed after it, good or bad.
"""
import contextlib
import faulthandler
import os
import signal
import sys
import time
import traceback

from .openapi import Described
from .patience import Late

# A scene that takes longer has failed; a kill takes up to a second.
SCENE_SECONDS = int(os.environ.get("SCENE_SECONDS", "300")) + int(os.environ.get("KILLS") or "0")
_scenes = []
_open = contextlib.ExitStack()


class Skip(Exception):
    """What the scene needs is not here."""


def scene(function):
    _scenes.append(function)
    return function


def using(thing):
    """Enters a context manager that ends with the scene."""
    return _open.enter_context(thing)


def skip(why):
    raise Skip(why)


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what or 'value'}: {actual!r} is not {expected!r}")


def that(fact, what):
    if not fact:
        raise AssertionError(what)


def refused(error, function, *args, **named):
    """function(*args) must raise this error, which is returned."""
    try:
        result = function(*args, **named)
    except error as raised:
        return raised
    raise AssertionError(f"{getattr(function, '__name__', function)} gave {result!r}, not a refusal")


def _alarm(_number, _frame):
    raise Late(f"the scene took more than {SCENE_SECONDS} s")


def _play(function):
    """Runs one scene; gives its line and whether it is good."""
    name = function.__name__.replace("_", " ")
    start = time.monotonic()
    signal.alarm(SCENE_SECONDS)
    try:
        with _open:
            function()
    except Skip as why:
        return f"skipped: {why} - {name}", True
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc(file=sys.stdout)
        return f"not ok - {name}", False
    finally:
        signal.alarm(0)
    return f"ok - {name} ({(time.monotonic() - start) * 1000:.0f} ms)", True


def main(title, words=None):
    """Runs the scenes whose name contains one of the words (default: the arguments)."""
    faulthandler.enable()
    signal.signal(signal.SIGALRM, _alarm)
    words = sys.argv[1:] if words is None else words
    print("#", (title or "").strip().splitlines()[0])
    n_bad = 0
    with Described() as described:
        for function in _scenes:
            if words and not any(word in function.__name__ for word in words):
                continue
            line, good = _play(function)
            n_bad += not good
            print(line, flush=True)
    if described.wrong:
        print("\n".join(sorted(set(described.wrong))[:40]))
        print("not ok - answers over REST are as abi/wire/openapi.json describes them")
    elif described.seen:
        print(f"ok - answers of {len(described.seen)} operations over REST are as described")
    return 1 if n_bad or described.wrong else 0
