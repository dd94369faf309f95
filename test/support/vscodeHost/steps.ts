/** Tests that follow each other in one window, each with a picture of the window where it fails. */
import { test } from 'node:test';
import type { Workbench } from './workbench';

/** `workbench` is asked for when a step runs: it opens before the first. */
export function stepsIn(workbench: () => Workbench): (name: string, body: () => Promise<void>) => void {
  return (name, body) => {
    test(name, async () => {
      try {
        await body();
      } catch (error) {
        await workbench().screenshot(`FAILED ${name.replaceAll(/[^\w]+/g, ' ')}`);
        throw error;
      }
    });
  };
}
