// A conversation in the API's own form, and what a request of it says. Knows no page.

/** Settings as a person typed them; all are texts but `thinking`. */
export const NO_SETTINGS = {
  system: "",
  tools: "",
  schema: "",
  temperature: "",
  maxTokens: "",
  seed: "",
  thinking: false,
};

/** The functions in a text, in the API's form; a list of plain ones will do. */
export function parseTools(text) {
  if (!text.trim()) return [];
  const found = parseJson(text);
  const list = Array.isArray(found) ? found : [found];
  return list.map((entry) => {
    const declared = entry?.type === "function" && entry.function ? entry.function : entry;
    if (typeof declared?.name !== "string") {
      throw new Error("each function is an object with a name");
    }
    return { type: "function", function: declared };
  });
}

/** The schema in a text; null when there is none. */
export function parseSchema(text) {
  if (!text.trim()) return null;
  const schema = parseJson(text);
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw new Error("a schema is an object");
  }
  return schema;
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`this is no JSON: ${error.message}`);
  }
}

/**
 * The body of the request for the next answer, by whichever model is served.
 * @throws {Error} the functions or the schema are not as they must be.
 */
export function requestBody(messages, settings) {
  const body = { messages: [], stream: true, stream_options: { include_usage: true } };
  if (settings.system.trim()) body.messages.push({ role: "system", content: settings.system });
  body.messages.push(...messages.map(onWire));
  const tools = parseTools(settings.tools);
  if (tools.length) body.tools = tools;
  const schema = parseSchema(settings.schema);
  if (schema) {
    body.response_format = { type: "json_schema", json_schema: { name: "answer", schema } };
  }
  const numbers = { temperature: "temperature", maxTokens: "max_tokens", seed: "seed" };
  for (const [name, field] of Object.entries(numbers)) {
    if (settings[name] !== "") body[field] = Number(settings[name]);
  }
  if (settings.thinking) body.thinking = true;
  return body;
}

/** A message without what only the page knows of it. */
function onWire({ role, content, tool_calls, tool_call_id }) {
  const message = { role, content };
  if (tool_calls?.length) message.tool_calls = tool_calls;
  if (tool_call_id) message.tool_call_id = tool_call_id;
  return message;
}

/** An answer that has not begun. `page` is what only the page knows of it. */
export function newAnswer({ isJson = false } = {}) {
  return { role: "assistant", content: "", tool_calls: [], page: { reasoning: "", reading: "", isJson } };
}

/** Take the next chunk of a stream into an answer. */
export function fold(answer, chunk) {
  if (chunk.usage) answer.page.usage = chunk.usage;
  if (chunk.timings) answer.page.timings = chunk.timings;
  if (chunk.warnings) answer.page.warnings = chunk.warnings;
  const choice = chunk.choices?.[0];
  if (!choice) return;
  if (choice.finish_reason) answer.page.finish = choice.finish_reason;
  const { content, reasoning_content, tool_calls = [] } = choice.delta;
  answer.content += content ?? "";
  answer.page.reasoning += reasoning_content ?? "";
  for (const { index, ...part } of tool_calls) foldCall(answer.tool_calls, index, part);
}

function foldCall(calls, index, part) {
  if (calls[index] === undefined) calls[index] = structuredClone(part);
  else calls[index].function.arguments += part.function.arguments;
}

/** The calls at the end of a conversation that have no result yet. */
export function openCalls(messages) {
  const at = messages.findLastIndex((message) => message.role !== "tool");
  const last = messages[at];
  if (last?.role !== "assistant" || last.page?.finish !== "tool_calls") return [];
  const told = new Set(messages.slice(at + 1).map((message) => message.tool_call_id));
  return last.tool_calls.filter((call) => !told.has(call.id));
}

/** One line on how an answer came about; empty when that is not known. */
export function summary({ usage, timings, finish }) {
  if (!usage || !timings) return "";
  const read = usage.prompt_tokens - usage.prompt_tokens_details.cached_tokens;
  const parts = [
    `${counted(usage.completion_tokens, "token")}, ${rounded(timings.tokens_per_s)} a second`,
    `${read} of ${counted(usage.prompt_tokens, "prompt token")} read in ${lasted(timings.prefill_s)}`,
  ];
  if (timings.forced_tokens) parts.push(`${timings.forced_tokens} dictated by the grammar`);
  if (finish === "length") parts.unshift("cut: the limit of tokens, or the context, was reached");
  return parts.join(" · ");
}

const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const rounded = (rate) => rate.toFixed(rate < 100 ? 1 : 0);
const lasted = (seconds) => (seconds < 0.1 ? "under 0.1 s" : `${seconds.toFixed(1)} s`);

/** The same request for a terminal. */
export function curlCommand(origin, body, hasKey) {
  const plain = { ...body };
  delete plain.stream;
  delete plain.stream_options;
  const quoted = JSON.stringify(plain, null, 2).replaceAll("'", `'\\''`);
  const key = hasKey ? ` -H 'authorization: Bearer YOUR_KEY'` : "";
  return `curl ${origin}/v1/chat/completions -H 'content-type: application/json'${key} -d '${quoted}'`;
}
