// The chat page's own logic; run by test_page.py where there is a Node.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readEvents } from "../../../hermes_gguf/server/page/files/events.js";
import * as talk from "../../../hermes_gguf/server/page/files/talk.js";

const settings = (changed) => ({ ...talk.NO_SETTINGS, ...changed });
const question = { role: "user", content: "Hello" };

/** A stream that hands out these bytes, `size` at a time. */
function streamOf(text, size) {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

const STREAM = ': reading the prompt: 1 of 2 tokens\n\ndata: {"a": "é🙂"}\n\nevent: x\ndata: 2\n\ndata: [DONE]\n\n';

for (const size of [1, 2, 3, 7, 1000]) {
  test(`events are whole, whatever pieces they arrive in: ${size} bytes`, async () => {
    const found = [];
    for await (const event of readEvents(streamOf(STREAM, size))) found.push(event);
    assert.deepEqual(found, [
      { comment: "reading the prompt: 1 of 2 tokens" },
      { data: '{"a": "é🙂"}' },
      { data: "2" },
      { data: "[DONE]" },
    ]);
  });
}

test("a request says what the settings say, and nothing that was left empty", () => {
  assert.deepEqual(talk.requestBody([question], settings({})), {
    messages: [question],
    stream: true,
    stream_options: { include_usage: true },
  });
  const schema = { type: "object" };
  const all = settings({
    system: "Be brief.",
    tools: '{"name": "f"}',
    schema: JSON.stringify(schema),
    temperature: "0",
    maxTokens: "50",
    seed: "7",
    thinking: true,
  });
  assert.deepEqual(talk.requestBody([question], all), {
    messages: [{ role: "system", content: "Be brief." }, question],
    stream: true,
    stream_options: { include_usage: true },
    tools: [{ type: "function", function: { name: "f" } }],
    response_format: { type: "json_schema", json_schema: { name: "answer", schema } },
    temperature: 0,
    max_tokens: 50,
    seed: 7,
    thinking: true,
  });
});

const F = { name: "f", parameters: { type: "object" } };
const WRAPPED = { type: "function", function: F };
for (const [text, found] of [
  ["", []],
  ["  \n", []],
  [JSON.stringify(F), [WRAPPED]],
  [JSON.stringify([F, F]), [WRAPPED, WRAPPED]],
  [JSON.stringify([WRAPPED]), [WRAPPED]],
]) {
  test(`functions are taken in each form: ${text.slice(0, 40)}`, () => {
    assert.deepEqual(talk.parseTools(text), found);
  });
}

for (const [parse, text, problem] of [
  [talk.parseTools, "[{", /no JSON/],
  [talk.parseTools, '[{"parameters": {}}]', /with a name/],
  [talk.parseTools, "[null]", /with a name/],
  [talk.parseSchema, "{", /no JSON/],
  [talk.parseSchema, "[]", /an object/],
  [talk.parseSchema, "null", /an object/],
]) {
  test(`what is none is refused: ${text}`, () => assert.throws(() => parse(text), problem));
}

const chunk = (delta, rest = {}) => ({ choices: [{ index: 0, delta, finish_reason: null, ...rest }] });
const call = (index, name, text) => ({
  tool_calls: [{ index, id: `c${index}`, type: "function", function: { name, arguments: text } }],
});
const more = (index, text) => ({ tool_calls: [{ index, function: { arguments: text } }] });

function folded(...chunks) {
  const answer = talk.newAnswer();
  for (const each of chunks) talk.fold(answer, each);
  return answer;
}

test("an answer is the sum of its chunks", () => {
  const answer = folded(
    chunk({ role: "assistant", content: "" }),
    chunk({ reasoning_content: "Hm." }),
    chunk({ content: "Hel" }),
    chunk({ content: "lo" }),
    { ...chunk({}, { finish_reason: "stop" }), timings: { decode_s: 1 } },
    { choices: [], usage: { prompt_tokens: 3 } },
  );
  assert.equal(answer.content, "Hello");
  assert.equal(answer.page.reasoning, "Hm.");
  assert.equal(answer.page.finish, "stop");
  assert.deepEqual([answer.page.timings, answer.page.usage], [{ decode_s: 1 }, { prompt_tokens: 3 }]);
});

const CALLED = folded(
  chunk(call(0, "f", "")),
  chunk(more(0, '{"a": ')),
  chunk(more(0, "1}")),
  chunk(call(1, "g", "{}")),
  chunk({}, { finish_reason: "tool_calls" }),
);

test("calls are put together by their number", () => {
  assert.deepEqual(
    CALLED.tool_calls.map((each) => [each.id, each.function.name, each.function.arguments]),
    [["c0", "f", '{"a": 1}'], ["c1", "g", "{}"]],
  );
});

const result = (id) => ({ role: "tool", tool_call_id: id, content: "1" });
const CUT = { ...CALLED, page: { ...CALLED.page, finish: "length" } };
for (const [title, messages, open] of [
  ["nothing was said", [], []],
  ["no call", [question], []],
  ["no result yet", [question, CALLED], ["c0", "c1"]],
  ["one of two results", [question, CALLED, result("c1")], ["c0"]],
  ["all results", [question, CALLED, result("c0"), result("c1")], []],
  ["a call that was cut", [question, CUT], []],
  ["the talk went on", [question, CALLED, result("c0"), result("c1"), question], []],
]) {
  test(`the calls that wait for a result: ${title}`, () => {
    assert.deepEqual(talk.openCalls(messages).map((each) => each.id), open);
  });
}

test("a message goes out as the API has it", () => {
  const { messages } = talk.requestBody([question, CALLED, result("c0")], settings({}));
  assert.deepEqual(messages[1], { role: "assistant", content: "", tool_calls: CALLED.tool_calls });
  assert.deepEqual(messages[2], { role: "tool", content: "1", tool_call_id: "c0" });
});

test("a command for the terminal survives quotes, and holds no key", () => {
  const body = talk.requestBody([{ role: "user", content: "it's" }], settings({}));
  const command = talk.curlCommand("http://x", body, true);
  assert.match(command, /it'\\''s/);
  assert.match(command, /Bearer YOUR_KEY/);
  assert.doesNotMatch(command, /"stream"/);
});

test("the line under an answer counts as people do", () => {
  const told = (n, rate, prefill_s) =>
    talk.summary({
      usage: { completion_tokens: n, prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 2 } },
      timings: { tokens_per_s: rate, prefill_s, forced_tokens: 0 },
    });
  assert.equal(told(1, 4.26, 0.01), "1 token, 4.3 a second · 7 of 9 prompt tokens read in under 0.1 s");
  assert.equal(told(30, 412.6, 2.04), "30 tokens, 413 a second · 7 of 9 prompt tokens read in 2.0 s");
});
