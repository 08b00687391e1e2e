// Server-sent events out of a response's body. Knows the wire format alone.

/**
 * The events of a stream, in order: {comment: text} or {data: text}.
 * @param {ReadableStream<Uint8Array>} body
 */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let held = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      held += decoder.decode(value ?? new Uint8Array(), { stream: !done });
      const whole = held.split("\n\n");
      held = done ? "" : whole.pop();
      for (const event of whole) yield* readLines(event);
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function* readLines(event) {
  for (const line of event.split("\n")) {
    if (line.startsWith(":")) yield { comment: line.slice(1).trim() };
    if (line.startsWith("data:")) yield { data: line.slice(5).trim() };
  }
}
