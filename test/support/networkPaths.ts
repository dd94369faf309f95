/**
 * Preloaded into a process under test: reads `file:` URIs as Windows does, where they may name another machine, and writes
 * every path of another machine that the file system is asked about into the file of `PALIGEMMA_TEST_RECORD`. The first
 * line says that the process was watched.
 */
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import url from 'node:url';

const record = process.env['PALIGEMMA_TEST_RECORD'];
const { appendFileSync } = fs;
const note = (line: string) => {
  if (record !== undefined) appendFileSync(record, `${line}\n`);
};
note(`watched ${process.argv[1] ?? ''}`);

const { fileURLToPath } = url;
url.fileURLToPath = value => {
  const text = typeof value === 'string' ? value : value.href;
  return fileURLToPath(value, { windows: /^file:[\\/]{2}[^\\/]/i.test(text) });
};

type Call = (...args: unknown[]) => unknown;

function watch(module: object, name: string): void {
  for (const [key, value] of Object.entries(module) as [string, unknown][]) {
    if (typeof value !== 'function' || /^[A-Z_]/.test(key)) continue;
    const call = value as Call;
    const watched = function(this: unknown, ...args: unknown[]): unknown {
      for (const argument of args.slice(0, 2)) {
        const text = typeof argument === 'string' || argument instanceof URL ? String(argument) : '';
        if (/^(?:file:)?[\\/]{2}[^\\/]/i.test(text)) note(`${name}.${key} ${text}`);
      }
      return call.apply(this, args);
    };
    Object.assign(watched, call);
    Reflect.set(module, key, watched);
  }
}
watch(fs, 'fs');
watch(fsPromises, 'fsPromises');
