// Anthropic's SDK for TypeScript, unmodified: what each column asks of it.

import assert from "node:assert/strict";
import Anthropic, { APIConnectionError, APIError, AuthenticationError, NotFoundError, RateLimitError } from "@anthropic-ai/sdk";

import * as asked from "./asked.mjs";

const TOOLS = asked.tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema }));
const USER = { role: "user", content: asked.question };
const THINKING = { thinking: { type: "adaptive" } };

export class AnthropicSdk {
  constructor(place) {
    this.place = place;
    this.client = this.clientWith(place.key);
  }

  clientWith(apiKey) {
    return new Anthropic({ baseURL: this.place.url, apiKey, maxRetries: 0, timeout: 20_000 });
  }

  async plain() {
    const reply = await this.whole({ system: asked.system, messages: [USER] });
    assert.deepEqual([reply.type, reply.role], ["message", "assistant"]);
    assert.equal(textOf(reply), asked.greeting(this.place));
    assert.equal(reply.stop_reason, "end_turn");
    await this.checkUsage(reply.usage);
  }

  async stream() {
    const stream = this.streamOf([]);
    const pieces = [];
    stream.on("text", (piece) => pieces.push(piece));
    const reply = await stream.finalMessage();
    assert.ok(pieces.length >= 2);
    assert.equal(pieces.join(""), asked.greeting(this.place));
    assert.equal(textOf(reply), asked.greeting(this.place));
    assert.equal(reply.stop_reason, "end_turn");
    await this.checkUsage(reply.usage);
  }

  async tool() {
    await this.roundTrip(asked.toolQuestion, ["get_weather"], (ask) => this.whole(ask));
  }

  async tool_streamed() {
    await this.roundTrip(asked.toolQuestion, ["get_weather"], (ask) => this.assembled(ask));
  }

  async parallel_tools() {
    await this.roundTrip(asked.parallelQuestion, ["get_weather", "get_time"], (ask) => this.whole(ask));
  }

  async parallel_streamed() {
    await this.roundTrip(asked.parallelQuestion, ["get_weather", "get_time"], (ask) => this.assembled(ask));
  }

  async image() {
    const source = { type: "base64", media_type: "image/png", data: asked.image.toString("base64") };
    const content = [
      { type: "image", source },
      { type: "text", text: asked.question },
    ];
    const reply = await this.whole({ messages: [{ role: "user", content }] });
    assert.ok(textOf(reply).startsWith(asked.greeting(this.place, { told: null })));
    await asked.checkImage(this.place);
  }

  async token_limit() {
    const ask = { messages: [USER], max_tokens: 5 };
    for (const reply of [await this.whole(ask), await this.assembled(ask)]) {
      assert.equal(reply.stop_reason, "max_tokens");
      asked.checkCutShort(this.place, textOf(reply));
    }
  }

  async schema() {
    const format = { type: "json_schema", schema: asked.schema };
    const ask = { messages: [USER], output_config: { format } };
    for (const reply of [await this.whole(ask), await this.assembled(ask)]) {
      assert.deepEqual(JSON.parse(textOf(reply)), asked.bySchema);
    }
  }

  async thinking() {
    const { marks, provider, model } = this.place;
    for (const send of [(ask) => this.whole(ask), (ask) => this.assembled(ask)]) {
      if (marks.thinking === "yes") {
        await this.roundTrip(asked.toolQuestion, ["get_weather"], send, THINKING);
        continue;
      }
      const reply = await send({ messages: [USER], output_config: { effort: "high" }, ...THINKING });
      assert.deepEqual(reply.content.map((block) => block.type), ["text"]);
      if (provider === "openai") assert.ok(reply.usage.output_tokens_details.thinking_tokens > 0);
    }
    if (marks.thinking === "withheld") {
      const asks = this.client.messages.create({ model, max_tokens: 4_000, messages: [USER], ...THINKING });
      assert.match((await asks.asResponse()).headers.get("x-openclaw-lossy"), /content\[0\] dropped/);
    }
  }

  async errors() {
    const limited = await asked.failure(this.askOnce(asked.withKnobs(this.place, ...asked.rateLimited)));
    assert.ok(limited instanceof RateLimitError, String(limited));
    assert.equal(limited.status, 429);
    assert.equal(limited.headers.get("retry-after"), "7");
    assert.equal(limited.error.error.type, "rate_limit_error");
    const unknown = await asked.failure(this.askOnce(`${this.place.model}-missing`));
    assert.ok(unknown instanceof NotFoundError, String(unknown));
    assert.equal(unknown.error.error.type, "not_found_error");
    if (this.place.way !== "direct") {
      const wrong = this.clientWith("oc_wrong").messages.create({
        model: this.place.model,
        max_tokens: 500,
        messages: [USER],
      });
      const unauthenticated = await asked.failure(wrong);
      assert.ok(unauthenticated instanceof AuthenticationError, String(unauthenticated));
      assert.ok(unauthenticated.requestID);
    }
  }

  async silence() {
    assert.equal(await this.streamOf(asked.silent).finalText(), asked.greeting(this.place));
  }

  async broken_stream() {
    for (const knobs of asked.broken) {
      const said = [];
      const stream = this.streamOf(knobs);
      stream.on("text", (piece) => said.push(piece));
      const error = await asked.failure(stream.finalMessage());
      assert.ok(error instanceof APIError && !(error instanceof APIConnectionError), String(error));
      assert.ok(said.length && asked.greeting(this.place).startsWith(said.join("")));
    }
  }

  streamOf(knobs) {
    const model = asked.withKnobs(this.place, ...knobs);
    return this.client.messages.stream({ model, max_tokens: 500, system: asked.system, messages: [USER] });
  }

  askOnce(model) {
    return this.client.messages.create({ model, max_tokens: 500, messages: [USER] });
  }

  whole(ask) {
    return this.client.messages.create({ model: this.place.model, max_tokens: 4_000, ...ask });
  }

  /** A streamed reply, put together by the SDK's own helper. */
  assembled(ask) {
    return this.client.messages.stream({ model: this.place.model, max_tokens: 4_000, ...ask }).finalMessage();
  }

  async roundTrip(question, names, send, options = {}) {
    const messages = [{ role: "user", content: question }];
    const first = await send({ messages, tools: TOOLS, ...options });
    assert.equal(first.stop_reason, "tool_use");
    if (options.thinking) {
      assert.equal(first.content[0].type, "thinking");
      assert.ok(first.content[0].thinking.includes(question));
    }
    const calls = first.content.filter((block) => block.type === "tool_use");
    asked.checkCalls(calls, names);
    const results = calls.map(({ id, name }) => ({
      type: "tool_result",
      tool_use_id: id,
      content: asked.result[name],
    }));
    messages.push({ role: "assistant", content: first.content }, { role: "user", content: results });
    const second = await send({ messages, tools: TOOLS, ...options });
    assert.equal(second.stop_reason, "end_turn");
    await asked.checkResults(this.place, textOf(second), names);
  }

  async checkUsage(usage) {
    const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
    await asked.checkUsage(this.place, usage.input_tokens + cached, usage.output_tokens);
  }
}

function textOf(message) {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}
