# SPDX-License-Identifier: Apache-2.0
"""web.py - the OpenAPI description before two linters, /docs, and a broker for web.mjs (undici, ws).

Each linter has a negative control: a description that was broken on purpose.
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

from aicx_scene import Daemon

FOLDER = pathlib.Path(os.environ["AICX_INTEROP"])
LINTERS = {
    "redocly 2.77.0": ["node_modules/.bin/redocly", "lint"],
    "spectral 6.16.3": ["node_modules/.bin/spectral", "lint", "-r", ".spectral.yaml", "-F", "warn"],
}


def report(good, name, said=""):
    print(f"{'ok' if good else 'not ok'} - {name}")
    if not good:
        print(said[-1500:])
    return good


def lint(command, name):
    env = dict(os.environ, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true", CI="1")
    done = subprocess.run(["node", *command, name], cwd=FOLDER, env=env, text=True, check=False,
                          timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    clean = done.returncode == 0 and not re.search(r"[1-9]\d* warning", done.stdout)
    return clean, done.stdout


def broken(text):
    """The same description, with what each linter must find."""
    said = json.loads(text)
    path = next(iter(said["paths"].values()))
    operation = next(iter(path.values()))
    del operation["operationId"]
    del operation["responses"]
    operation["parameters"] = [{"name": "x", "in": "nowhere"}]
    return json.dumps(said)


def describe(url):
    text = urllib.request.urlopen(url + "/openapi.json").read().decode()
    (FOLDER / "openapi.json").write_text(text)
    (FOLDER / "broken.json").write_text(broken(text))
    (FOLDER / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    good = []
    for name, command in LINTERS.items():
        clean, said = lint(command, "openapi.json")
        good.append(report(clean, f"{name}: the description is clean", said))
        clean, said = lint(command, "broken.json")
        good.append(report(not clean, f"{name}: a broken one is not", said))
    return all(good)


def page(url):
    """The page's policy allows its own style and nothing else, and it asks for nothing."""
    answer = urllib.request.urlopen(url + "/docs")
    text = answer.read().decode()
    style = re.search("<style>(.*?)</style>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    good = f"style-src 'sha256-{digest}'" in policy and policy.startswith("default-src 'none'")
    asks = re.findall(r"<(script|link|img|iframe|form)|url\(|@import", text)
    return report(good and not asks, "/docs needs nothing else and may do nothing else",
                  f"{policy}\n{digest}\n{asks}")


def play():
    with Daemon() as broker:
        url = f"http://{broker.address}"
        (pathlib.Path(broker.conf) / "90-http.conf").write_text(
            (pathlib.Path(broker.conf) / "90-http.conf").read_text() +
            "origins = https://shop.example.net\n")
        broker.restart()
        url = f"http://{broker.address}"
        buyer = broker.agent("buyer", funds="1.00 AIC")
        buyer.mandate("text.echo", "0.01 AIC", "1.00 AIC", max_deals=1000)
        broker.seller("echo", "text.echo", "0.001 AIC")
        good = [describe(url), page(url)]
        env = dict(os.environ, URL=url, KEY=buyer.api_key)
        bad = subprocess.run(["node", "web.mjs"], cwd=FOLDER, env=env, timeout=120,
                             check=False).returncode
        return bad or not all(good)


if __name__ == "__main__":
    sys.exit(play())
