// OpenAI's SDK for TypeScript, unmodified: what each column asks of it.

import assert from "node:assert/strict";
import OpenAI, { APIConnectionError, APIError, AuthenticationError, NotFoundError, RateLimitError } from "openai";

import * as asked from "./asked.mjs";

const TOOLS = asked.tools.map(({ name, description, schema }) => ({
  type: "function",
  function: { name, description, parameters: schema },
}));
const USER = { role: "user", content: asked.question };
const SYSTEM = { role: "system", content: asked.system };

export class OpenaiSdk {
  constructor(place) {
    this.place = place;
    this.client = this.clientWith(place.key);
  }

  clientWith(apiKey) {
    return new OpenAI({ baseURL: this.place.url, apiKey, maxRetries: 0, timeout: 20_000 });
  }

  async plain() {
    const reply = await this.whole({ messages: [SYSTEM, USER] });
    assert.equal(reply.object, "chat.completion");
    assert.equal(reply.choices[0].message.content, asked.greeting(this.place));
    assert.equal(reply.choices[0].finish_reason, "stop");
    await asked.checkUsage(this.place, reply.usage.prompt_tokens, reply.usage.completion_tokens);
  }

  async stream() {
    const chunks = [];
    for await (const chunk of await this.streamOf([], { stream_options: { include_usage: true } })) chunks.push(chunk);
    const pieces = chunks.flatMap(piecesOf);
    assert.ok(pieces.length >= 2);
    assert.equal(pieces.join(""), asked.greeting(this.place));
    assert.equal(chunks.filter((chunk) => chunk.choices.length).at(-1).choices[0].finish_reason, "stop");
    const { usage } = chunks.at(-1);
    await asked.checkUsage(this.place, usage.prompt_tokens, usage.completion_tokens);
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
    const url = `data:image/png;base64,${asked.image.toString("base64")}`;
    const content = [
      { type: "text", text: asked.question },
      { type: "image_url", image_url: { url } },
    ];
    const reply = await this.whole({ messages: [{ role: "user", content }] });
    assert.ok(reply.choices[0].message.content.startsWith(asked.greeting(this.place, { told: null })));
    await asked.checkImage(this.place);
  }

  async token_limit() {
    const ask = { messages: [USER], max_completion_tokens: 5 };
    const whole = await this.whole(ask);
    assert.equal(whole.choices[0].finish_reason, "length");
    asked.checkCutShort(this.place, whole.choices[0].message.content);
    const ends = [];
    for await (const chunk of await this.whole({ ...ask, stream: true })) {
      ends.push(...chunk.choices.map((choice) => choice.finish_reason));
    }
    assert.equal(ends.at(-1), "length");
  }

  async schema() {
    const json_schema = { name: "place", schema: asked.schema, strict: true };
    const ask = { messages: [USER], response_format: { type: "json_schema", json_schema } };
    for (const reply of [await this.whole(ask), await this.assembled(ask)]) {
      assert.deepEqual(JSON.parse(reply.choices[0].message.content), asked.bySchema);
    }
  }

  async thinking() {
    const ask = { messages: [USER], reasoning_effort: "high" };
    const whole = await this.whole(ask);
    const streamed = await this.thoughtAndSaid(ask);
    assert.equal(whole.choices[0].message.content, asked.greeting(this.place, { told: null }));
    assert.equal(streamed.content, asked.greeting(this.place, { told: null }));
    if (this.place.provider === "openai") {
      // OpenAI's models do not show what they think.
      assert.ok(whole.usage.completion_tokens_details.reasoning_tokens > 0);
    } else {
      assert.ok(whole.choices[0].message.reasoning_content.includes(asked.question));
      assert.ok(streamed.reasoning_content.includes(asked.question));
    }
  }

  async errors() {
    const limited = await asked.failure(this.askOnce(asked.withKnobs(this.place, ...asked.rateLimited)));
    assert.ok(limited instanceof RateLimitError, String(limited));
    assert.equal(limited.status, 429);
    assert.equal(limited.headers.get("retry-after"), "7");
    const unknown = await asked.failure(this.askOnce(`${this.place.model}-missing`));
    assert.ok(unknown instanceof NotFoundError, String(unknown));
    assert.equal(unknown.code, "model_not_found");
    if (this.place.way !== "direct") {
      const wrong = this.clientWith("oc_wrong").chat.completions.create({ model: this.place.model, messages: [USER] });
      const unauthenticated = await asked.failure(wrong);
      assert.ok(unauthenticated instanceof AuthenticationError, String(unauthenticated));
      assert.ok(unauthenticated.requestID);
    }
  }

  async silence() {
    const pieces = [];
    for await (const chunk of await this.streamOf(asked.silent)) pieces.push(...piecesOf(chunk));
    assert.equal(pieces.join(""), asked.greeting(this.place));
  }

  async broken_stream() {
    for (const knobs of asked.broken) {
      const said = [];
      const error = await asked.failure(
        (async () => {
          for await (const chunk of await this.streamOf(knobs)) said.push(...piecesOf(chunk));
        })(),
      );
      assert.ok(error instanceof APIError && !(error instanceof APIConnectionError), String(error));
      assert.ok(said.length && asked.greeting(this.place).startsWith(said.join("")));
    }
  }

  streamOf(knobs, options = {}) {
    const model = asked.withKnobs(this.place, ...knobs);
    return this.client.chat.completions.create({ model, messages: [SYSTEM, USER], stream: true, ...options });
  }

  askOnce(model) {
    return this.client.chat.completions.create({ model, messages: [USER] });
  }

  whole(ask) {
    return this.client.chat.completions.create({ model: this.place.model, ...ask });
  }

  /** A streamed reply, put together by the SDK's own helper. */
  assembled(ask) {
    return this.client.chat.completions.stream({ model: this.place.model, ...ask }).finalChatCompletion();
  }

  /** The field for thinking is not OpenAI's own, so the helper leaves it out. */
  async thoughtAndSaid(ask) {
    const joined = { content: "", reasoning_content: "" };
    const model = this.place.model;
    for await (const chunk of await this.client.chat.completions.create({ model, stream: true, ...ask })) {
      for (const { delta } of chunk.choices) {
        joined.content += delta.content ?? "";
        joined.reasoning_content += delta.reasoning_content ?? "";
      }
    }
    return joined;
  }

  async roundTrip(question, names, send) {
    const messages = [{ role: "user", content: question }];
    const first = await send({ messages, tools: TOOLS });
    assert.equal(first.choices[0].finish_reason, "tool_calls");
    const { message } = first.choices[0];
    const calls = message.tool_calls.map(({ id, function: { name, arguments: input } }) => ({
      id,
      name,
      input: JSON.parse(input),
    }));
    asked.checkCalls(calls, names);
    const results = calls.map(({ id, name }) => ({ role: "tool", tool_call_id: id, content: asked.result[name] }));
    const second = await send({ messages: [...messages, message, ...results], tools: TOOLS });
    assert.equal(second.choices[0].finish_reason, "stop");
    await asked.checkResults(this.place, second.choices[0].message.content, names);
  }
}

function piecesOf(chunk) {
  return chunk.choices.map((choice) => choice.delta.content).filter(Boolean);
}
