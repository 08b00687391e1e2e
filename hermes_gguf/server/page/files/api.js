// The server's API, as the page needs it: which model, and one answer as a stream.

import { readEvents } from "./events.js";

/** What the server refused, or how it could not be reached, for a person. */
export class ApiError extends Error {
  constructor(message, { status = 0, code = null } = {}) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const BROKEN = "The connection broke off before the answer was complete.";
const UNREACHABLE = "The server does not answer. Is hermes-gguf serve still running?";

function headers(key) {
  const found = { "content-type": "application/json" };
  if (key) found.authorization = `Bearer ${key}`;
  return found;
}

async function refusal(reply) {
  let error = null;
  try {
    error = (await reply.json()).error;
  } catch {
    // Something between the page and the server answered.
  }
  const message = error?.message ?? `The server said ${reply.status} ${reply.statusText}.`;
  return new ApiError(message, { status: reply.status, code: error?.code });
}

async function ask(path, options) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new ApiError(UNREACHABLE);
  }
  if (!reply.ok) throw await refusal(reply);
  return reply;
}

/** Whether the model is loaded: "ok" or "loading". */
export async function health() {
  try {
    const reply = await fetch("/health");
    return (await reply.json()).status;
  } catch {
    throw new ApiError(UNREACHABLE);
  }
}

/** The name of the model that is served. */
export async function modelName(key) {
  const reply = await ask("/v1/models", { headers: headers(key) });
  return (await reply.json()).data[0].id;
}

/**
 * One answer: {reading: text} while the prompt is read, then the chunks of the API.
 * @throws {ApiError} the server refused, or broke off.
 */
export async function* complete(body, { key, signal }) {
  const reply = await ask("/v1/chat/completions", {
    method: "POST",
    headers: headers(key),
    body: JSON.stringify(body),
    signal,
  });
  let isWhole = false;
  try {
    for await (const event of readEvents(reply.body)) {
      if (event.data === "[DONE]") isWhole = true;
      else yield event.comment === undefined ? chunkOf(event.data) : { reading: event.comment };
    }
  } catch (error) {
    throw error instanceof TypeError ? new ApiError(BROKEN) : error; // as browsers say it
  }
  if (!isWhole) throw new ApiError(BROKEN);
}

function chunkOf(text) {
  const chunk = JSON.parse(text);
  if (chunk.error) throw new ApiError(chunk.error.message, chunk.error);
  return chunk;
}
