/** A cache in which the demo model lies converted already, as the runner made it once for all tests. */
import { cpSync } from 'node:fs';
import path from 'node:path';

/**
 * Copies the converted demo model into a cache folder and returns the folder. Without the runner nothing is copied, and
 * the first run converts. Not for tests of what a first run does.
 */
export function withDemoModel(cache: string): string {
  const converted = process.env['PALIGEMMA_TEST_DEMO'];
  if (converted !== undefined) {
    cpSync(converted, path.join(cache, 'converted'), { recursive: true, preserveTimestamps: true });
  }
  return cache;
}
