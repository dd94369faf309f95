/** Looks at other processes (Linux: through /proc). */
import { readFileSync, readdirSync } from 'node:fs';

const pollMs = 20;

/** Pids of the direct children of a process whose command line holds `text`. */
export function childrenOf(pid: number, text: string): number[] {
  return readdirSync('/proc').map(Number).filter(candidate => {
    if (!Number.isInteger(candidate)) return false;
    const process = readProcess(candidate);
    return process !== undefined && process.parent === pid && process.command.includes(text);
  });
}

/** Pids of all processes whose command line holds `text` and whose environment holds `entry`, `NAME=value`. */
export function processesOf(text: string, entry: string): number[] {
  return readdirSync('/proc').map(Number).filter(candidate =>
    Number.isInteger(candidate) && readProcess(candidate)?.command.includes(text) === true
    && environmentOf(candidate).includes(entry)
  );
}

/** Whether a process is there and is not just a record that its parent has yet to read. */
export function isAlive(pid: number): boolean {
  const process = readProcess(pid);
  return process !== undefined && process.state !== 'Z';
}

/** Asks again and again, because no event tells of another process. @throws Error after `limitMs`. */
export async function until<T>(what: string, limitMs: number, ask: () => T | undefined): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise(resolve => setTimeout(resolve, pollMs));
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function readProcess(
  pid: number,
): { readonly parent: number; readonly state: string; readonly command: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets itself.
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      state,
      parent: Number(parent),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
    };
  } catch {
    return undefined;
  }
}
