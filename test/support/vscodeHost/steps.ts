/** Tests that follow each other in one window, each with a picture of the window and its text where it fails. */
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
        const said = error instanceof Error ? error.message : String(error);
        throw new Error(`${said}\n${await workbench().state()}`, { cause: error });
      }
    });
  };
}
