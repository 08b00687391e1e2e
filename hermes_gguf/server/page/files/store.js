// What outlives a reload: the browser keeps it for this tab, until it is closed.

const NAME = "hermes-gguf";

/** Keep a value; false when the browser has no room, or keeps nothing at all. */
export function keep(value) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** What was kept; an empty object when nothing was. */
export function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
  } catch {
    return {};
  }
}
