/**
 * Loaded into server and host (see `buildPreload`): a disk that is full or may not be written, for every path below
 * DISK_FAULT_FOLDER while the file DISK_FAULT_FILE exists, whose text is the code: `ENOSPC` (half of what is written
 * still fits), `EROFS` or `EACCES` (nothing can be made, changed or removed).
 */
import fs, { readFileSync } from 'node:fs';
import path from 'node:path';

type Call = (...args: unknown[]) => Promise<unknown>;
type Calls = Record<string, Call>;

const folder = path.resolve(process.env['DISK_FAULT_FOLDER'] ?? '/nowhere');
const file = process.env['DISK_FAULT_FILE'] ?? '/nowhere';
const promises = fs.promises as unknown as Calls;

for (
  const name of ['mkdir', 'rename', 'rm', 'unlink', 'utimes', 'copyFile', 'open', 'writeFile', 'appendFile', 'access']
) {
  const original = promises[name] as Call;
  promises[name] = async (...args) => {
    const target = name === 'copyFile' || name === 'rename' ? args[1] : args[0];
    const code = faultOn(target);
    if (code === undefined || !writes(name, args[1]) || changesNothing(name, target)) return original(...args);
    if (code !== 'ENOSPC') throw failure(code, name, target);
    // What frees or only moves works on a full disk.
    if (['rm', 'unlink', 'rename', 'utimes', 'access'].includes(name)) return original(...args);
    if (name === 'open') return brokenHandle(await original(...args), target);
    if (name === 'writeFile') await original(target, half(args[1]), ...args.slice(2));
    throw failure(code, name, target);
  };
}

function writes(name: string, detail: unknown): boolean {
  if (name === 'open' && typeof detail === 'number') {
    return (detail & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
  }
  if (name === 'open') return typeof detail === 'string' && detail !== 'r';
  return name !== 'access' || (typeof detail === 'number' && (detail & fs.constants.W_OK) !== 0);
}

/** Making what is there, and removing what is not, is refused by no disk. */
function changesNothing(name: string, target: unknown): boolean {
  const isThere = fs.existsSync(String(target));
  return name === 'mkdir' ? isThere : (name === 'rm' || name === 'unlink') && !isThere;
}

/** A file that takes its first bytes and then no more. */
function brokenHandle(handle: unknown, target: unknown): unknown {
  const writable = handle as Calls;
  writable['write'] = () => Promise.reject(failure('ENOSPC', 'write', target));
  writable['writeFile'] = writable['write'];
  return handle;
}

function half(content: unknown): unknown {
  return typeof content === 'string'
    ? content.slice(0, content.length >> 1)
    : (content as Uint8Array).subarray(0, (content as Uint8Array).length >> 1);
}

function faultOn(target: unknown): string | undefined {
  if (typeof target !== 'string' || !`${path.resolve(target)}${path.sep}`.startsWith(folder + path.sep)) {
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function failure(code: string, call: string, target: unknown): Error {
  return Object.assign(new Error(`${code}: injected, ${call} '${String(target)}'`), {
    code,
    syscall: call,
    path: String(target),
  });
}
