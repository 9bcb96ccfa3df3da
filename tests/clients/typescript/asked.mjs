// What every client asks, and what must come back; the same as rig/asked.py. It must not know any SDK.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const words = JSON.parse(readFileSync(new URL("../rig/words.json", import.meta.url), "utf8"));

export const { system, question, tools, tool_question: toolQuestion, parallel_question: parallelQuestion } = words;
export const { schema, by_schema: bySchema } = words;
export const image = Buffer.from(words.image_base64, "base64");
export const result = Object.fromEntries(tools.map((tool) => [tool.name, tool.result]));

export const rateLimited = ["fail=429", "retry=7"];
export const silent = ["silence=1500ms", "events=3", "gap=500ms"];
export const broken = [["cut=3"], ["error=3"]];

const SETTLE_DEADLINE_MS = 5_000;

/** The model, and how the simulated provider shall behave. */
export function withKnobs(place, ...knobs) {
  return [place.model, ...knobs].join("~");
}

/** What the simulated model says. */
export function greeting(place, { asked = question, told = system } = {}) {
  const name = place.model.startsWith(`${place.provider}/`)
    ? place.model.slice(place.provider.length + 1)
    : place.model;
  const said = `Hello from the simulated ${place.provider} model ${name}. You said: ${asked}`;
  return told ? `${said} system: ${told}` : said;
}

/** Begins anew: nothing is remembered of earlier calls. */
export async function forget(place) {
  await fetch(`${place.simulator_url}/_simulator/log`, { method: "DELETE" });
}

/** The newest call that the provider saw, once it has ended. */
export async function lastCall(place) {
  const until = Date.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    const calls = await (await fetch(`${place.simulator_url}/_simulator/log`)).json();
    const last = calls.at(-1);
    if (last && last.ended !== "running") return last;
    assert.ok(Date.now() < until, "no call has ended");
    await sleep(20);
  }
}

/** The answer is only its beginning. */
export function checkCutShort(place, text) {
  const whole = greeting(place, { told: null });
  assert.ok(text && whole.startsWith(text) && text.length < whole.length, `not cut short: ${text}`);
}

/** Each call, as { id, name, input }, is as the simulated model makes it. */
export function checkCalls(calls, names) {
  assert.deepEqual(calls.map((call) => call.name), names);
  for (const call of calls) {
    assert.ok(call.id, "a call has no id");
    assert.deepEqual(call.input, tools.find((tool) => tool.name === call.name).arguments);
  }
  assert.equal(new Set(calls.map((call) => call.id)).size, calls.length, "two calls have the same id");
}

/** The provider saw each result once, in order, and the answer quotes all. */
export async function checkResults(place, answer, names) {
  const seen = (await lastCall(place)).tool_results.map((one) => one.text);
  assert.deepEqual(seen, names.map((name) => result[name]));
  for (const name of names) assert.ok(answer.includes(result[name]), `the answer does not quote ${name}: ${answer}`);
}

/** Exactly the image arrived at the provider. */
export async function checkImage(place) {
  const sha256 = createHash("sha256").update(image).digest("hex");
  const whole = { media_type: "image/png", bytes: image.length, sha256 };
  assert.deepEqual((await lastCall(place)).images, [whole]);
}

/** The tokens that the client was told are those that the provider counted, cached ones included. */
export async function checkUsage(place, tokensIn, tokensOut) {
  const { usage } = await lastCall(place);
  assert.deepEqual([tokensIn, tokensOut], [usage.input + usage.cache_read + usage.cache_write, usage.output]);
}

/** The error that a promise fails with; it must fail. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("it did not fail");
}
