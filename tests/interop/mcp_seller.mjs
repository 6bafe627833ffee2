// SPDX-License-Identifier: Apache-2.0
// mcp_seller.mjs ERA WAY - a server of the public packages with four tools.
//   ERA: old (sdk 1.32.2), new (server 2.4.0, both protocols), modern (it, without the handshake)
//   WAY: stdio, or http: then the first line says its port
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { McpServer as OldServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport as OldStdio } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport as OldHttp } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { McpServer, createMcpHandler, fromJsonSchema } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { toNodeHandler } from "@modelcontextprotocol/node";
import * as z from "zod";

const [era, way] = process.argv.slice(2);
const me = { name: "public", version: "1" };
const text = (said) => ({ content: [{ type: "text", text: said }] });
const sum = (a, b) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } });
const failed = { ...text("the disk is full"), isError: true };

async function steps(token, notify) {
  for (const progress of [1, 2, 3])
    await notify({ method: "notifications/progress", params: { progressToken: token, progress, total: 3 } });
  return text("done");
}

function old() {
  const server = new OldServer(me);
  server.registerTool("add", { description: "Adds.", inputSchema: { a: z.number(), b: z.number() },
    outputSchema: { sum: z.number() } }, ({ a, b }) => sum(a, b));
  server.registerTool("Say.It", { inputSchema: { text: z.string() } }, ({ text: said }) => text(said));
  server.registerTool("fail", { inputSchema: {} }, () => failed);
  server.registerTool("steps", { inputSchema: {} },
    (_, extra) => steps(extra._meta.progressToken, extra.sendNotification));
  return server;
}

function fresh() {
  const server = new McpServer(me, { capabilities: { tools: { listChanged: true } } });
  const region = { type: "object", properties: { text: { type: "string", "x-mcp-header": "Region" } },
    required: ["text"] };
  server.registerTool("add", { description: "Adds.", inputSchema: z.object({ a: z.number(), b: z.number() }),
    outputSchema: z.object({ sum: z.number() }) }, ({ a, b }) => sum(a, b));
  server.registerTool("Say.It", { inputSchema: fromJsonSchema(region) }, ({ text: said }) => text(said));
  server.registerTool("fail", { inputSchema: z.object({}) }, () => failed);
  server.registerTool("steps", { inputSchema: z.object({}) },
    (_, ctx) => steps(ctx.mcpReq._meta.progressToken, ctx.mcpReq.notify));
  return server;
}

// A session each, as the package's own examples have it.
function oldHandler() {
  const transports = new Map();
  return async (request, response) => {
    let transport = transports.get(request.headers["mcp-session-id"]);
    if (!transport && request.headers["mcp-session-id"]) {
      response.writeHead(404).end();
      return;
    }
    if (!transport) {
      transport = new OldHttp({ sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => transports.set(id, transport) });
      await old().connect(transport);
    }
    await transport.handleRequest(request, response);
  };
}

const legacy = era === "modern" ? { legacy: "reject" } : {};
if (way === "http") {
  const handler = era === "old" ? oldHandler() : toNodeHandler(createMcpHandler(fresh, legacy));
  const server = createServer(handler);
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
} else if (era === "old") await old().connect(new OldStdio());
else serveStdio(fresh, legacy);
