// The settings' fields: what they say, whether it can be read, and when they are seen.

import { NO_SETTINGS, parseSchema, parseTools } from "./talk.js";

const at = (id) => document.getElementById(id);
const FIELDS = {
  system: at("system"),
  tools: at("tools"),
  schema: at("schema"),
  temperature: at("temperature"),
  maxTokens: at("max-tokens"),
  seed: at("seed"),
  thinking: at("thinking"),
};
const PARSERS = { tools: parseTools, schema: parseSchema };

/** The settings as they stand in the fields. */
export function read() {
  const entries = Object.entries(FIELDS).map(([name, field]) => [name, isFlag(field) ? field.checked : field.value]);
  return Object.fromEntries(entries);
}

/** Put settings into the fields; those that are left out become empty. */
export function fill(settings) {
  for (const [name, value] of Object.entries({ ...NO_SETTINGS, ...settings })) {
    if (isFlag(FIELDS[name])) FIELDS[name].checked = value;
    else FIELDS[name].value = value;
  }
  check();
}

const isFlag = (field) => field.type === "checkbox";

function check() {
  const settings = read();
  for (const [name, parse] of Object.entries(PARSERS)) at(`${name}-problem`).value = problemOf(parse, settings[name]);
}

function problemOf(parse, text) {
  try {
    parse(text);
    return "";
  } catch (error) {
    return error.message;
  }
}

/** The key that the server asks for; empty when none was given. */
export const readKey = () => at("key").value.trim();

/** Put the key into its field. */
export function fillKey(key) {
  at("key").value = key;
  at("key-row").hidden = !key;
}

/** Show the settings, and the field for the key. */
export function askForKey() {
  at("key-row").hidden = false;
  open(true);
  at("key").focus();
}

/** Show the settings, or hide them. */
export function open(isOpen) {
  at("settings").hidden = !isOpen;
  at("settings-button").setAttribute("aria-expanded", String(isOpen));
}

/**
 * Begin to listen.
 * @param {() => void} onInput anything was changed
 * @param {() => void} onKey another key was given
 */
export function listen(onInput, onKey) {
  at("settings-button").addEventListener("click", () => open(at("settings").hidden));
  at("settings").addEventListener("submit", (event) => event.preventDefault());
  at("settings").addEventListener("input", () => {
    check();
    onInput();
  });
  at("key").addEventListener("change", onKey);
}
