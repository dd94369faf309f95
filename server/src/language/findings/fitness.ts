/** Whether a checkpoint was trained for a prompt, as one sentence to stand beside its answer. */
import type { CheckpointKind } from '../../../../paligemma/src/facts';
import { diagnosticCodes, type DiagnosticRow } from './diagnosticCodes';
import { checkpointFacts } from '../knowledge/models';
import { promptFindings } from './promptFindings';
import { readShape } from '../syntax/promptShape';

/** Findings that say that the answer means little, rather than how the prompt could be written better. */
const unfit: ReadonlySet<string> = new Set(['unknown-task', 'not-for-checkpoint']);
/** As much of a prompt as decides about its task. */
const READ_CHARACTERS = 2000;

/** Undefined where the model fits, or nothing is known of it. @param model As results name it. */
export function unfitNote(
  prompt: string,
  { id, kind }: { readonly id: string; readonly kind: CheckpointKind },
): string | undefined {
  const facts = checkpointFacts(id, [{ id, kind, isInstalled: true, converted: [] }]);
  const found = promptFindings(readShape(prompt.slice(0, READ_CHARACTERS)), facts, 'en').find(({ code }) =>
    unfit.has(code)
  );
  const row: DiagnosticRow | undefined = found !== undefined
    ? diagnosticCodes[found.code]
    : facts.kind === 'ft' && facts.tunedTo === undefined
    ? diagnosticCodes['one-task-checkpoint']
    : undefined;
  return row?.message(...found?.parts ?? [facts.id]);
}
