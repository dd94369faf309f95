/** Cuts a stream of text into lines of bounded length. */
import type { Readable } from 'node:stream';

const LONGEST_LINE = 4096;

/** Calls back for each line that is not blank; one with more characters than `longest` comes in pieces of so many. */
export function readLines(stream: Readable, onLine: (line: string) => void, longest = LONGEST_LINE): void {
  let rest = '';
  const flush = (line: string) => {
    if (line.trim() !== '') onLine(line.trimEnd());
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(flush);
    while (rest.length >= longest) {
      flush(rest.slice(0, longest));
      rest = rest.slice(longest);
    }
  });
  stream.on('end', () => flush(rest));
  // The end of a process closes its pipes; its exit tells the rest.
  stream.on('error', () => undefined);
}
