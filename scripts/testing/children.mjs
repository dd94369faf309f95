// Child processes of the test runner: each in a group of its own, so that what it started ends with it.
import { spawn, spawnSync } from 'node:child_process';

const graceMs = 5000;
const running = new Set();
/** Set when the runner itself is interrupted: nothing is started or told any more. */
const interruption = { signal: undefined };
const isWindows = process.platform === 'win32';

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {readonly string[]} arguments_
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, limitMs?: number, onOutput: (text: string) => void }} options
 *   `onOutput` gets stdout and stderr in the order in which they come.
 * @returns {Promise<{ code: number | null, signal: string | null, timedOut: boolean }>}
 */
export function run(command, arguments_, options) {
  return new Promise((resolve, reject) => {
    if (interruption.signal !== undefined) return;
    const child = spawn(command, arguments_, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !isWindows,
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', options.onOutput);
    let timedOut = false;
    const limit = options.limitMs === undefined ? undefined : setTimeout(() => {
      timedOut = true;
      void end(child);
    }, options.limitMs);
    child.once('error', error => {
      clearTimeout(limit);
      running.delete(child);
      reject(error);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(limit);
      // What the child left behind would keep the pipes open, and so hold back `close`.
      killGroup(child, 'SIGKILL');
      const finish = () => {
        running.delete(child);
        if (interruption.signal === undefined) resolve({ code, signal, timedOut });
      };
      const patience = setTimeout(finish, 2000);
      child.once('close', () => {
        clearTimeout(patience);
        finish();
      });
    });
  });
}

/** Asks a child's group to end, insists after a few seconds. */
async function end(child) {
  killGroup(child, 'SIGTERM');
  await Promise.race([
    new Promise(resolve => child.once('exit', resolve)),
    new Promise(resolve => setTimeout(resolve, graceMs).unref()),
  ]);
  killGroup(child, 'SIGKILL');
}

function killGroup(child, signal) {
  if (child.pid === undefined) return;
  if (isWindows) {
    if (child.exitCode === null) spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Ends every child when the runner itself is interrupted, then ends the runner with 128 + the signal's number.
 * @param {(signal: string) => void} beforeExit Prints the last lines.
 */
export function endChildrenWithRunner(beforeExit) {
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) {
    process.once(signal, () => {
      interruption.signal = signal;
      void Promise.all([...running].map(end)).then(() => {
        beforeExit(signal);
        process.exit(128 + number);
      });
    });
  }
  process.once('exit', () => {
    for (const child of running) killGroup(child, 'SIGKILL');
  });
}
