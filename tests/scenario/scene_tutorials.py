# SPDX-License-Identifier: Apache-2.0
"""scene_tutorials.py - the commands of README's section for agents, run as they stand there.

Nothing is changed but what a reader's machine has too: where aicxd and aicx are installed,
which configuration there is, and the ports, since others run here at the same time.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from aicx_scene import equal, main, place, scene, skip, that, using
from aicx_scene.daemon import conf_dir

SECTION = "### You are an agent"
WAIT_S = 60


def blocks():
    """The section's blocks of commands: {the bold word or heading above: text}."""
    text = (place.SRC / "README.md").read_text(encoding="utf-8")
    text = text[text.index(SECTION):]
    text = text[:text.index("\n### ", 1)]
    found, title, lines = {}, "start", []
    for line in [*text.split("\n"), "end"]:
        if line.startswith("    "):
            lines.append(line[4:])
            continue
        if lines and line:
            found[title] = "\n".join(lines) + "\n"
            lines = []
        name = re.match(r"(?:#### |\*\*)([^*]+?)(?:\*\*.*)?$", line)
        title = name[1] if name else title
    return found


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Reader:
    """A folder in which somebody types what README says; `with Reader() as reader:`."""

    def __init__(self, open_nng=False):
        self.open_nng = open_nng
        if not (place.AICXD.exists() and place.AICX.exists()):
            skip("no aicxd or aicx in this build")
        self.folder = tempfile.TemporaryDirectory(prefix="aicx-tutorial-")
        self.home, self.blocks = self.folder.name, blocks()
        self.port, self.script = free_port(), ["set -eu -o pipefail"]
        self.ports = {name: str(free_port()) for name in ("8701", "9000", "9402")} | {"8700": str(self.port)}
        self.n_started = 0

    def __enter__(self):
        path = os.path.join(self.home, "bin")
        os.mkdir(path)
        conf_dir(pathlib.Path(self.home) / "conf.d", None)
        os.symlink(place.SRC / "tests", os.path.join(self.home, "tests"))
        if self.open_nng:
            door = pathlib.Path(self.home) / "conf.d/92-nng.conf"
            door.write_text(re.sub("(?m)^# (?=\\[|listen)", "", door.read_text()).replace("8701", self.ports["8701"]))
        self.tool("aicxd", f"exec {place.AICXD} -c {self.home}/conf.d --plugins {place.PLUGINS}"
                           f' --listen 127.0.0.1:{self.port} "$@"')
        self.tool("aicx", f'exec {place.AICX} "$@"')
        self.env = dict(os.environ, PATH=path + ":" + os.environ["PATH"], NO_COLOR="1",
                        XDG_CONFIG_HOME=self.home, AICX_BROKER=f"http://127.0.0.1:{self.port}")
        self.add("start")
        return self

    def tool(self, name, command):
        path = os.path.join(self.home, "bin", name)
        with open(path, "w", encoding="utf-8") as script:
            script.write(f"#!/bin/sh\n{command}\n")
        os.chmod(path, 0o755)

    def add(self, title):
        """The block's commands; one that goes on in the background is waited for, as by a reader."""
        text = self.blocks[title]
        for was, now in self.ports.items():
            text = text.replace(f"127.0.0.1:{was}", f"127.0.0.1:{now}").replace(f'1", {was})', f'1", {now})')
        for line in text.splitlines():
            if line.endswith(" &"):
                self.script.append(f"{line[:-2]} >>log 2>&1 &")
                self.wait_for(line)
            else:
                self.script.append(line)

    def wait_for(self, line):
        if line.startswith("python3"):
            port = (re.findall(r":(\d+)", line) or [self.ports["9000"]])[0]
            ready = f"(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>>log"
        elif line.startswith("aicxd"):
            self.n_started += 1
            ready = f"[ $(grep -c broker.ready log) -ge {self.n_started} ]"
        else:
            ready = f"grep -q '^ready: {line.split(' ')[4]}' log"
        self.script.append(f"until {ready}; do sleep 0.05; done")

    def run(self, *titles):
        """What the last block printed."""
        for title in titles[:-1]:
            self.add(title)
        self.script.append("echo; echo ----")
        self.add(titles[-1])
        # pylint: disable-next=consider-using-with
        self.shell = subprocess.Popen(["bash", "-c", "\n".join(self.script)], cwd=self.home, env=self.env,
                                      text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      start_new_session=True)
        said, errors = self.shell.communicate(timeout=WAIT_S)
        with open(os.path.join(self.home, "log"), encoding="utf-8") as log:
            equal(self.shell.returncode, 0, said + errors + log.read())
        return said.split("----\n")[1]

    def __exit__(self, *_):
        try:
            os.killpg(self.shell.pid, signal.SIGTERM)
        except (AttributeError, ProcessLookupError):
            pass
        self.folder.cleanup()

    def spent(self, who):
        done = subprocess.run(["aicx", "--identity", f"{who}.identity", "-o", "json", "ledger", "audit"],
                              cwd=self.home, env=self.env, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)["spent"]


BUYER = "A buyer with a bearer key"


@scene
def rest():
    reader = using(Reader())
    answer = json.loads(reader.run(BUYER, "REST"))
    equal(answer["result"], "HELLO")
    equal(reader.spent("alice"), "0.001000")


@scene
def unix_socket():
    reader = using(Reader())
    equal(json.loads(reader.run(BUYER, "Unix socket"))["result"], "HELLO")
    equal(reader.spent("alice"), "0.001000")


@scene
def a2a():
    reader = using(Reader())
    task = json.loads(reader.run(BUYER, "A2A"))["task"]
    equal(task["status"]["state"], "TASK_STATE_COMPLETED")
    that("HELLO" in json.dumps(task["artifacts"]), task)
    equal(reader.spent("alice"), "0.001000")


@scene
def mcp():
    reader = using(Reader())
    result = json.loads(reader.run(BUYER, "MCP"))["result"]
    equal(result["content"][0]["text"], "HELLO")
    equal(reader.spent("alice"), "0.001000")


@scene
def aicx_over_a_websocket():
    reader = using(Reader())
    said = reader.run("A buyer with a key of its own")
    that("HELLO\n" in said and said.endswith("good\n"), said)
    equal(reader.spent("bob"), "0.001000")


@scene
def nng():
    if not ((place.PLUGINS / "transport_nng.so").exists() and shutil.which("nngcat")):
        skip("no transport_nng in this build, or no nngcat")
    reader = using(Reader(open_nng=True))
    answer = json.loads(reader.run("NNG").splitlines()[-1])
    equal((answer["type"], answer["payload"]["result"]), ("RESULT", "HELLO"))
    equal(reader.spent("carol"), "0.001000")


@scene
def x402():
    reader = using(Reader())
    said = reader.run(BUYER, "A buyer without an account")
    that('"HELLO"' in said and "paid by transaction 0x" in said, said)


@scene
def a_plain_http_server():
    reader = using(Reader())
    said = reader.run(BUYER, "A plain HTTP server sells")
    that('"words"' in said and "3" in said, said)
    equal(reader.spent("alice"), "0.001000")


@scene
def each_door_has_five_commands():
    found = blocks()
    equal(len(found["start"].splitlines()), 2)
    five = {title: sum(1 for line in re.sub(r"(?s)<<'?END'?\n.*?\nEND", "", text).splitlines()
                       if re.match(r"(aicx|curl|cat|nngcat|python3|echo|kill|[a-z]+=)", line))
            for title, text in found.items() if title != "start"}
    equal(five, {BUYER: 4, "REST": 1, "A2A": 1, "MCP": 1, "Unix socket": 1, "A buyer with a key of its own": 5,
                 "NNG": 5, "A buyer without an account": 5,
                 "A plain HTTP server sells": 5})


if __name__ == "__main__":
    sys.exit(main(__doc__))
