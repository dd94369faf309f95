/**
 * Times of the built language server on a data set of 100,000 lines, over the wire, while it is being checked and
 * afterwards: as a client sees them, and the memory of the server. A bundle that runs by itself. Ends with 1 where a
 * limit is broken.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SetDocument } from '../../server/src/language/dataSets/setDocument';
import { setSymbols } from '../../server/src/language/dataSets/setOutline';
import { buildFakeHost } from '../support/fakeHostWatch';
import { at, messageText, PromptEditor, span } from '../support/promptEditor';

const LINES = 100_000;
const ROUNDS = 300;
const PICTURES = 50;
const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-bench-'));
const broken: string[] = [];

/** As Roboflow writes them: one line in ten has something to say about. */
function manyLines(): string {
  const box = (n: number) => `<loc0${100 + n % 800}><loc0100><loc0${910 + n % 80}><loc0900>`;
  return Array.from({ length: LINES }, (_, n) =>
    JSON.stringify({
      image: `p${n % PICTURES}.png`,
      prefix: 'detect 10 of clubs ; ace of spades ; jack of hearts ; queen of diamonds',
      suffix: `${box(n)} ace of spades ; ${box(n + 7)}${n % 10 === 0 ? '' : ' '}queen of diamonds ; ${
        box(n + 9)
      } 10 of clubs`,
    })).join('\n');
}

function residentMb(pid: number | undefined): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1];
  return Number(kb ?? NaN) / 1024;
}

/** Processor time of the server so far; steps of 10 ms. */
function processorMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Processor time of this process, which no other program lengthens. */
function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The server, for what goes over the wire: its processor time tells a busy machine from a slow program. */
const measured: { pid: number | undefined } = { pid: undefined };

async function measure(name: string, limitMs: number, work: (round: number) => unknown): Promise<void> {
  for (let round = 0; round < 10; round++) await work(round);
  const now = measured.pid === undefined ? ownMs : () => performance.now();
  const before = measured.pid === undefined ? ownMs() : processorMs(measured.pid);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = now();
    await work(round);
    times.push(now() - startedAt);
  }
  const after = measured.pid === undefined ? ownMs() : processorMs(measured.pid);
  times.sort((a, b) => a - b);
  const share = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN;
  const isBroken = share(0.99) > limitMs;
  if (isBroken) broken.push(`${name}: p99 ${share(0.99).toFixed(1)} ms instead of ${limitMs} ms`);
  console.log(
    `${name.padEnd(52)} p50 ${share(0.5).toFixed(2).padStart(7)} ms   p99 ${
      share(0.99).toFixed(2).padStart(7)
    } ms   processor ${((after - before) / ROUNDS).toFixed(2).padStart(6)} ms each${
      Number.isFinite(limitMs) ? `   limit ${limitMs} ms${isBroken ? ' BROKEN' : ''}` : ''
    }`,
  );
}

function place(round: number) {
  return { line: round * 7919 % LINES, character: 40 };
}

async function inProcess(text: string): Promise<void> {
  const startedAt = performance.now();
  const document = new SetDocument('file:///set/train.jsonl', 1, text);
  console.log(
    `a data set of ${LINES} lines, ${(text.length / 1e6).toFixed(0)} MB; split in ${
      (performance.now() - startedAt).toFixed(0)
    } ms`,
  );
  let version = 1;
  await measure('in the process: a letter', 10, round => {
    const { line, character } = place(round);
    document.change([{ range: span(line, character, character), text: 'x' }], ++version, 'utf-16');
  });
  await measure('in the process: a line more', 10, round => {
    const { line } = place(round);
    document.change([{ range: span(line, 0, 0), text: `${document.lines[line]?.text ?? ''}\n` }], ++version, 'utf-16');
  });
  await measure('in the process: symbols', 20, () => setSymbols(document));
}

async function overTheWire(text: string): Promise<void> {
  const hostPath = await buildFakeHost(folder);
  for (let n = 0; n < PICTURES; n++) {
    copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), path.join(folder, `p${n}.png`));
  }
  const env = { PALIGEMMA_HOST_PATH: hostPath, PALIGEMMA_CACHE: path.join(folder, 'cache') };
  const editor = await PromptEditor.start({ root: folder, env });
  await editor.client.status(({ model }) => model !== undefined);
  const { pid } = editor.client.child;
  measured.pid = pid;
  const idleMb = residentMb(pid);
  const openedAt = performance.now();
  const uri = await editor.open(editor.uri('train.jsonl'), text, 'jsonl');
  await editor.diagnostics(uri, ({ length }) => length > 0);
  console.log(`first findings after ${(performance.now() - openedAt).toFixed(0)} ms`);
  const type = async (round: number) => {
    const { line, character } = place(round);
    await editor.change(uri, [{ range: span(line, character, character), text: 'x' }]);
    await editor.ask('hover', uri, at(line, 0));
  };
  await measure('a letter while all lines are checked, then an answer', 20, type);
  await editor.diagnostics(uri, found => / more findings/.test(messageText(found.at(-1))), editor.sent.all.length);
  await measure('a letter, then an answer', 20, type);
  await measure(
    'the same label in other lines',
    20,
    round => editor.ask('documentHighlight', uri, at(place(round).line, 70)),
  );
  await measure('completion of a prompt', 20, round => editor.ask('completion', uri, at(place(round).line, 30)));
  await measure('hover over a box', 20, round => editor.ask('hover', uri, at(place(round).line, 130)));
  await measure('inlay hints of 60 lines', 20, round => {
    const { line } = place(round);
    return editor.ask('inlayHint', uri, { range: { ...span(line, 0, 0), end: { line: line + 60, character: 0 } } });
  });
  await measure('code lenses', 20, () => editor.ask('codeLens', uri));
  await measure('symbols', 20, () => editor.ask('documentSymbol', uri));
  const renamedAt = performance.now();
  await editor.ask('rename', uri, { ...at(0, 70), newName: 'x' }).catch(() => undefined);
  console.log(`rename through all lines: ${(performance.now() - renamedAt).toFixed(0)} ms`);
  console.log(
    `memory of the server: ${idleMb.toFixed(0)} MB started, ${residentMb(pid).toFixed(0)} MB with this file`,
  );
  await editor.stop();
}

async function main(): Promise<void> {
  const text = manyLines();
  await inProcess(text);
  await overTheWire(text);
}

void main().catch((error: unknown) => {
  console.error(error);
  broken.push('the benchmark failed');
}).finally(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const line of broken) console.log(`over its limit: ${line}`);
  process.exit(broken.length > 0 ? 1 : 0);
});
