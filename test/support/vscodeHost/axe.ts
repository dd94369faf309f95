/** Asks axe-core what it finds wrong with a page, by the rules of WCAG 2.0 and 2.1, levels A and AA. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FrameLocator } from 'playwright-core';

interface Finding {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const source = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
/** Not what axe-core calls best practice: that is about whole web sites. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** One line for each element that breaks a rule. */
export async function accessFaults(page: FrameLocator): Promise<readonly string[]> {
  const frame = await (await page.locator('body').elementHandle())?.ownerFrame();
  if (frame === null || frame === undefined) throw new Error('the page is gone');
  await frame.evaluate(source);
  const violations = await frame.evaluate<readonly Finding[]>(
    `axe.run(document, { runOnly: ${
      JSON.stringify(tags)
    }, resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 160)} ${failureSummary ?? ''}`)
  );
}
