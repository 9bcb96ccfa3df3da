// The cells of the table whose client is written in TypeScript. Which, and where they go, is in the file that CLIENTS_CELLS names.

import { readFileSync } from "node:fs";
import { test } from "node:test";

import { AnthropicSdk } from "./anthropic.mjs";
import { forget } from "./asked.mjs";
import { OpenaiSdk } from "./openai.mjs";

const CLIENTS = { "openai-typescript": OpenaiSdk, "anthropic-typescript": AnthropicSdk };
const cells = JSON.parse(readFileSync(process.env.CLIENTS_CELLS, "utf8"));

for (const { name, client, method, place } of cells) {
  test(name, { timeout: 60_000 }, async () => {
    await forget(place);
    await new CLIENTS[client](place)[method]();
  });
}
