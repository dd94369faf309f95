/** Hashes of files, as the hub and our own manifests tell them. */
import { createHash, type Hash } from 'node:crypto';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { plainFileBlocks } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import type { Digest } from '../folders/hubFile';

/** Reads a file piece by piece into every one of `hashes`. @throws CancelledError; FileRefused; errors of the file system. */
export async function readInto(
  hashes: readonly Hash[],
  file: string,
  token: CancellationToken,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<void> {
  for await (const block of plainFileBlocks(file)) {
    throwIfCancelled(token);
    for (const hash of hashes) hash.update(block);
    onBytes(block.length);
  }
}

/** @returns hexadecimal. */
export async function sha256OfFile(
  file: string,
  token: CancellationToken,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  await readInto([hash], file, token, onBytes);
  return hash.digest('hex');
}

/** The hash that `algorithm` takes of `bytes` bytes that are still to come. */
export function hashFor(algorithm: Digest['algorithm'], bytes: number): Hash {
  return algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}
