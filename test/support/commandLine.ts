/** Runs the built command line as a child process, the way a terminal does. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withoutProgress } from './progressLines';

const program = path.resolve('dist/cli.js');
const limitMs = 120_000;

export interface CommandOptions {
  /** Value of `PALIGEMMA_CACHE`. */
  readonly cache: string;
  /** Default: the root of the checkout. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What comes on stdin. Default: nothing. */
  readonly input?: string | Uint8Array;
  /** Leaves stdin open behind the input, as a command that never ends does. */
  readonly keepsInputOpen?: boolean;
}

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** But for lines of progress. */
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** What came on stdout or stderr so far. */
  output(): { readonly stdout: string; readonly stderr: string };
}

/** Starts `paligemma` with these arguments; it is ended after two minutes. */
export function startCommand(args: readonly string[], options: CommandOptions): RunningCommand {
  const { cache, cwd, env, input, keepsInputOpen = false } = options;
  const child = spawn(process.execPath, [program, ...args], {
    cwd: cwd ?? process.cwd(),
    env: { ...process.env, PALIGEMMA_CACHE: cache, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end without having read all of it.
  child.stdin.on('error', () => undefined);
  if (input !== undefined) child.stdin.write(input);
  if (!keepsInputOpen) child.stdin.end();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<CommandResult>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(
          `paligemma ${args.join(' ')} did not end within ${limitMs / 1000} s.\nstdout: ${stdout}\nstderr: ${stderr}`,
        ),
      );
    }, limitMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, stdout, stderr: withoutProgress(stderr) });
    });
  });
  return { child, ended, output: () => ({ stdout, stderr }) };
}

export function runCommand(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return startCommand(args, options).ended;
}

/** Whether a terminal can be had: Linux has a program for it. */
export function hasTerminal(): boolean {
  return process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
}

/**
 * Runs the command line on a terminal of its own.
 * @param answers To its questions, as far as it asks them; the last one to all that follow.
 * @returns What the terminal showed.
 */
export function onTerminal(
  args: readonly string[],
  { cache, env }: CommandOptions,
  ...answers: readonly string[]
): Promise<string> {
  const command = [process.execPath, program, ...args].map(word => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, PALIGEMMA_CACHE: cache, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let answered = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const asked = output.split('[y/N]').length - 1; answered < asked; answered++) {
      child.stdin.write(`${answers[answered] ?? answers.at(-1) ?? ''}\n`);
    }
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

/** The lines of stdout without the last line break, which every line has. */
export function linesOf({ stdout }: Pick<CommandResult, 'stdout'>): string[] {
  return stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n');
}

/** One object a line, as `--json` prints them. */
export function objectsOf(result: Pick<CommandResult, 'stdout'>): Record<string, unknown>[] {
  return linesOf(result).map(line => JSON.parse(line) as Record<string, unknown>);
}

export interface TemporaryFolder {
  readonly path: string;
  /** Path of a file or folder in it. */
  at(...names: string[]): string;
  remove(): void;
}

export function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-cli-'));
  return {
    path: folder,
    at: (...names) => path.join(folder, ...names),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Every file below a folder, relative to it, sorted; empty where there is no folder. */
export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
      statSync(path.join(folder, name)).isFile()
    ).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
