# SPDX-License-Identifier: Apache-2.0
"""place.py - where the source tree and the build tree are; make check says, or the usual places."""
import os
import pathlib

SRC = pathlib.Path(os.environ.get("AICX_SRC") or pathlib.Path(__file__).parents[3]).resolve()
BUILD = pathlib.Path(os.environ.get("AICX_BUILD") or SRC / "build").resolve()
VECTORS = pathlib.Path(os.environ.get("AICX_VECTORS") or SRC / "../shared/vectors")
AICXD = pathlib.Path(os.environ.get("AICX_AICXD") or BUILD / "core/main/aicxd")
AICX = BUILD / "core/cli/aicx"
PLUGINS = BUILD / ".libs"
CONF = SRC / "conf.d"
POLICY = SRC / "scripts/policy"
