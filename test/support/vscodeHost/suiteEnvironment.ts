/** What every VS Code gets in which the extension is tested. */
import path from 'node:path';
import { SAMPLES_FILE } from '../suiteSamples';

/**
 * Exact weights, so that the answers are those of the reference; the demo model is named, so that nobody is asked about
 * it.
 */
export const suiteSettings: Readonly<Record<string, unknown>> = {
  'paligemma.weights': 'f32',
  'paligemma.model': 'demo',
};

/** @param cache Fresh folder for converted models and results. */
export function suiteEnvironment(cache: string): Readonly<Record<string, string>> {
  return { PALIGEMMA_CACHE: cache, [SAMPLES_FILE]: path.resolve('media/samples/samples.json') };
}
