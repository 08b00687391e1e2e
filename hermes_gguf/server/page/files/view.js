// Messages as elements. All text goes in as text, never as markup.

import { summary } from "./talk.js";

/** An element with attributes and children; children that are texts stay texts. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function button(text, onclick) {
  return element("button", { type: "button", class: "quiet", onclick }, text);
}

/** Text with its fenced code set apart; all else stays as the model wrote it. */
function prose(text) {
  const found = [];
  for (const [number, part] of text.split(/^```/m).entries()) {
    if (number % 2 === 0) {
      const plain = part.replace(/^\n+|\n+$/g, "");
      if (plain) found.push(element("p", {}, plain));
    } else {
      const code = part.slice(part.indexOf("\n") + 1).replace(/\n$/, "");
      found.push(codeBlock(code));
    }
  }
  return found;
}

function codeBlock(text) {
  return element("pre", {}, element("code", {}, text));
}

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // still being written, or cut
  }
}

function callCard(call, result) {
  const { name, arguments: given } = call.function;
  return element(
    "div",
    { class: "call" },
    element("p", {}, "calls ", element("b", {}, name)),
    codeBlock(pretty(given)),
    ...(result === undefined ? [] : [element("p", {}, "result"), codeBlock(result)]),
  );
}

function footer(notes, ...buttons) {
  const text = notes.filter(Boolean).join(" · ");
  return element("footer", {}, element("small", {}, text), ...buttons);
}

/**
 * A question, with a button to change it.
 * @param {object} message
 * @param {() => void} [onEdit] none while an answer is being written
 */
export function questionView(message, onEdit) {
  return element(
    "article",
    { class: "user", "aria-label": "You" },
    element("p", {}, message.content),
    onEdit ? button("Edit", onEdit) : null,
  );
}

/**
 * An answer, finished or not.
 * @param {object} answer
 * @param {Map<string, string>} results of its calls, by id
 * @param {{again?: () => void, curl?: () => string}} actions none while it is being written
 */
export function answerView(answer, results, actions = {}) {
  const { reasoning, reading, isJson, warnings = [] } = answer.page;
  const isWaiting = !actions.again && !answer.content && !answer.tool_calls.length && !reasoning;
  const body = isJson ? [codeBlock(pretty(answer.content))] : prose(answer.content);
  const buttons = [];
  if (actions.again) {
    if (answer.content) buttons.push(copyButton("Copy", () => answer.content));
    buttons.push(copyButton("Copy as curl", actions.curl));
    buttons.push(button("Again", actions.again));
  }
  return element(
    "article",
    { class: "assistant", "aria-label": "Model" },
    reasoning
      ? element("details", { open: !answer.content }, element("summary", {}, "Thoughts"), ...prose(reasoning))
      : null,
    isWaiting ? element("p", { class: "waiting" }, reading || "waiting ...") : null,
    ...(answer.content ? body : []),
    ...answer.tool_calls.map((call) => callCard(call, results.get(call.id))),
    ...warnings.map((warning) => element("p", { class: "problem" }, warning)),
    actions.again ? footer([answer.page.stopped ? "stopped" : "", summary(answer.page)], ...buttons) : null,
  );
}

function copyButton(text, read) {
  const made = button(text, async () => {
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(read());
    } catch {
      said = "The browser does not allow it";
    }
    made.textContent = said;
    setTimeout(() => (made.textContent = text), 1500);
  });
  return made;
}

/**
 * A form for the results of calls that the page cannot make itself.
 * @param {object[]} calls
 * @param {(results: Map<string, string>) => void} onDone
 */
export function resultsForm(calls, onDone) {
  const boxes = calls.map((call) =>
    element("textarea", { rows: 2, required: "", spellcheck: "false", "data-call": call.id }),
  );
  const onsubmit = (event) => {
    event.preventDefault();
    onDone(new Map(boxes.map((box) => [box.dataset.call, box.value])));
  };
  return element(
    "form",
    { class: "results", onsubmit },
    ...boxes.map((box, at) => element("label", {}, `What ${calls[at].function.name} returns`, box)),
    element("button", { type: "submit" }, "Send back"),
  );
}

/** What went wrong, with a button for what may help. */
export function problemView(text, action, onAction) {
  return element(
    "div",
    { class: "problem", role: "alert" },
    element("p", {}, text),
    action ? element("button", { type: "button", onclick: onAction }, action) : null,
  );
}

/** What stands where nothing was said yet. */
export function welcomeView(model, where, examples, onExample) {
  return element(
    "div",
    { class: "welcome" },
    element("h2", {}, `Ask ${model}`),
    element("p", {}, `It runs ${where}. Begin below, or with one of these:`),
    element("div", {}, ...examples.map((each) => button(each.title, () => onExample(each)))),
  );
}
