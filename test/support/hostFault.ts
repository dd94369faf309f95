/**
 * Loaded into the real model host (see `buildPreload`): has it end or stand still at a chosen moment of a run.
 *
 * HOST_FAULT_FILE names a file that holds `<phase> <fault>`; it is removed when the fault happens, so that the next
 * host is sound. Phases are those of the progress; `decode` is the first text. Faults: `kill`, `abort`, `memory` (fills
 * the heap, which `--max-old-space-size` makes small), `stop` (SIGSTOP).
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const file = process.env['HOST_FAULT_FILE'];
const send = process.send?.bind(process) as ((...args: unknown[]) => boolean) | undefined;

if (file !== undefined && send !== undefined && path.basename(process.argv[1] ?? '') === 'model-host.js') {
  process.send = ((message: unknown, ...rest: unknown[]) => {
    const phase = phaseOf(message);
    if (phase !== undefined) failAt(phase, file);
    return send(message, ...rest);
  }) as NonNullable<typeof process.send>;
}

function phaseOf(message: unknown): string | undefined {
  const { method, params } = message as {
    readonly method?: string;
    readonly params?: { readonly value?: { readonly kind?: string; readonly phase?: string } };
  };
  if (method !== '$/progress') return undefined;
  return params?.value?.kind === 'text' ? 'decode' : params?.value?.phase;
}

function failAt(phase: string, switchFile: string): void {
  const [wanted, fault] = wish(switchFile).split(' ');
  if (wanted !== phase) return;
  rmSync(switchFile);
  switch (fault) {
    case 'kill':
      return void process.kill(process.pid, 'SIGKILL');
    case 'stop':
      return void process.kill(process.pid, 'SIGSTOP');
    case 'abort':
      return process.abort();
    case 'memory':
      return fillHeap();
    default:
      throw new Error(`no such fault: ${fault}`);
  }
}

function wish(switchFile: string): string {
  try {
    return readFileSync(switchFile, 'utf8').trim();
  } catch {
    return '';
  }
}

function fillHeap(): void {
  const kept: object[][] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
}
