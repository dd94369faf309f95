/**
 * The program that engraves music, by a Verovio that the person has installed: a process of its own, which ends itself
 * where it takes too much memory or is left alone.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { EngravingAnswer, EngravingRequest } from './engraveMusic';

/** What is used of Verovio. Source: its documentation, "Toolkit methods"; tried with 6.3. */
interface Toolkit {
  setOptions(options: Readonly<Record<string, unknown>>): void;
  loadData(data: string): boolean | number;
  getPageCount(): number;
  renderToSVG(page: number): string;
  /** Base64. */
  renderToMIDI(): string;
  getMEI(): string;
}
interface VerovioModule {
  readonly default: () => Promise<unknown>;
}
interface ToolkitModule {
  readonly VerovioToolkit: new(module: unknown) => Toolkit;
}

/**
 * Tenths of a millimetre. A page is as wide as the panel of a view shows it well, as long as it may be, and cut to what
 * stands on it.
 */
const layout = {
  inputFrom: 'humdrum',
  pageWidth: 1000,
  pageHeight: 60_000,
  adjustPageWidth: true,
  adjustPageHeight: true,
  breaks: 'auto',
  header: 'none',
  footer: 'none',
  scale: 40,
  pageMarginTop: 40,
  pageMarginBottom: 40,
  pageMarginLeft: 40,
  pageMarginRight: 40,
};

/** In a thread of its own: the engraver holds the main one. */
const watch = `
const { workerData: { limitMs, limitBytes } } = require('node:worker_threads');
const startedAt = performance.now();
setInterval(() => {
  if (process.memoryUsage.rss() > limitBytes || performance.now() - startedAt > limitMs) process.kill(process.pid, 'SIGKILL');
}, 50);`;

process.once('disconnect', () => process.exit(0));
process.once('message', (request: EngravingRequest) => {
  new Worker(watch, { eval: true, workerData: request }).unref();
  void engrave(request).catch((error: unknown): EngravingAnswer => ({ refused: wordsOf(error) }))
    .then(answer => process.send?.(answer));
});

async function engrave({ folder, kern }: EngravingRequest): Promise<EngravingAnswer> {
  const [{ default: create }, { VerovioToolkit }] = await Promise.all([
    load<VerovioModule>(folder, 'verovio-module-hum.mjs'),
    load<ToolkitModule>(folder, 'verovio.mjs'),
  ]);
  const toolkit = new VerovioToolkit(await create());
  toolkit.setOptions(layout);
  if (!toolkit.loadData(kern)) return { refused: 'no music' };
  return {
    engraving: {
      svg: toolkit.renderToSVG(1),
      pages: toolkit.getPageCount(),
      mei: toolkit.getMEI(),
      midi: toolkit.renderToMIDI(),
    },
  };
}

async function load<Module>(folder: string, file: string): Promise<Module> {
  return await import(pathToFileURL(path.join(folder, 'dist', file)).href) as Module;
}

/** What is thrown in WebAssembly has no words. */
function wordsOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'it gave up';
}
