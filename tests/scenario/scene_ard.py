# SPDX-License-Identifier: Apache-2.0
"""scene_ard.py - a crawler that knows AI Catalog 1.0 and ARD 0.9 finds what is sold here.

check() holds every entry against the rules of both, as a stranger reads them.
"""
import json
import re
import sys
import time
import urllib.parse

from aicx_scene import Daemon, capability, equal, eventually, main, scene, that, using

BASE = "/ard/v1"
AGENT = "application/a2a-agent-card+json"
MCP = "application/mcp-server-card+json"
REGISTRY = "application/ai-registry+json"
CATALOG = "application/ai-catalog+json"
MEMBERS = {"identifier", "displayName", "type", "url", "data", "description", "tags", "capabilities",
           "representativeQueries", "version", "updatedAt", "metadata", "trustManifest"}
URN = re.compile(r"^urn:air:[a-zA-Z0-9.-]+(:[a-zA-Z0-9._-]+)+$")


def check(entry, *more):
    """An entry as the two specifications want it."""
    equal(set(entry) - MEMBERS - set(more), set(), "members")
    that(URN.match(entry["identifier"]), entry["identifier"])
    that(entry["displayName"] and entry["type"] in (AGENT, MCP, REGISTRY, CATALOG), f"{entry}")
    that(("url" in entry) != ("data" in entry), "one of url and data")
    that(2 <= len(entry["representativeQueries"]) <= 5, "queries")
    that(all(isinstance(value, (str, int, float, bool)) for value in entry.get("metadata", {}).values()),
         "metadata is flat")
    return entry


def trade(n_more=0, conf=None):
    """A broker with two sellers, one buyer and n_more sellers of the same kind."""
    broker = using(Daemon({"82-ard.conf": "[gateway ard \"ard\"]\n" + (conf or "")}))
    sell(broker, "Speller", "text.spellcheck", "0.05 AIC", "checks the spelling of English letters")
    sell(broker, "Weather desk", "weather.forecast", "0.2 AIC", "forecasts rain and wind")
    broker.agent("only a buyer")
    for n in range(n_more):
        sell(broker, f"Seller {n:03}", "text.echo", "0.01 AIC", "echoes")
    return broker, broker.rest()


def sell(broker, name, need, price, said):
    return broker.agent(name, description=said, tags=["english"], endpoints=[{"kind": "mailbox"}],
                        capabilities=[capability(need, price)])


def search(rest, text, filters=None, **more):
    query = {"text": text, **({"filter": filters} if filters else {})}
    results = rest.post(BASE + "/search", {"query": query, **more}).ok()["results"]
    for result in results:
        check(result, "score", "source")
        that(isinstance(result["score"], int) and 0 < result["score"] <= 100, f"{result['score']}")
        that(result["source"].endswith(BASE), result["source"])
    return results


def names(entries):
    return [entry["displayName"] for entry in entries]


def refused(answer, status, code):
    equal((answer.status, answer.json["errorCode"]), (status, code), answer.body)
    that(answer.json["message"], "it says why")


@scene
def the_manifest_names_registry_tools_and_agents():
    broker, rest = trade()
    answer = rest.get("/.well-known/ai-catalog.json")
    manifest = answer.ok()
    equal(set(manifest), {"specVersion", "host", "entries"})
    equal(manifest["specVersion"], "1.0")
    equal([entry["type"] for entry in map(check, manifest["entries"])], [REGISTRY, MCP, AGENT, AGENT])
    registry, tools, speller, _ = manifest["entries"]
    equal(registry["url"], f"http://{broker.address}{BASE}")
    equal([tool["name"] for tool in tools["data"]["tools"]], ["text.spellcheck", "weather.forecast"])
    equal(speller["capabilities"], ["text.spellcheck"])
    equal(speller["metadata"]["aiconexus.price"], "0.05")
    equal(speller["metadata"]["aiconexus.currency"], "AIC")
    card = rest.get(urllib.parse.urlsplit(speller["url"]).path).ok()
    equal(card["name"], "Speller")
    that("max-age=60" in answer.headers["Cache-Control"], "it may be kept")
    again = rest.get("/.well-known/ai-catalog.json", headers={"If-None-Match": answer.headers["ETag"]})
    equal((again.status, again.body), (304, b""))
    equal(rest.get("/.well-known/ard.json").body, answer.body, "later drafts look there")


@scene
def a_search_finds_by_any_word_and_ranks():
    _, rest = trade()
    equal(names(search(rest, "who can check spelling of a letter for me?"))[0], "Speller")
    equal(names(search(rest, "weather forecast tools"))[0], "Weather desk")
    equal(search(rest, "blockchain"), [])
    equal(search(rest, "the of and"), [])
    equal(names(search(rest, "english", {"capabilities": "text.spellcheck"})), ["Speller"])
    equal(names(search(rest, "english", {"type": [MCP]})), [])
    equal(names(search(rest, "spellcheck", {"type": [MCP]})), ["AIConexus tools"])
    equal(names(search(rest, "rain or letters", {"metadata.aiconexus.price": ["0.2", "7"]})), ["Weather desk"])
    equal(len(search(rest, "rain or letters", {"publisher": "127.0.0.1"})), 2)
    equal(len(search(rest, "rain or letters", {"publisher": "other.example"})), 0)
    equal(rest.post(BASE + "/search", {"query": {"text": "rain"}, "federation": "referrals",
                                       "limit": 5}).ok()["referrals"], [])


@scene
def pages_cover_all_without_a_repeat_while_agents_come_and_go():
    broker, rest = trade(23)

    def total():
        return rest.get(f"{BASE}/agents?pageSize=1").ok()["total"]
    n_before, seen, token = total(), [], None
    while True:
        page = rest.post(BASE + "/search", {"query": {"text": "echo"}, "pageSize": 5,
                                            **({"pageToken": token} if token else {})}).ok()
        seen += names(page["results"])
        token = page.get("pageToken")
        if token is None:
            break
        if len(seen) == 5:
            sell(broker, "Seller new", "text.echo", "0.01 AIC", "echoes")
    equal([name for name in seen if name.startswith("Seller 0")],
          list(dict.fromkeys(name for name in seen if name.startswith("Seller 0"))), "no repeat")
    equal(len({name for name in seen if name.startswith("Seller 0")}), 23)
    eventually(lambda: total() == n_before + 1, "entries are kept for a second")
    listed, token = [], ""
    while token is not None:
        page = rest.get(f"{BASE}/agents?pageSize=7&orderBy=displayName%20DESC&pageToken={token}"
                        if token else f"{BASE}/agents?pageSize=7&orderBy=displayName+DESC").ok()
        listed += names(map(check, page["items"]))
        token = page.get("pageToken")
    equal(listed, sorted(listed, reverse=True))
    equal(len(listed), page["total"])


@scene
def the_listing_filters_and_an_entry_is_found_by_its_identifier():
    _, rest = trade()
    equal(names(rest.get(f"{BASE}/agents").ok()["items"]), ["AIConexus tools", "Speller", "Weather desk"])
    for text, found in ((f"type = '{MCP}'", ["AIConexus tools"]),
                        (f"type = '{AGENT}' AND displayName = 'speller, other'", ["Speller"]),
                        ("publisherId = 'other.example'", []),
                        ("createdAfter > '2020-01-01'", ["Speller", "Weather desk"]),
                        ("updatedAfter > '2199-01-01T00:00:00Z'", [])):
        answer = rest.get(f"{BASE}/agents?filter=" + urllib.parse.quote(text))
        equal(names(answer.ok()["items"]), found, text)
    entry = rest.get(f"{BASE}/agents?orderBy=displayName").ok()["items"][1]
    path = f"{BASE}/agents/" + urllib.parse.quote(entry["identifier"], safe="")
    equal(rest.get(path).ok(), entry)
    refused(rest.get(f"{BASE}/agents/urn%3Aair%3Aa.example%3Aagent%3Anone"), 404, "NOT_FOUND")
    refused(rest.get(f"{BASE}/agents/none"), 400, "INVALID_ARGUMENT")


@scene
def explore_counts_what_the_listing_has():
    _, rest = trade(12)
    facets = [{"field": "type"}, {"field": "capabilities", "limit": 1}, {"field": "tags", "minCount": 99}]
    answer = rest.post(BASE + "/explore", {"resultType": {"facets": facets}}).ok()
    equal(answer["resultType"], "facets")
    equal(answer["facets"]["type"]["buckets"], [{"value": AGENT, "count": 14}, {"value": MCP, "count": 1}])
    that(answer["facets"]["capabilities"]["buckets"] == [{"value": "text.echo", "count": 13}], answer)
    equal(answer["facets"]["tags"], {"buckets": [], "otherCount": 14})
    answer = rest.post(BASE + "/explore", {"query": {"text": "rain"}, "resultType": {
        "facets": [{"field": "metadata.aiconexus.price"}]}}).ok()
    equal(answer["facets"]["metadata.aiconexus.price"]["buckets"], [{"value": "0.2", "count": 1}])


@scene
def who_leaves_is_gone_within_a_second():
    broker, rest = trade()
    id_ = next(a.id for a in broker.agents if a.id in rest.get(f"{BASE}/agents").body.decode())
    broker.operator.delete(f"/v1/agents/{id_}").ok()
    end = time.monotonic() + 20
    while id_ in rest.get(f"{BASE}/agents").body.decode():
        that(time.monotonic() < end, "it is gone")
        time.sleep(0.05)
    that(id_ not in rest.get("/.well-known/ai-catalog.json").body.decode(), "from the manifest too")


@scene
def many_agents_stand_in_parts():
    _, rest = trade(10, "per_catalog = 5\n")
    manifest = rest.get("/.well-known/ai-catalog.json").ok()
    parts = [entry for entry in map(check, manifest["entries"]) if entry["type"] == CATALOG]
    equal(len(parts), 3)
    that(all(entry["type"] != AGENT for entry in manifest["entries"]), "agents are in the parts")
    agents = [check(entry)["identifier"] for part in parts
              for entry in rest.get(urllib.parse.urlsplit(part["url"]).path).ok()["entries"]]
    equal((len(agents), len(set(agents))), (12, 12))
    refused(rest.get(f"{BASE}/catalogs/3"), 404, "NOT_FOUND")


@scene
def what_is_malformed_is_refused_by_the_registrys_own_error():
    broker, rest = trade()
    search_path, explore, agents = BASE + "/search", BASE + "/explore", BASE + "/agents"
    good = {"text": "rain"}
    for body in ("", "{", "[]", {}, {"query": {}}, {"query": {"text": ""}}, {"query": {"text": 1}},
                 {"query": [1]}, {"query": {"text": "rain", "other": 1}},
                 {"query": {**good, "filter": {"colour": "red"}}},
                 {"query": {**good, "filter": {"metadata.colour": "red"}}},
                 {"query": {**good, "filter": {"type": [[1]]}}}, {"query": {**good, "filter": []}},
                 {"query": good, "pageSize": 0}, {"query": good, "pageSize": 101},
                 {"query": good, "pageToken": "zz"}, {"query": good, "pageToken": 5},
                 {"query": good, "federation": "all"}):
        refused(rest.post(search_path, body), 400, "INVALID_ARGUMENT")
    for body in ({}, {"resultType": {"facets": []}}, {"resultType": {"facets": [{"field": "colour"}]}},
                 {"resultType": {"facets": [{}]}}):
        refused(rest.post(explore, body), 400, "INVALID_ARGUMENT")
    for query in ("filter=type", "filter=type%3D%27x", "filter=colour%3D%27x%27", "filter=type%3E%27x%27",
                  "filter=type%3D%27x%27%20OR%20type%3D%27y%27", "filter=createdAfter%3E%27now%27",
                  "orderBy=price", "orderBy=displayName%20UP", "pageSize=x", "pageToken=0", "a=%zz"):
        refused(rest.get(f"{agents}?{query}"), 400, "INVALID_ARGUMENT")
    refused(rest.post(search_path, json.dumps({"query": good}), headers={"Content-Type": "text/plain"}),
            415, "INVALID_ARGUMENT")
    answer = rest.get(search_path)
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    equal(answer.headers["Allow"], "POST")
    refused(rest.post(agents, {}), 405, "METHOD_NOT_ALLOWED")
    refused(rest.get(BASE + "/other"), 404, "NOT_FOUND")
    foreign = rest.get("/.well-known/ai-catalog.json", headers={"Host": "evil.example"})
    refused(foreign, 500, "INTERNAL_ERROR")
    that("evil" not in foreign.body.decode(), "no URL is made of what a client says")
    that(broker.process.poll() is None, "it is still there")


@scene
def a_registry_that_is_not_open_wants_a_credential():
    broker, rest = trade(conf="open = no\npublisher = agents.example.org\n")
    for answer in (rest.get(BASE + "/agents"), rest.post(BASE + "/search", {"query": {"text": "rain"}})):
        refused(answer, 401, "UNAUTHENTICATED")
        that(answer.headers["WWW-Authenticate"].startswith("Bearer"), "it says how")
    rest.api_key = "aicx_wrong"
    refused(rest.get(BASE + "/agents"), 401, "UNAUTHENTICATED")
    entry = broker.operator.get(BASE + "/agents").ok()["items"][1]
    that(entry["identifier"].startswith("urn:air:agents.example.org:agent:"), entry["identifier"])


if __name__ == "__main__":
    sys.exit(main(__doc__))
