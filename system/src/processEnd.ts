/**
 * The end of a process, whatever its threads do. Node.js joins the threads of its pool before it ends, and one that
 * waits in a system call (in `open` on a dead drive, say) never comes back: such a process would hear neither `exit` nor
 * SIGTERM.
 */
import { spawn } from 'node:child_process';
import os from 'node:os';

/** How long calls under way may take until the process is ended by force. */
const CALLS_MS = 1000;
/** Resources of Node.js that are calls in a thread of the pool. */
const threadCall = /^(?:FSReq|GetAddrInfoReq|GetNameInfoReq)/;
const tidyUps = new Set<() => void>();

/** Calls `tidyUp` when the process ends, by whatever way of its own. It must not wait. */
export function atProcessEnd(tidyUp: () => void): void {
  tidyUps.add(tidyUp);
}

/** From now on `process.exit` ends the process within moments, in every state. To be called once, by the program. */
export function endForCertain(): void {
  process.on('exit', code => {
    for (const tidyUp of tidyUps) attempt(tidyUp);
    if (!process.getActiveResourcesInfo().some(resource => threadCall.test(resource))) return;
    watchEnd(signalOf(code));
  });
}

function attempt(tidyUp: () => void): void {
  try {
    tidyUp();
  } catch {
    // The others have their turn, too.
  }
}

/**
 * What ends a process whose calls never come back. An exit code above 128 says that a signal ends it: then that signal
 * does, which nobody listens to any more.
 */
function signalOf(code: number): NodeJS.Signals {
  const [name] = Object.entries(os.constants.signals).find(([, number]) => code === 128 + number) ?? ['SIGKILL'];
  const signal = name as NodeJS.Signals;
  process.removeAllListeners(signal);
  return signal;
}

/**
 * Most calls under way come to their end, and the process has its exit code then. Another process sees whether it does:
 * this one is deaf from now on.
 */
function watchEnd(signal: NodeJS.Signals): void {
  const watcher = spawn(
    process.execPath,
    [
      '-e',
      `process.stdin.resume().on('close', () => process.exit());
setTimeout(() => process.kill(${process.pid}, '${signal}'), ${CALLS_MS});`,
    ],
    {
      // Ends when this process does.
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      windowsHide: true,
      // It needs nothing of this one's, keys and tokens least of all.
      env: { ELECTRON_RUN_AS_NODE: '1', SystemRoot: process.env['SystemRoot'] },
    },
  );
  if (watcher.pid === undefined) process.kill(process.pid, signal);
}
