/**
 * What runs have to say on the lines of their prompts: failures, expectations that are not met, results for plain
 * clients.
 */
import * as l10n from '@vscode/l10n';
import type { LanguageContext } from '../knowledge/context';
import { diagnosticCodes } from './diagnosticCodes';
import { linesRange, rangeOf } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { acceptResultEdits, judge } from '../knowledge/expectations';
import type { Finding } from './findings';
import { clip } from '../text/markdown';
import type { PromptNode } from '../syntax/parser';
import { baseName } from '../text/paths';
import { knownRuns } from '../knowledge/promptRuns';
import { resultLine } from '../knowledge/resultText';

/** Pictures that one prompt speaks of; the others are summed up by the code lens. */
const MAX_IMAGES = 20;

export function runFindings(document: PromptDocument, prompt: PromptNode, context: LanguageContext): Finding[] {
  const findings: Finding[] = [];
  for (const { run, state } of knownRuns(document, prompt, context)) {
    if (findings.length >= MAX_IMAGES) break;
    const image = () => clip(baseName(run.imageUri), 60);
    if (state.kind === 'failed') {
      findings.push({
        code: 'run-failed',
        range: promptRange(prompt),
        message: diagnosticCodes['run-failed'].message(image(), state.message),
      });
    }
    if (state.kind !== 'done') continue;
    const verdict = judge(prompt.expectations, state.result.suffix);
    if (verdict === 'different') {
      findings.push(failedExpectation(document, prompt, image(), state.result.suffix, context));
    } else if (!context.client.inlayHints) {
      findings.push({
        code: 'result',
        range: promptRange(prompt),
        message: diagnosticCodes.result.message(image(), resultLine(state.result, 200, run.settings.show)),
      });
    }
  }
  return findings;
}

function failedExpectation(
  document: PromptDocument,
  prompt: PromptNode,
  image: string,
  suffix: string,
  context: LanguageContext,
): Finding {
  const first = prompt.expectations[0]!;
  const last = prompt.expectations.at(-1)!;
  const start = { line: first.line, character: first.parts[0]?.start ?? 0 };
  const end = linesRange(document, last.line, last.endLine).end;
  return {
    code: 'expectation-failed',
    range: { start, end },
    message: diagnosticCodes['expectation-failed'].message(image, clip(suffix, 200)),
    related: [{ range: promptRange(prompt), message: l10n.t('The prompt that was run.') }],
    fixes: () => [{
      title: l10n.t('Accept this result as expected'),
      edits: acceptResultEdits(document, prompt, context),
      isPreferred: true,
    }],
  };
}

/** The text of a prompt; the `""` of an empty one. */
export function promptRange(prompt: PromptNode): ReturnType<typeof rangeOf> {
  const first = prompt.parts[0];
  if (prompt.isEmptyForm && first !== undefined) {
    return { start: { line: prompt.line, character: 0 }, end: { line: prompt.line, character: first.start } };
  }
  return rangeOf(prompt.parts, { start: 0, end: prompt.text.length });
}
