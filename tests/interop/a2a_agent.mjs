// SPDX-License-Identifier: Apache-2.0
// a2a_agent.mjs - an agent of somebody on the server half of @a2a-js/sdk, with a signed card; prints its
// port and, as gateway_a2a takes it, its key.
import { generateAgentCardSignature } from "@a2a-js/sdk";
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore } from "@a2a-js/sdk/server";
import { UserBuilder, agentCardHandler, jsonRpcHandler, restHandler } from "@a2a-js/sdk/server/express";
import express from "express";
import { exportJWK, generateKeyPair } from "jose";

const TERMS = "https://aiconexus.example/ext/contract-terms/v1";
const [, , binding, streams] = process.argv; // "JSONRPC" or "HTTP+JSON"; "streams" or "polls"
const skills = ["echo", "Slow Echo", "fail", "ask", "say", "reject"];
const part = (value) => ({ content: { $case: "text", value }, metadata: undefined, filename: "", mediaType: "" });
const stamp = () => new Date().toISOString();

const executor = {
  async execute({ userMessage, taskId, contextId }, bus) {
    const skill = userMessage.metadata?.skill;
    const { $case, value } = userMessage.parts[0].content;
    const said = $case === "text" ? value : JSON.stringify(value);
    const message = (text) => ({ messageId: `a-${taskId}`, contextId, taskId, role: 2, parts: [part(text)],
      metadata: undefined, extensions: [], referenceTaskIds: [] });
    const status = (state, text) => ({ state, timestamp: stamp(), message: text ? message(text) : undefined });
    const update = (state, text) => bus.publish(AgentEvent.statusUpdate(
      { taskId, contextId, status: status(state, text), metadata: undefined }));
    if (skill === "say") {
      bus.publish(AgentEvent.message({ ...message(`said ${said}`), taskId: "" }));
      bus.finished();
      return;
    }
    bus.publish(AgentEvent.task({ id: taskId, contextId, status: status(1), artifacts: [],
      history: [userMessage], metadata: undefined }));
    update(2);
    if (skill === "Slow Echo") {
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      update(2, "half of it");
      await new Promise((resolve) => { setTimeout(resolve, 300); });
    }
    if (skill === "fail") {
      update(4, "it broke");
    } else if (skill === "reject") {
      update(7, "not for you");
    } else if (skill === "ask") {
      update(6, "which one?");
    } else {
      bus.publish(AgentEvent.artifactUpdate({ taskId, contextId, append: false, lastChunk: true, metadata: undefined,
        artifact: { artifactId: "a-1", name: "echo", description: "", parts: [part(said)], metadata: undefined,
          extensions: [] } }));
      update(3);
    }
    bus.finished();
  },
  async cancelTask() {},
};

const app = express();
const { publicKey, privateKey } = await generateKeyPair("ES256");
const { x, y } = await exportJWK(publicKey);
const server = app.listen(0, "127.0.0.1", async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const card = {
    name: "somebody", description: "Echoes.", version: "1.0.0", provider: undefined, documentationUrl: undefined,
    iconUrl: undefined,
    supportedInterfaces: [{ url: `${origin}/${binding === "JSONRPC" ? "rpc" : "rest"}`, protocolBinding: binding,
      protocolVersion: "1.0", tenant: "" }],
    capabilities: { streaming: streams === "streams", pushNotifications: false, extendedAgentCard: false, extensions: [
      { uri: TERMS, description: "Prices", required: false, params: { currency: "AIC", skills: {
        echo: { pricing: { model: "per_call", base_cost: "0.003" } } } } }] },
    securitySchemes: {}, securityRequirements: [], signatures: [],
    defaultInputModes: ["text/plain"], defaultOutputModes: ["text/plain"],
    skills: skills.map((id) => ({ id, name: id, description: `${id}, as asked`, tags: ["test"], examples: [],
      inputModes: [], outputModes: [], securityRequirements: [] })),
  };
  const sign = generateAgentCardSignature(privateKey, { alg: "ES256", typ: "JOSE", kid: binding + streams });
  const requestHandler = new DefaultRequestHandler(await sign(card), new InMemoryTaskStore(), executor);
  app.use("/.well-known/agent-card.json", agentCardHandler({ agentCardProvider: requestHandler }));
  app.use("/rpc", jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  app.use("/rest", restHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  console.log(server.address().port, `ES256:${x}:${y}:${binding}${streams}`);
});
