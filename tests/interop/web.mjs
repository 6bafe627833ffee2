// SPDX-License-Identifier: Apache-2.0
// web.mjs - undici, Node's own fetch and ws as they come.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Client, Pool } from "undici";
import WebSocket from "ws";

const { URL: url, KEY } = process.env;
const bearer = { authorization: `Bearer ${KEY}` };
const deal = { need: "text.echo", input: "hello", max_price: { amount: "0.01", currency: "AIC" } };
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

const post = (body, headers = {}) => fetch(`${url}/v1/deals`, {
  method: "POST", headers: { ...bearer, "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

await test("undici: 200 requests on one connection", async () => {
  const client = new Client(url);
  let connects = 0;
  client.on("connect", () => connects++);
  for (let i = 0; i < 200; i++) {
    const { statusCode, body } = await client.request({ path: "/healthz", method: "GET" });
    assert.equal(statusCode, 200);
    await body.json();
  }
  assert.equal(connects, 1);
  await client.close();
});

await test("undici: ten pipelined requests at a time, answers in order", async () => {
  const client = new Client(url, { pipelining: 10 });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) =>
    client.request({ path: `/v1/deals?limit=${(i % 50) + 1}`, method: "GET", headers: { ...bearer, "x-request-id": `n-${i}` } })));
  for (const [i, answer] of answers.entries()) {
    assert.equal(answer.headers["x-request-id"], `n-${i}`);
    await answer.body.json();
  }
  await client.close();
});

await test("undici: a pool of 20 connections", async () => {
  const pool = new Pool(url, { connections: 20 });
  const answers = await Promise.all(Array.from({ length: 200 }, () =>
    pool.request({ path: "/.well-known/aiconexus", method: "GET" })));
  for (const answer of answers) {
    assert.equal(answer.statusCode, 200);
    await answer.body.dump();
  }
  await pool.close();
});

await test("fetch: buys, and once for one key", async () => {
  const first = await post(deal, { "idempotency-key": "web-1" });
  const made = await first.json();
  assert.equal(first.status, 200);
  assert.equal(made.result, "hello");
  assert.equal(first.headers.get("idempotency-replayed"), null);
  const again = await post(deal, { "idempotency-key": "web-1" });
  assert.deepEqual(await again.json(), made);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  const other = await post({ ...deal, input: "other" }, { "idempotency-key": "web-1" });
  assert.equal(other.status, 409);
  assert.equal((await other.json()).code, "conflict");
});

await test("fetch: refusals are problem documents", async () => {
  const wrong = await post({});
  assert.equal(wrong.status, 400);
  assert.equal(wrong.headers.get("content-type"), "application/problem+json");
  const problem = await wrong.json();
  assert.equal(problem.code, "invalid_params");
  assert.equal(problem.correlation_id, wrong.headers.get("x-request-id"));
  const nobody = await fetch(`${url}/v1/deals`);
  assert.equal(nobody.status, 401);
  assert.match(nobody.headers.get("www-authenticate"), /^Bearer /);
  const verb = await fetch(`${url}/v1/deals`, { method: "DELETE", headers: bearer });
  assert.equal(verb.status, 405);
  assert.match(verb.headers.get("allow"), /GET/);
  const type = await fetch(`${url}/v1/deals`, { headers: { ...bearer, accept: "image/png" } });
  assert.equal(type.status, 406);
});

await test("fetch: gzip, validators and a 304", async () => {
  const first = await fetch(`${url}/openapi.json`); // asks for gzip, and unpacks it
  assert.equal(first.headers.get("content-encoding"), "gzip");
  assert.equal(first.headers.get("vary"), "Accept-Encoding, Origin");
  assert.equal((await first.json()).openapi, "3.1.0");
  const again = await fetch(`${url}/openapi.json`, { headers: { "if-none-match": first.headers.get("etag") } });
  assert.equal(again.status, 304);
  const head = await fetch(`${url}/openapi.json`, { method: "HEAD" });
  assert.equal(head.headers.get("etag"), first.headers.get("etag"));
});

await test("fetch: a trace goes on, a bad one is replaced", async () => {
  const id = "0af7651916cd43dd8448eb211c80319c";
  const kept = await fetch(`${url}/healthz`, { headers: { traceparent: `00-${id}-b7ad6b7169203331-01` } });
  assert.match(kept.headers.get("traceparent"), new RegExp(`^00-${id}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
  const fresh = await fetch(`${url}/healthz`, { headers: { traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` } });
  assert.match(fresh.headers.get("traceparent"), /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
});

await test("a page of a listed origin reads, another does not", async () => {
  const client = new Client(url); // fetch() would not send Origin
  const from = async (origin, method, more = {}) => {
    const { statusCode, headers, body } = await client.request({ path: "/v1/deals", method, headers: { origin, ...more } });
    await body.dump();
    return { statusCode, headers };
  };
  const good = await from("https://shop.example.net", "GET", bearer);
  assert.equal(good.headers["access-control-allow-origin"], "https://shop.example.net");
  assert.equal(good.headers["access-control-allow-credentials"], undefined);
  const evil = await from("https://evil.example.net", "GET", bearer);
  assert.equal(evil.headers["access-control-allow-origin"], undefined);
  const preflight = await from("https://shop.example.net", "OPTIONS", {
    "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" });
  assert.equal(preflight.statusCode, 204);
  assert.equal(preflight.headers["access-control-allow-methods"], "POST");
  assert.equal(preflight.headers["access-control-allow-headers"], "authorization,content-type");
  await client.close();
});

// --- WebSocket ---

const socket = (options = {}, protocols = []) =>
  new WebSocket(`${url.replace("http", "ws")}/ws`, protocols, options);

async function message(from) {
  const [data, binary] = await once(from, "message");
  assert.equal(binary, false);
  return JSON.parse(data.toString());
}

await test("ws: an upgrade with compression offered, and the challenge", async () => {
  const ws = socket({ perMessageDeflate: true });
  const challenge = await message(ws);
  assert.equal(challenge.payload.method, "session.challenge");
  assert.equal(ws.extensions, "");
  ws.close(1000);
  await once(ws, "close");
});

await test("ws: our subprotocol is named, another is not", async () => {
  const ours = socket({}, ["other", "aiconexus.v1"]);
  await once(ours, "open");
  assert.equal(ours.protocol, "aiconexus.v1");
  ours.close();
  const other = socket({}, ["other"]);
  const [error] = await once(other, "error"); // ws wants one of those it offered
  assert.match(String(error), /subprotocol/);
});

await test("ws: a ping between the parts of a message is answered at once", async () => {
  const ws = socket();
  await message(ws);
  ws.send('{"half":', { fin: false });
  ws.ping("now");
  const [data] = await once(ws, "pong");
  assert.equal(data.toString(), "now");
  ws.terminate();
});

await test("ws: what is too large is 1009, what is no text 1003, what is no message 1008", async () => {
  for (const [data, code] of [["x".repeat(2 << 20), 1009], [Buffer.from([1, 2]), 1003], ["{}", 1008]]) {
    const ws = socket();
    await message(ws);
    ws.send(data);
    const [got] = await once(ws, "close");
    assert.equal(got, code);
  }
});

await test("ws: a wrong credential is 401 before any upgrade", async () => {
  const ws = socket({ headers: { authorization: `Bearer aicx_${"A".repeat(43)}` } });
  const [, answer] = await once(ws, "unexpected-response");
  assert.equal(answer.statusCode, 401);
  ws.on("error", () => {});
  ws.terminate();
});

await test("ws: fifty connections at once", async () => {
  const all = Array.from({ length: 50 }, () => socket());
  await Promise.all(all.map(message));
  for (const ws of all) ws.terminate();
});

process.exit(failed ? 1 : 0);
