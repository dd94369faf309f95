/**
 * Engraves music by Verovio, which is no part of this extension: the person installs it and names its folder. In a
 * process of its own, since it takes 300 MB, cannot be interrupted, and ends the program on some input.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { isRecord } from '../../../paligemma/src/checks';
import { machineOf } from '../../../paligemma/src/otherMachines';
import { readPlainJson } from '../../../system/src/plainFile';

export interface EngravingRequest {
  /** Of the package, absolute. */
  readonly folder: string;
  /** Humdrum with its header. */
  readonly kern: string;
  readonly limitMs: number;
  readonly limitBytes: number;
}

export interface Engraving {
  /** The first page: all of it, but for very long music. */
  readonly svg: string;
  readonly pages: number;
  /** The music as MEI, an XML that notation programs read. */
  readonly mei: string;
  /** Base64 of a MIDI file. */
  readonly midi: string;
}

export type EngravingAnswer = { readonly engraving: Engraving } | { readonly refused: string };

/** `noEngraver`: the folder holds none; `ended`: a limit was reached, or the engraver took its process down. */
export type EngravingOutcome = EngravingAnswer | { readonly failed: 'noEngraver' | 'ended' };

export interface EngravingOptions {
  /** Of the program's bundle. */
  readonly programPath?: string;
  readonly limitMs?: number;
}

/** Measured: 9 bars of piano take 1.5 s of a slow core, most of it to load. */
const LIMIT_MS = 30_000;
const LIMIT_BYTES = 1024 ** 3;
const MOST_MANIFEST_BYTES = 1024 ** 2;

/** @param folder Of the npm package `verovio`, as the person named it; never one that a workspace names. */
export async function engraveMusic(
  kern: string,
  folder: string,
  { programPath = path.join(__dirname, 'music-engraving.js'), limitMs = LIMIT_MS }: EngravingOptions = {},
): Promise<EngravingOutcome> {
  // A path of another machine is not even looked at.
  const isHere = path.isAbsolute(folder) && machineOf(folder) === undefined;
  if (!isHere || !await isVerovio(folder)) return { failed: 'noEngraver' };
  const request: EngravingRequest = { folder, kern, limitMs: limitMs + 5000, limitBytes: LIMIT_BYTES };
  const child = spawn(process.execPath, [programPath], {
    env: environment(),
    // What the engraver says of its work is nobody's.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  try {
    return await new Promise<EngravingOutcome>(resolve => {
      child.once('message', answer => resolve(answer as EngravingAnswer));
      child.once('error', () => resolve({ failed: 'ended' }));
      child.once('exit', () => resolve({ failed: 'ended' }));
      // A process that ended before it was told anything is reported by its end.
      child.send(request, () => undefined);
    });
  } finally {
    child.kill('SIGKILL');
  }
}

/** What Node.js needs to run, and nothing that a program of others should know: no tokens, no keys. */
function environment(): NodeJS.ProcessEnv {
  const kept = ['SystemRoot', 'TEMP', 'TMPDIR', 'LD_LIBRARY_PATH'].flatMap(name => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // The editor's program is Node.js only when it is told so.
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}

async function isVerovio(folder: string): Promise<boolean> {
  const manifest = await readPlainJson(path.join(folder, 'package.json'), MOST_MANIFEST_BYTES).catch(() => undefined);
  return isRecord(manifest) && manifest['name'] === 'verovio';
}
