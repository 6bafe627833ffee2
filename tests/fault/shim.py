# SPDX-License-Identifier: Apache-2.0
"""shim.py - steers the preloaded fault shims through a page of shared memory (shim.h)."""
import ctypes
import mmap
import os
import pathlib
import subprocess
import tempfile

from aicx_scene import place, skip

WRITE, SYNC, RENAME, OPEN, UNLINK = 1, 2, 4, 8, 16
ALL = WRITE | SYNC | RENAME | OPEN | UNLINK
CALLS = {WRITE: "write", SYNC: "sync", RENAME: "rename", OPEN: "open", UNLINK: "unlink"}
KILL, KILL_AFTER, KILL_HALF, EIO, ENOSPC, SHORT = 1, 2, 3, 4, 5, 6
DEEDS = {KILL: "kill before", KILL_AFTER: "kill after", KILL_HALF: "kill half way",
         EIO: "EIO", ENOSPC: "ENOSPC", SHORT: "short write"}


class _Layout(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in (
        "n_events", "at", "deed", "kinds", "sticky", "pause_us", "n_fired", "fired_call",
        "n_retried", "n_after", "sleep_us")] + [("fired_path", ctypes.c_char * 128)]


def library(name):
    """The shim's .so; the scene is skipped where it cannot be preloaded."""
    path = place.PLUGINS / f"{name}.so"
    if not path.exists():
        skip(f"no {name}.so in this build")
    done = subprocess.run([str(place.AICXD), "--version"], env={**os.environ, "LD_PRELOAD": str(path)},
                          capture_output=True, check=False)
    if done.returncode != 0:
        skip(f"{name}.so cannot be preloaded into this build")
    return path


class Shim:
    """The environment of a shim, and what it counts: `shim.page.n_events` and so on."""

    def __init__(self, root, name="io_shim"):
        self._dir = tempfile.TemporaryDirectory(prefix="aicx-shim-")
        self.path = pathlib.Path(self._dir.name) / "page"
        self.path.write_bytes(bytes(ctypes.sizeof(_Layout)))
        self._file = open(self.path, "r+b")  # pylint: disable=consider-using-with
        self._map = mmap.mmap(self._file.fileno(), ctypes.sizeof(_Layout))
        self.page = _Layout.from_buffer(self._map)
        self.page.kinds = ALL
        self.env = {"LD_PRELOAD": str(library(name)), "AICX_SHIM_PAGE": str(self.path),
                    "AICX_SHIM_ROOT": str(root)}

    def arm(self, after, deed, sticky=False):
        """The deed at the `after`-th event from now (1: the next)."""
        page = self.page
        page.n_fired = page.n_retried = page.n_after = 0
        page.deed, page.sticky = deed, int(sticky)
        page.at = page.n_events + after

    def disarm(self):
        self.page.at = 0

    def fired(self):
        """"write of store/000003.log", or None."""
        if not self.page.n_fired:
            return None
        return f"{CALLS.get(self.page.fired_call)} of {self.page.fired_path.decode()}"
