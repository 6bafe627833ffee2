// SPDX-License-Identifier: Apache-2.0
// a2a.mjs - @a2a-js/sdk, unmodified, buys over both of its transports.
import assert from "node:assert/strict";
import { verifyAgentCardSignature } from "@a2a-js/sdk";
import { ClientFactory, JsonRpcTransportFactory, RestTransportFactory } from "@a2a-js/sdk/client";
import { importJWK } from "jose";

const { ORIGIN, KEY, POOR, SELLER, AGENTS } = process.env;
const TERMS = "https://aiconexus.example/ext/contract-terms/v1";
let failed = 0;
console.debug = () => {}; // the SDK tells of each signature that fails

async function check(name, body) {
  try {
    await body();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${name}\n${String(error?.stack ?? error).replace(/^/gm, "  ")}`);
  }
}

const bearer = (key) => (url, init = {}) => {
  const headers = new Headers(init.headers);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  return fetch(url, { ...init, headers });
};

const client = (Transport, key, path) =>
  new ClientFactory({ transports: [new Transport({ fetchImpl: bearer(key) })] }).createFromUrl(ORIGIN, path);

let n = 0;
const request = (parts, more = {}) => ({
  tenant: "",
  message: {
    messageId: `m-${process.pid}-${++n}`, contextId: "", taskId: "", role: 1, parts,
    metadata: { skill: "text.shout" }, extensions: [], referenceTaskIds: [], ...more,
  },
  configuration: undefined,
  metadata: undefined,
});
const text = (value) => [{ content: { $case: "text", value }, metadata: undefined, filename: "", mediaType: "" }];
const data = (value) => [{ content: { $case: "data", value }, metadata: undefined, filename: "", mediaType: "" }];
const result = (task) => task.artifacts[0].parts[0].content.value;
const rejects = async (promise, name) => {
  const error = await promise.then(() => { throw new Error(`no ${name} came`); }, (got) => got);
  assert.equal(error.name, name, error.stack);
};

for (const [label, Transport] of [["JSON-RPC", JsonRpcTransportFactory], ["HTTP+JSON", RestTransportFactory]]) {
  const buyer = await client(Transport, KEY);
  const poor = await client(Transport, POOR);
  const get = (id, more = {}) => buyer.getTask({ tenant: "", id, historyLength: undefined, ...more });
  let task;

  await check(`${label}: a message is bought and its result is an artifact`, async () => {
    task = await buyer.sendMessage(request(text("hello")));
    assert.equal(task.status.state, 3); // COMPLETED
    assert.equal(result(task), "HELLO");
  });
  await check(`${label}: a data part is the input, a data part the result`, async () => {
    const got = await buyer.sendMessage(request(data({ skill: "text.shout", number: 0.1, list: [1, null] })));
    assert.deepEqual(result(got), { number: 0.1, list: [1, null] });
  });
  await check(`${label}: the task is read, with and without its history`, async () => {
    const got = await get(task.id);
    assert.deepEqual([got.id, got.contextId, got.history.length], [task.id, task.contextId, 1]);
    assert.equal((await get(task.id, { historyLength: 0 })).history.length, 0);
  });
  await check(`${label}: the same message again is the same task`, async () => {
    const again = request(text("once"));
    const one = await buyer.sendMessage(again);
    assert.equal((await buyer.sendMessage(again)).id, one.id);
    await assert.rejects(buyer.sendMessage({ ...again, message: { ...again.message, parts: text("other") } }));
  });
  await check(`${label}: tasks are listed in pages`, async () => {
    const ask = (pageToken) => buyer.listTasks({
      tenant: "", contextId: "", status: 0, pageSize: 2, pageToken, historyLength: undefined,
      statusTimestampAfter: undefined, includeArtifacts: undefined,
    });
    const first = await ask("");
    const second = await ask(first.nextPageToken);
    assert.equal(first.tasks.length, 2);
    assert.ok(!first.tasks.some((one) => second.tasks.some((two) => one.id === two.id)));
  });
  await check(`${label}: work that fails is a failed task`, async () =>
    assert.equal((await buyer.sendMessage(request(text("fail")))).status.state, 4));
  await check(`${label}: without a mandate the task is rejected`, async () =>
    assert.equal((await poor.sendMessage(request(text("hello")))).status.state, 7));
  await check(`${label}: a running task is cancelled, a finished one is not`, async () => {
    const slow = request(text("slow"), { metadata: { skill: label === "JSON-RPC" ? "slow.rpc" : "slow.rest" } });
    slow.configuration = { acceptedOutputModes: [], taskPushNotificationConfig: undefined,
      historyLength: undefined, returnImmediately: true };
    const begun = await buyer.sendMessage(slow);
    assert.ok(begun.status.state === 1 || begun.status.state === 2);
    while ((await get(begun.id)).status.state === 1);
    assert.equal((await buyer.cancelTask({ tenant: "", id: begun.id, metadata: undefined })).status.state, 5);
    await rejects(buyer.cancelTask({ tenant: "", id: task.id, metadata: undefined }), "TaskNotCancelableError");
  });
  await check(`${label}: a stream tells a task to its end`, async () => {
    const kinds = [];
    let last;
    for await (const event of buyer.sendMessageStream(request(text("stream")))) {
      kinds.push(event.payload.$case);
      last = event.payload.value;
    }
    assert.equal(kinds[0], "task");
    assert.deepEqual(kinds.slice(-2), ["artifactUpdate", "statusUpdate"]);
    assert.equal(last.status.state, 3);
    const again = await get(last.taskId);
    assert.equal(result(again), "STREAM");
  });
  await check(`${label}: a running task is subscribed to, a finished one is not`, async () => {
    const slow = request(text("slow"), { metadata: { skill: label === "JSON-RPC" ? "slow2.rpc" : "slow2.rest" } });
    slow.configuration = { acceptedOutputModes: [], taskPushNotificationConfig: undefined,
      historyLength: undefined, returnImmediately: true };
    const begun = await buyer.sendMessage(slow);
    const states = [];
    for await (const event of buyer.resubscribeTask({ tenant: "", id: begun.id })) {
      states.push(event.payload.value.status?.state);
      if (states.at(-1) === 2) await buyer.cancelTask({ tenant: "", id: begun.id, metadata: undefined });
    }
    assert.equal(states.at(-1), 5);
    await rejects(buyer.resubscribeTask({ tenant: "", id: task.id }).next(), "UnsupportedOperationError");
  });
  await check(`${label}: errors have their names`, async () => {
    await rejects(get("00000000-0000-7000-8000-000000000000"), "TaskNotFoundError");
    await rejects(poor.getTask({ tenant: "", id: task.id, historyLength: undefined }), "TaskNotFoundError");
    await rejects(buyer.sendMessage(request(text("x"), { taskId: task.id })), "UnsupportedOperationError");
    await assert.rejects(buyer.sendMessage(request(text("x"), { metadata: undefined })));
  });
  await check(`${label}: the seller's own card sells the seller's skill`, async () => {
    const own = await client(Transport, KEY, `/a2a/agents/${SELLER}/.well-known/agent-card.json`);
    const got = await own.sendMessage(request(text("direct"), { metadata: undefined }));
    assert.equal(result(got), "DIRECT");
  });
  await check(`${label}: offers are shown and one is accepted by the extension`, async () => {
    const options = { serviceParameters: { "A2A-Extensions": TERMS } };
    const wish = request(text("dear"), { extensions: [TERMS], metadata: {
      skill: "text.shout", [TERMS]: { budget: { max: "0.01", currency: "AIC" } } } });
    const asked = await buyer.sendMessage(wish, options);
    assert.equal(asked.status.state, 6); // INPUT_REQUIRED
    const { offers } = asked.status.message.metadata[TERMS];
    const accept = request(text("yes"), { taskId: asked.id, contextId: asked.contextId,
      metadata: { [TERMS]: { accept: offers[0].offer_id } } });
    const done = await buyer.sendMessage(accept, options);
    assert.equal(done.status.state, 3);
    assert.ok(done.metadata[TERMS].receipt);
  });
}

await check("card: signed, and the SDK verifies it", async () => {
  for (const path of ["", `/a2a/agents/${SELLER}`]) {
    const card = await (await fetch(`${ORIGIN}${path}/.well-known/agent-card.json`)).json();
    const verify = verifyAgentCardSignature(async (kid, jku) => {
      const { keys } = await (await fetch(jku)).json();
      return importJWK(keys.find((key) => key.kid === kid));
    });
    await verify(card);
    card.skills[0].description += ".";
    await assert.rejects(verify(card));
  }
});
await check("card: the extended one is for who has a credential", async () => {
  const buyer = await client(JsonRpcTransportFactory, KEY);
  const card = await (await fetch(`${ORIGIN}/.well-known/agent-card.json`)).json();
  assert.equal(card.capabilities.extendedAgentCard, true);
  const extended = await buyer.getAgentCard();
  assert.ok(extended.skills.some(({ id }) => id === "text.shout"));
  const asked = await fetch(`${ORIGIN}/a2a/rest/extendedAgentCard`, { headers: { "A2A-Version": "1.0" } });
  assert.equal(asked.status, 401);
});
await check("card: unchanged is 304", async () => {
  const url = `${ORIGIN}/.well-known/agent-card.json`;
  const first = await fetch(url);
  const etag = first.headers.get("etag");
  assert.ok(etag && first.headers.get("last-modified") && first.headers.get("cache-control"));
  assert.equal((await fetch(url, { headers: { "If-None-Match": etag } })).status, 304);
});

for (const [i, agent] of AGENTS.split(" ").entries()) {
  const label = `an SDK agent as seller, ${["JSON-RPC", "HTTP+JSON"][i >> 1]} ${["streams", "polls"][i & 1]}`;
  const buyer = await client(JsonRpcTransportFactory, KEY, `/a2a/agents/${agent}/.well-known/agent-card.json`);
  const send = (skill, parts) => buyer.sendMessage(request(parts, { metadata: { skill } }));
  await check(`${label}: its skills are sold at its card's prices`, async () => {
    const card = await (await fetch(`${ORIGIN}/a2a/agents/${agent}/.well-known/agent-card.json`)).json();
    const { skills } = card.capabilities.extensions[0].params;
    assert.deepEqual(Object.keys(skills).sort(), ["ask", "echo", "fail", "reject", "say", "slow-echo"]);
    assert.equal(Number(skills.echo.pricing.base_cost), 0.003);
    assert.equal(Number(skills.fail.pricing.base_cost), 0.001);
  });
  await check(`${label}: its artifacts come back as they are`, async () => {
    for (const skill of ["echo", "slow-echo"]) {
      const task = await send(skill, text("hello"));
      assert.equal(task.status.state, 3);
      assert.deepEqual([task.artifacts[0].artifactId, task.artifacts[0].name, result(task)], ["a-1", "echo", "hello"]);
    }
    assert.equal(result(await send("echo", data({ n: 1 }))), '{"n":1}');
  });
  await check(`${label}: a message of it is a result`, async () =>
    assert.equal(result(await send("say", text("this"))), "said this"));
  await check(`${label}: what it fails, rejects or asks back is no success`, async () => {
    for (const [skill, words] of [["fail", /it broke/], ["reject", /not for you/], ["ask", /which one/]]) {
      const task = await send(skill, text("x"));
      assert.equal(task.status.state, 4);
      assert.match(task.status.message.parts[0].content.value, words);
    }
  });
  if (i & 1) continue;
  await check(`${label}: its progress is the buyer's`, async () => {
    const said = [];
    for await (const { payload } of buyer.sendMessageStream(request(text("hi"), { metadata: { skill: "slow-echo" } })))
      if (payload.$case === "statusUpdate") said.push(payload.value.status.message?.parts[0].content.value);
    assert.ok(said.includes("half of it"), said.join());
  });
}

process.exit(failed ? 1 : 0);
