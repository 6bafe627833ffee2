// SPDX-License-Identifier: Apache-2.0
// x402.mjs - the stock client of x402 pays a broker, on an offline chain.
import assert from "node:assert/strict";
import { createPublicClient, http, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { wrapFetchWithPayment, x402Client } from "@x402/fetch";
import { decodePaymentRequiredHeader, decodePaymentResponseHeader, encodePaymentSignatureHeader }
  from "@x402/core/http";
import { ExactEvmScheme } from "@x402/evm";

const { URL: url, RPC, ASSET, PAY_TO, PAYER_KEY, POOR_KEY } = process.env;
const AMOUNT = 250000n;
const chain = createPublicClient({ transport: http(RPC) });
const abi = parseAbi(["function balanceOf(address) view returns (uint256)"]);
const paid = () => chain.readContract({ address: ASSET, abi, functionName: "balanceOf", args: [PAY_TO] });
let failed = 0;

async function test(name, run) {
  try {
    await run();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${name}\n${String(error.stack ?? error).slice(0, 900)}`);
  }
}

const clientOf = (key) => x402Client.fromConfig({
  schemes: [{ network: "eip155:*", client: new ExactEvmScheme(privateKeyToAccount(key)) }], spendControls: false });
const client = clientOf(PAYER_KEY);
const payingFetch = wrapFetchWithPayment(fetch, client);
const order = (say, headers = {}) => ({ method: "POST", body: JSON.stringify({ say }),
  headers: { "Content-Type": "application/json", ...headers } });

async function sign(change = (payload) => payload, from = client, say = "hi") {
  const unpaid = await fetch(url, order(say));
  const required = decodePaymentRequiredHeader(unpaid.headers.get("PAYMENT-REQUIRED"));
  const payload = await from.createPaymentPayload(required);
  return encodePaymentSignatureHeader(change(structuredClone(payload)));
}

async function refused(header, statuses, error) {
  const before = await paid();
  const answer = await fetch(url, order("hi", { "PAYMENT-SIGNATURE": header }));
  assert(statuses.includes(answer.status), `status ${answer.status}`);
  if (error) {
    const required = decodePaymentRequiredHeader(answer.headers.get("PAYMENT-REQUIRED"));
    assert.match(required.error, error);
  }
  assert.equal(await paid(), before);
}

await test("an unpaid call is told the price", async () => {
  const answer = await fetch(url, order("hi"));
  assert.equal(answer.status, 402);
  const required = decodePaymentRequiredHeader(answer.headers.get("PAYMENT-REQUIRED"));
  assert.equal(required.x402Version, 2);
  assert.equal(required.accepts[0].amount, String(AMOUNT));
  assert.equal(required.resource.url, url);
});
await test("the stock client pays and gets the result, for exactly the price", async () => {
  const before = await paid();
  const answer = await payingFetch(url, order("hello"));
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { say: "hello" });
  const response = decodePaymentResponseHeader(answer.headers.get("PAYMENT-RESPONSE"));
  assert.equal(response.success, true);
  assert.equal(await paid() - before, AMOUNT);
  const receipt = await chain.getTransactionReceipt({ hash: response.transaction });
  assert.equal(receipt.status, "success");
});
await test("a payment used again is refused", async () => {
  const header = await sign();
  assert.equal((await fetch(url, order("hi", { "PAYMENT-SIGNATURE": header }))).status, 200);
  await refused(header, [402, 409]);
});
await test("the same payment-identifier gets the same answer and pays once", async () => {
  const before = await paid();
  const header = await sign((payload) => {
    payload.extensions["payment-identifier"].info.id = `order-${Date.now()}-0000`;
    return payload;
  });
  for (let i = 0; i < 2; i++) {
    const answer = await fetch(url, order("hi", { "PAYMENT-SIGNATURE": header }));
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { say: "hi" });
  }
  assert.equal(await paid() - before, AMOUNT);
});
await test("a changed amount is refused", async () => refused(await sign((payload) => {
  payload.accepted.amount = "1";
  return payload;
}), [402], /./));
await test("a bad signature is refused", async () => refused(await sign((payload) => {
  payload.payload.authorization.nonce = `0x${"ab".repeat(32)}`;
  return payload;
}), [402], /signature|simulation/));
await test("garbage is refused", async () => {
  for (const header of ["%%%", "e30=", Buffer.from("[]").toString("base64"), "A".repeat(17000)])
    await refused(header, [400, 402, 431]);
});
await test("a payer without funds is refused", async () =>
  refused(await sign(undefined, clientOf(POOR_KEY)), [402], /insufficient|balance|simulation/));
await test("work that fails is not charged", async () => {
  const before = await paid();
  const answer = await payingFetch(url, order("fail"));
  assert(answer.status >= 400, `status ${answer.status}`);
  assert.equal(await paid(), before);
});
await test("parallel payments are charged once each", async () => {
  const before = await paid();
  const answers = await Promise.all([...Array(6).keys()].map((i) => payingFetch(url, order(`no ${i}`))));
  const said = await Promise.all(answers.map(async (answer, i) => {
    assert.equal(answer.status, 200, `no ${i}`);
    return (await answer.json()).say;
  }));
  assert.deepEqual(said, [...Array(6).keys()].map((i) => `no ${i}`));
  assert.equal(await paid() - before, 6n * AMOUNT);
});
process.exit(failed ? 1 : 0);
