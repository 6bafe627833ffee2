// SPDX-License-Identifier: Apache-2.0
// mcp.mjs - stock MCP clients buy: the SDK's of the handshake's era, and the new one in both.
import assert from "node:assert/strict";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const { URL: url, KEY, POOR, SELLER } = process.env;
const META = "example.aiconexus";
let failed = 0;

async function test(name, run) {
  try {
    await run();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${name}\n${String(error.stack ?? error).slice(0, 600)}`);
  }
}

const bearer = (key) => ({ requestInit: { headers: { Authorization: `Bearer ${key}` } } });
const me = { name: "interop", version: "1" };

async function old(key = KEY) {
  const client = new OldClient(me);
  await client.connect(new OldTransport(new URL(url), bearer(key)));
  return client;
}

const fresh = (versionNegotiation) => async (key = KEY) => {
  const client = new Client(me, versionNegotiation ? { versionNegotiation } : {});
  await client.connect(new StreamableHTTPClientTransport(new URL(url), bearer(key)));
  return client;
};

const clients = {
  "sdk 1.32.2": old,
  "client 2.4.0, as it comes": fresh(),
  "client 2.4.0, auto": fresh({ mode: "auto" }),
  "client 2.4.0, pinned to 2026-07-28": fresh({ mode: { pin: "2026-07-28" } }),
};

for (const [name, connect] of Object.entries(clients)) {
  await test(`${name}: finds the tools, theirs and the broker's`, async () => {
    const client = await connect();
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    for (const wanted of ["search_agents", "get_budget", "verify_deal", "test_sum", "test_image_content"])
      assert.ok(names.includes(wanted), `${wanted} in ${names}`);
    await client.close();
  });
  await test(`${name}: buys, and is told what it cost`, async () => {
    const client = await connect();
    await client.listTools(); // so that it checks what has an output schema
    const result = await client.callTool({ name: "test_sum", arguments: {} });
    assert.deepEqual(result.structuredContent, { sum: 3 });
    const bought = result._meta[`${META}/execution`];
    assert.equal(Number(bought.cost), 0.001);
    const image = await client.callTool({ name: "test_image_content", arguments: {} });
    assert.equal(image.content[0].mimeType, "image/png");
    const proof = await client.callTool({ name: "verify_deal", arguments: { deal_id: bought.deal_id } });
    assert.equal(JSON.parse(proof.content[1].resource.text).deal_id, bought.deal_id);
    await client.close();
  });
  await test(`${name}: twenty calls in flight, each with its own answer`, async () => {
    const client = await connect();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => client.callTool(
      { name: i % 2 ? "get_budget" : "get_agent", arguments: i % 2 ? {} : { agent_id: SELLER } })));
    answers.forEach((answer, i) => assert.equal("capabilities" in answer.structuredContent, i % 2 === 0));
    await client.close();
  });
  await test(`${name}: a failing tool and an empty purse are results, an unknown tool an error`, async () => {
    const client = await connect();
    const broken = await client.callTool({ name: "test_error_handling", arguments: {} });
    assert.equal(broken.isError, true);
    assert.match(broken.content[0].text, /intentionally/);
    await assert.rejects(client.callTool({ name: "no_such_tool", arguments: {} }), /-32602|[Uu]nknown tool/);
    await client.close();
    const poor = await connect(POOR);
    const refused = await poor.callTool({ name: "test_simple_text", arguments: {} });
    assert.equal(refused.isError, true);
    assert.equal(refused.structuredContent.error, "insufficient_funds");
    await poor.close();
  });
  await test(`${name}: reads agents as resources`, async () => {
    const client = await connect();
    const { resources } = await client.listResources();
    assert.equal(resources[0].uri, "aiconexus://agents");
    const { contents } = await client.readResource({ uri: `aiconexus://agents/${SELLER}` });
    assert.equal(JSON.parse(contents[0].text).agent_id, SELLER);
    await client.close();
  });
  await test(`${name}: a wrong key does not get in`, async () => {
    await assert.rejects(connect("aicx_" + "A".repeat(43)));
  });
}

await test("a header that an argument asks for goes along by itself (client 2.4.0)", async () => {
  const client = await clients["client 2.4.0, pinned to 2026-07-28"]();
  await client.listTools();
  const result = await client.callTool({ name: "test_header", arguments: { region: "são paulo" } });
  assert.ok(!result.isError, JSON.stringify(result));
  await client.close();
});

process.exit(failed ? 1 : 0);
