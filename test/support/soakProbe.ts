/**
 * Loaded into server and host (see `buildPreload`): tells on SIGUSR2 what only a process itself knows, as JSON in
 * `<PROBE_FOLDER>/<pid>.json`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Probe {
  /** Listeners on `process` itself, of all events. */
  readonly listeners: number;
  /** Timers, sockets, pipes and the like that keep the loop busy. */
  readonly resources: number;
  /** 99 % of the delays since the last probe were shorter, milliseconds. */
  readonly delayMs: number;
  readonly heapBytes: number;
}

const folder = process.env['PROBE_FOLDER'];
if (folder !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  process.on('SIGUSR2', () => {
    const probe: Probe = {
      listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
      resources: process.getActiveResourcesInfo().length,
      delayMs: delay.percentile(99) / 1e6,
      heapBytes: process.memoryUsage().heapUsed,
    };
    delay.reset();
    const file = path.join(folder, `${process.pid}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(probe));
    renameSync(`${file}.new`, file);
  });
}
