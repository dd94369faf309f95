/**
 * Server-sent events: the data of each, from bytes in any pieces. Source: WHATWG HTML, "Server-sent events", "Parsing
 * an event stream".
 */

/** The stream is longer than it may be. */
export class StreamTooLong extends Error {
  override readonly name = 'StreamTooLong';
}

/** Characters of one event, and of all together. */
export interface StreamLimits {
  readonly event: number;
  readonly all: number;
}

/**
 * Yields the joined `data` of each event; comments, other fields and events without data are left out. A last event
 * that no empty line ends counts as well.
 * @throws StreamTooLong; what `chunks` throws.
 */
export async function* eventData(
  chunks: AsyncIterable<Uint8Array>,
  longest: StreamLimits,
): AsyncGenerator<string, void, void> {
  let data: string[] = [];
  let eventLength = 0;
  for await (const line of linesOf(chunks, longest)) {
    if (line === '') {
      if (data.length > 0) yield data.join('\n');
      data = [];
      eventLength = 0;
    } else if (line.startsWith('data')) {
      const value = line === 'data' ? '' : /^data: ?(.*)$/s.exec(line)?.[1];
      if (value === undefined) continue;
      data.push(value);
      eventLength += value.length;
      if (eventLength > longest.event) throw new StreamTooLong();
    }
  }
  if (data.length > 0) yield data.join('\n');
}

/** Each chunk is looked through once, however long the line grows that it goes on with. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: StreamLimits): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let line = '';
  let heldBack = '';
  let length = 0;
  for await (const chunk of chunks) {
    const decoded = decoder.decode(chunk, { stream: true });
    length += decoded.length;
    // A carriage return at the end may be half of a line's end.
    const text = heldBack + decoded;
    heldBack = text.endsWith('\r') ? '\r' : '';
    const [first = '', ...others] = text.slice(0, text.length - heldBack.length).split(/\r\n|\n|\r/);
    line += first;
    for (const next of others) {
      yield line;
      line = next;
    }
    if (line.length > longest.event || length > longest.all) throw new StreamTooLong();
  }
  yield* (line + heldBack + decoder.decode()).split(/\r\n|\n|\r/);
}
