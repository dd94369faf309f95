/** A folder for the tests of one file, removed after them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `paligemma-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** Expects a rejection with a failure of the table, and returns its message. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ readonly reason: string; readonly message: string }> {
  try {
    await work;
  } catch (error) {
    const { reason, message } = error as { reason?: string; message: string };
    if (reason === undefined) throw error;
    return { reason, message };
  }
  throw new Error('expected a failure, but the work succeeded');
}
