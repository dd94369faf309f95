/**
 * Server-sent events: the data of each, from bytes in any pieces. Source: WHATWG HTML, "Server-sent events", "Parsing
 * an event stream".
 */

/** The stream is longer than it may be. */
export class StreamTooLong extends Error {
  override readonly name = 'StreamTooLong';
}

/**
 * Yields the joined `data` of each event; comments, other fields and events without data are left out. A last event
 * that no empty line ends counts as well.
 * @param longest Characters of one event, and of all together. @throws StreamTooLong; what `chunks` throws.
 */
export async function* eventData(
  chunks: AsyncIterable<Uint8Array>,
  longest: { readonly event: number; readonly all: number },
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let eventLength = 0;
  let length = 0;
  const take = function*(lines: readonly string[]): Generator<string> {
    for (const line of lines) {
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
  };
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    length += text.length;
    rest += text;
    // A carriage return at the end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > longest.event || length > longest.all) throw new StreamTooLong();
    yield* take(lines);
  }
  yield* take([...(rest + decoder.decode()).split(/\r\n|\n|\r/), '']);
}
