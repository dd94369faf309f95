/** Lenses above the lines of a data set: show, run, compare. What they say is known at once; what they do, when seen. */
import * as l10n from '@vscode/l10n';
import type { CodeLens } from 'vscode-languageserver-types';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import { isRecord } from '../../../../paligemma/src/checks';
import { COMPARE_SET_LINE, RUN_SET_LINE, SHOW_SET_LINE, type SetLineArguments } from '../../contract/dataSets';
import type { SetDocument } from './setDocument';
import { examplesIn } from './setPlace';

/** In a longer file only the lines around what is seen have lenses. */
export const MOST_LENS_LINES = 300;

const actions = {
  show: { command: SHOW_SET_LINE, title: () => l10n.t('Show') },
  run: { command: RUN_SET_LINE, title: () => l10n.t('Run') },
  compare: { command: COMPARE_SET_LINE, title: () => l10n.t('Compare with the Answer') },
} as const;
type Action = keyof typeof actions;

interface LensData extends SetLineArguments {
  readonly kind: 'dataSet';
  readonly action: Action;
}

/** @param canShow Whether the line's picture is a single one of this machine: of others there is nothing to do. */
export function setLenses(
  document: SetDocument,
  { from, to }: { readonly from: number; readonly to: number },
  canShow: (read: SetLine) => boolean,
): CodeLens[] {
  const lenses: CodeLens[] = [];
  for (const { number: line, read } of examplesIn(document, from, Math.min(to, document.lines.length))) {
    if (!canShow(read)) continue;
    const { prefix, suffix } = read;
    const canRun = prefix !== undefined;
    const own: readonly Action[] = [
      'show',
      ...(canRun ? ['run'] as const : []),
      ...(canRun && suffix !== undefined ? ['compare'] as const : []),
    ];
    const start = { line, character: 0 };
    for (const action of own) {
      const data: LensData = { kind: 'dataSet', uri: document.uri, line, action };
      lenses.push({ range: { start, end: start }, data });
    }
  }
  return lenses;
}

/** With its command; undefined for a lens of another kind of document. */
export function resolvedLens(lens: CodeLens): CodeLens | undefined {
  const data: unknown = lens.data;
  if (!isLensData(data)) return undefined;
  const { uri, line } = data;
  const { command, title } = actions[data.action];
  return { ...lens, command: { title: title(), command, arguments: [{ uri, line } satisfies SetLineArguments] } };
}

function isLensData(value: unknown): value is LensData {
  return isRecord(value) && value['kind'] === 'dataSet' && typeof value['uri'] === 'string'
    && typeof value['line'] === 'number' && typeof value['action'] === 'string'
    && Object.hasOwn(actions, value['action']);
}
