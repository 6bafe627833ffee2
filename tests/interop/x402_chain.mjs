// SPDX-License-Identifier: Apache-2.0
// x402_chain.mjs - an offline chain with a token, and the facilitator of @x402/core on it.
// Prints one line of JSON when it is up; ends with its standard input.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import express from "express";
import solc from "solc";
import { createWalletClient, http, publicActions } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { x402Facilitator } from "@x402/core/facilitator";
import { toFacilitatorEvmSigner } from "@x402/evm";
import { ExactEvmScheme } from "@x402/evm/exact/facilitator";

const TOKEN = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;
contract TestUsd {
  string public constant name = "Test USD";
  string public constant version = "1";
  uint8 public constant decimals = 6;
  uint256 public totalSupply;
  mapping(address => uint256) public balanceOf;
  mapping(address => mapping(bytes32 => bool)) public authorizationState;
  event Transfer(address indexed from, address indexed to, uint256 value);
  event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
  bytes32 constant TYPE = keccak256("TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)");
  function DOMAIN_SEPARATOR() public view returns (bytes32) {
    return keccak256(abi.encode(
      keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
      keccak256(bytes(name)), keccak256(bytes(version)), block.chainid, address(this)));
  }
  function mint(address to, uint256 value) public {
    totalSupply += value;
    balanceOf[to] += value;
    emit Transfer(address(0), to, value);
  }
  function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter,
      uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) public {
    require(block.timestamp > validAfter, "not yet valid");
    require(block.timestamp < validBefore, "expired");
    require(!authorizationState[from][nonce], "authorization is used");
    bytes32 digest = keccak256(abi.encodePacked("\\x19\\x01", DOMAIN_SEPARATOR(),
      keccak256(abi.encode(TYPE, from, to, value, validAfter, validBefore, nonce))));
    require(from != address(0) && ecrecover(digest, v, r, s) == from, "invalid signature");
    require(balanceOf[from] >= value, "balance is too small");
    authorizationState[from][nonce] = true;
    balanceOf[from] -= value;
    balanceOf[to] += value;
    emit AuthorizationUsed(from, nonce);
    emit Transfer(from, to, value);
  }
  function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter,
      uint256 validBefore, bytes32 nonce, bytes memory signature) public {
    require(signature.length == 65, "invalid signature");
    bytes32 r; bytes32 s; uint8 v;
    assembly {
      r := mload(add(signature, 32))
      s := mload(add(signature, 64))
      v := byte(0, mload(add(signature, 96)))
    }
    transferWithAuthorization(from, to, value, validAfter, validBefore, nonce, v, r, s);
  }
}`;

function compile() {
  const input = { language: "Solidity", sources: { "t.sol": { content: TOKEN } },
    settings: { evmVersion: "paris", outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const contract = output.contracts?.["t.sol"]?.TestUsd;
  if (!contract) throw new Error(JSON.stringify(output.errors));
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}

async function startChain() {
  const folder = path.dirname(createRequire(import.meta.url)
    .resolve("@foundry-rs/anvil-linux-amd64/package.json"));
  const anvil = spawn(path.join(folder, "bin/anvil"), ["--port", "0", "--chain-id", "31337"],
    { stdio: ["ignore", "pipe", "inherit"] });
  process.on("exit", () => anvil.kill());
  for await (const line of readline.createInterface({ input: anvil.stdout })) {
    const found = /Listening on (127\.0\.0\.1:\d+)/.exec(line);
    if (!found) continue;
    anvil.stdout.resume();
    return `http://${found[1]}`;
  }
  throw new Error("anvil ended");
}

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
const rpc = await startChain();
const chain = { ...foundry, rpcUrls: { default: { http: [rpc] } } };
// The first of the keys that this development chain always has.
const operator = privateKeyToAccount("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const wallet = createWalletClient({ account: operator, chain, transport: http(rpc), pollingInterval: 50 })
  .extend(publicActions);
const token = compile();
const deployed = await wallet.waitForTransactionReceipt({ hash: await wallet.deployContract(token) });
const payerKey = generatePrivateKey();
const poorKey = generatePrivateKey();
await wallet.waitForTransactionReceipt({ hash: await wallet.writeContract({
  address: deployed.contractAddress, abi: token.abi, functionName: "mint",
  args: [privateKeyToAccount(payerKey).address, 100000000n] }) });

const facilitator = new x402Facilitator()
  .register("eip155:31337", new ExactEvmScheme(toFacilitatorEvmSigner({ ...wallet, address: operator.address })));
const app = express();
app.use(express.json());
app.get("/supported", (_, response) => response.json(facilitator.getSupported()));
for (const what of ["verify", "settle"])
  app.post(`/${what}`, async (request, response) => {
    try {
      const { paymentPayload, paymentRequirements } = request.body;
      response.json(await facilitator[what](paymentPayload, paymentRequirements));
    } catch (error) {
      response.status(500).json({ error: String(error.message) });
    }
  });
const server = app.listen(0, "127.0.0.1", () => console.log(JSON.stringify({
  rpc, facilitator: `http://127.0.0.1:${server.address().port}`, asset: deployed.contractAddress,
  payTo: privateKeyToAccount(generatePrivateKey()).address, payerKey, poorKey })));
