/** Whether a process was stopped from outside, as SIGSTOP does it: nothing in it runs, and it says nothing any more. */
import { execFile } from 'node:child_process';
import { readStart } from './plainFile';

/** What `ps` and Linux call the state; `t` is that of a debugger, which lets it go on. */
const STOPPED = 'T';
const STAT_BYTES = 1000;
const ASK_MS = 2_000;

/**
 * A process that works is never one, however long a native operation takes, nor one that slept with its machine.
 * False where the system does not tell. Never rejects.
 */
export async function isStopped(pid: number): Promise<boolean> {
  switch (process.platform) {
    case 'win32':
      return false;
    case 'linux': {
      const stat = (await readStart(`/proc/${pid}/stat`, STAT_BYTES))?.toString('latin1') ?? '';
      // The name in brackets may hold brackets itself.
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith(STOPPED);
    }
    default:
      return (await stateOf(pid)).startsWith(STOPPED);
  }
}

function stateOf(pid: number): Promise<string> {
  return new Promise(resolve => {
    const options = { timeout: ASK_MS, killSignal: 'SIGKILL', env: {} } as const;
    execFile(
      '/bin/ps',
      ['-o', 'state=', '-p', String(pid)],
      options,
      (error, stdout) => resolve(error === null ? stdout.trim() : ''),
    );
  });
}
