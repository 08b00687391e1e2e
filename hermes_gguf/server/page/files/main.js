// The page: what is said, what is shown, and what the buttons do.

import { ApiError, complete, health, modelName } from "./api.js";
import { EXAMPLES } from "./examples.js";
import * as settings from "./settings.js";
import * as store from "./store.js";
import * as talk from "./talk.js";
import * as view from "./view.js";

const LOADING_MS = 700;
const LOCAL = /^(localhost|127\.[\d.]+|\[::1\])$/;
const NO_RESULTS = new Map();
const at = (id) => document.getElementById(id);

let model = "";
let messages = [];
let problem = null; // of the last answer, until something is sent again
let writing = null; // {answer, abort} while an answer is being written
let before = null; // the conversation that a button took away, for Undo

/** What a reload of the page brings back. */
function keep() {
  const draft = at("input").value;
  const isKept = store.keep({ messages, draft, settings: settings.read(), key: settings.readKey() });
  if (!isKept) at("status").textContent = "this will not outlive a reload of the page";
}

// -- what is shown ------------------------------------------------------------

function show() {
  const list = at("talk");
  followEnd(() => list.replaceChildren(...views()));
  list.setAttribute("aria-busy", String(Boolean(writing)));
  at("send").textContent = writing ? "Stop" : "Send";
  at("new-chat").disabled = !messages.length && !writing;
  at("undo").hidden = !before || Boolean(writing);
  keep();
}

/** Only the answer that is being written: what stands above may be selected, or open. */
function showWriting() {
  if (!writing) return;
  const now = view.answerView(writing.answer, NO_RESULTS);
  followEnd(() => at("talk").lastElementChild.replaceWith(now));
}

/** Who reads the end goes on reading it; who looks back is left alone. */
function followEnd(change) {
  const list = at("talk");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  change();
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

function views() {
  if (!messages.length && !writing && !problem) {
    return [view.welcomeView(model || "the model", where(), EXAMPLES, useExample)];
  }
  const results = new Map(messages.filter((m) => m.role === "tool").map((m) => [m.tool_call_id, m.content]));
  const shown = messages.flatMap((message, number) => messageViews(message, number, results));
  if (writing) shown.push(view.answerView(writing.answer, NO_RESULTS));
  const open = writing || problem ? [] : talk.openCalls(messages);
  if (open.length) shown.push(view.resultsForm(open, sendResults));
  if (problem && !model) shown.push(view.problemView(problem, "Connect", connect));
  else if (problem) shown.push(view.problemView(problem, "Try again", tryAgain));
  return shown;
}

function messageViews(message, number, results) {
  switch (message.role) {
    case "user":
      return [view.questionView(message, writing ? undefined : () => edit(number))];
    case "assistant":
      return [view.answerView(message, results, writing ? {} : actions(number))];
    default:
      return []; // results stand with their calls
  }
}

function actions(number) {
  return {
    again: () => {
      cut(number);
      answer();
    },
    curl: () => {
      const body = talk.requestBody(messages.slice(0, number), settings.read());
      return talk.curlCommand(location.origin, body, Boolean(settings.readKey()));
    },
  };
}

/** Once for each frame that the browser draws, however fast tokens come. */
function showSoon() {
  if (showSoon.asked) return;
  showSoon.asked = true;
  requestAnimationFrame(() => {
    showSoon.asked = false;
    showWriting();
  });
}

function where() {
  return LOCAL.test(location.hostname) ? "on this machine" : `at ${location.hostname}`;
}

// -- what is said -------------------------------------------------------------

async function answer() {
  problem = null;
  let asked;
  try {
    asked = talk.requestBody(messages, settings.read());
  } catch (error) {
    settings.open(true);
    problem = `Look at the settings: ${error.message}`;
    return show();
  }
  const abort = new AbortController();
  const made = talk.newAnswer({ isJson: Boolean(asked.response_format) });
  writing = { answer: made, abort };
  const asking = messages;
  show();
  try {
    for await (const chunk of complete(asked, { key: settings.readKey(), signal: abort.signal })) {
      if (chunk.reading !== undefined) made.page.reading = chunk.reading;
      else talk.fold(made, chunk);
      showSoon();
    }
  } catch (error) {
    if (error.name !== "AbortError") problem = tellProblem(error);
    made.page.stopped = true;
  }
  writing = null;
  // Half a call is nothing that could be answered; half a sentence is worth keeping.
  if (made.page.stopped) made.tool_calls = [];
  const isNew = messages === asking; // New chat may have been pressed
  if (isNew && (made.content || made.page.reasoning || made.page.finish)) messages.push(made);
  show();
}

function tryAgain() {
  if (messages.at(-1).page?.stopped) messages.pop();
  answer();
}

function tellProblem(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status !== 401) return error.message;
  settings.askForKey();
  return settings.readKey() ? "The server has another API key." : "The server asks for its API key: see the settings.";
}

function say(text) {
  // Who says something else lets the call go.
  if (talk.openCalls(messages).length) cut(messages.length - 1);
  messages.push({ role: "user", content: text });
  answer();
}

function sendResults(results) {
  for (const [id, content] of results) messages.push({ role: "tool", tool_call_id: id, content });
  answer();
}

function edit(number) {
  const { content } = messages[number];
  cut(number);
  at("input").value = content;
  fit();
  show();
  at("input").focus();
}

/** Forget what comes from this message on, until Undo. */
function cut(number) {
  before = { messages, draft: at("input").value };
  messages = messages.slice(0, number);
  problem = null;
}

function undo() {
  const now = { messages, draft: at("input").value };
  ({ messages } = before);
  at("input").value = before.draft;
  before = now; // pressed again, it undoes itself
  problem = null;
  fit();
  show();
}

// -- the composer -------------------------------------------------------------

at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (writing) return writing.abort.abort();
  const text = at("input").value;
  if (!text.trim() || !model) return;
  at("input").value = "";
  fit();
  say(text);
});

at("input").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!writing) at("composer").requestSubmit();
});

at("input").addEventListener("input", () => {
  fit();
  keep();
});

/** The box is as high as its text, within reason (the style says how high). */
function fit() {
  const box = at("input");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

at("new-chat").addEventListener("click", () => {
  writing?.abort.abort();
  cut(0);
  show();
  at("input").focus();
});

at("undo").addEventListener("click", undo);

function useExample({ input, tools = "", schema = "" }) {
  settings.fill({ ...settings.read(), tools, schema });
  settings.open(Boolean(tools || schema));
  at("input").value = input;
  fit();
  keep();
  at("input").focus();
}

// -- the beginning ------------------------------------------------------------

async function connect() {
  at("status").textContent = "connecting ...";
  try {
    while ((await health()) === "loading") {
      at("status").textContent = "loading the model ...";
      await new Promise((done) => setTimeout(done, LOADING_MS));
    }
    model = await modelName(settings.readKey());
    at("model").textContent = model;
    document.title = `${model} – hermes-gguf`;
    at("status").textContent = where();
    problem = null;
  } catch (error) {
    at("status").textContent = "not connected";
    problem = tellProblem(error);
  }
  show();
}

const kept = store.recall();
messages = kept.messages ?? [];
at("input").value = kept.draft ?? "";
settings.fill(kept.settings);
settings.fillKey(kept.key ?? "");
settings.listen(keep, connect);
fit();
show();
connect();
at("input").focus();
