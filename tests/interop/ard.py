# SPDX-License-Identifier: Apache-2.0
"""ard.py - the public checker of Agentic Resource Discovery against a broker.

It is a Python script of the project ards-project/ard-spec, in no package: AICX_ARD_CHECKER
names it, or git fetches it.  Where neither is possible that is said, and is no failure.
"""
import os
import pathlib
import subprocess
import sys

from aicx_scene import Daemon, capability

SOURCE = "https://github.com/ards-project/ard-spec"


def checker():
    """The script's path, or None."""
    named = os.environ.get("AICX_ARD_CHECKER")
    if named:
        return named
    folder = pathlib.Path(os.environ["AICX_INTEROP"]) / "ard-spec"
    if not folder.exists():
        done = subprocess.run(["git", "clone", "--quiet", "--depth", "1", SOURCE, str(folder)],
                              check=False, timeout=120, stderr=subprocess.DEVNULL,
                              env=dict(os.environ, GIT_TERMINAL_PROMPT="0"))
        if done.returncode != 0:
            return None
    script = folder / "conformance/bin/conformance-test"
    return str(script) if script.exists() else None


def main():
    script = checker()
    if script is None:
        print(f"skipped: no checker, {SOURCE} cannot be fetched; AICX_ARD_CHECKER may name it")
        return 0
    with Daemon() as broker:
        broker.agent("Weather desk", description="forecasts rain and wind",
                     endpoints=[{"kind": "mailbox"}],
                     capabilities=[capability("weather.forecast", "0.2 AIC")])
        url = f"http://{broker.address}"
        failed = 0
        for what in (["manifest", f"{url}/.well-known/ai-catalog.json"], ["registry", f"{url}/ard/v1"]):
            done = subprocess.run([sys.executable, script, *what], check=False, timeout=60,
                                  capture_output=True, text=True)
            said = done.stdout + done.stderr
            # It warns once where the package jsonschema is missing here.
            own = said.count("package not installed")
            good = done.returncode == 0 and said.count("\u26a0") == own
            print(f"{'ok' if good else 'not ok'} - ard: {what[0]}, no error and no warning")
            failed += not good
            if not good:
                print(said)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
