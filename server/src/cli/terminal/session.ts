/** Runner and host for one command line, and their end. */
import { atProcessEnd } from '../../../../system/src/processEnd';
import { ownCachePath } from '../../models/folders/cachePath';
import { bundlePaths, createRunServices, type RunServices } from '../../runs/runServices';
import { tameRecord } from '../../../../paligemma/src/plainText';
import { defaultSettings, type Settings } from '../../contract/settings';
import type { Log } from '../../util/log';
import type { RunOptions } from './options';
import type { VerbContext } from './verb';

export interface Session extends RunServices {
  readonly log: Log;
  /** Ends the hosts in an orderly way. */
  close(): Promise<void>;
}

/** `PALIGEMMA_LOG=1` shows the whole log on standard error; otherwise only what a failure already says is said. */
const LOG_VARIABLE = 'PALIGEMMA_LOG';

export function openSession({ terminal, distPath }: VerbContext, options: RunOptions): Session {
  const settings: Settings = {
    ...defaultSettings,
    device: options.device,
    gpuLayers: options.gpuLayers ?? -1,
    weights: options.weights,
    attention: options.attention,
    maxNewTokens: options.maxNewTokens ?? 0,
    keepLoadedMinutes: 0,
    textLayer: options.usesTextLayer,
  };
  const isVerbose = (process.env[LOG_VARIABLE] ?? '') !== '';
  const startedAt = performance.now() - process.uptime() * 1000;
  const log: Log = (level, scope, message) => {
    if (!isVerbose) return;
    const start = `${((performance.now() - startedAt) / 1000).toFixed(3)} ${level} ${scope}`;
    for (const line of tameRecord(message).split('\n')) terminal.note(`${start} ${line}`);
  };
  const services = createRunServices({
    ...bundlePaths(distPath, process.env),
    cachePath: ownCachePath(),
    settings: () => settings,
    log,
  });
  // Also where the process ends in another way than by close().
  atProcessEnd(() => [services.host, services.serverHost].forEach(host => host.dispose()));
  return {
    ...services,
    log,
    close: async () =>
      void await Promise.all([services.host, services.serverHost].map(host => host.stop('The command is done.'))),
  };
}
