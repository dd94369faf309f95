// How long each job of the tests took the last time, kept in out/: what decides their order.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';

const file = path.join(root, 'out/test-times.json');

/** @returns {Record<string, number>} Seconds by the job's name; nothing of jobs that never ran here. */
export function readTimes() {
  try {
    const times = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    return Object.fromEntries(Object.entries(times).filter(([, seconds]) => Number.isFinite(seconds)));
  } catch {
    // Half a file of a run that was ended.
    return {};
  }
}

/** @param {Record<string, number>} times Of the jobs that ran; what is known of others stays. */
export function keepTimes(times) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...readTimes(), ...times }, undefined, 1)}\n`);
}
