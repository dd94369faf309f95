// Measured process: one conversion, with a plain copy of the checkpoint before it for comparison.
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { LocalEngine } from '../../model-host/src/engines/local';
import { HostLog } from '../../model-host/src/wire/hostLog';
import { Laps, memoryFigures } from './figures';

export interface ConversionFigures {
  readonly copyMs: number;
  readonly convertMs: number;
  readonly bytes: number;
  readonly peakMb: number;
}

const [, , source = '', out = '', home = ''] = process.argv;

async function measure(): Promise<ConversionFigures> {
  const laps = new Laps();
  await plainCopy(path.join(source, 'model.safetensors'), `${out}.copy`);
  const copyMs = laps.lap();
  await rm(`${out}.copy`);
  await rm(out, { recursive: true, force: true });
  laps.lap();
  const engine = new LocalEngine(home, new HostLog(() => undefined));
  const { bytes } = await engine.convert(
    { sourcePath: source, outPath: out, weights: 'int4', attention: 'full', progressToken: '' },
    () => undefined,
    new AbortController().signal,
  );
  return { copyMs, convertMs: laps.lap(), bytes, peakMb: memoryFigures().peakMb };
}

/**
 * Reads and writes every byte, to the disk: the operating system's own copy may only note that two files are the same.
 */
async function plainCopy(from: string, to: string): Promise<void> {
  const [input, output] = [await open(from, 'r'), await open(to, 'w')];
  const buffer = new Uint8Array(8 * 2 ** 20);
  for (;;) {
    const { bytesRead } = await input.read(buffer);
    if (bytesRead === 0) break;
    await output.write(buffer, 0, bytesRead);
  }
  await output.sync();
  await Promise.all([input.close(), output.close()]);
}

void measure().then(figures => process.stdout.write(JSON.stringify(figures)));
