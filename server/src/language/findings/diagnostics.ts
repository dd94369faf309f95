/** All findings of a prompt file, and their form as LSP diagnostics. */
import * as l10n from '@vscode/l10n';
import { tameText } from '../../../../paligemma/src/plainText';
import { gridOfChoice } from '../../../../paligemma/src/tileChoice';
import { tileKindOf } from '../../../../paligemma/src/tiles/kind';
import { DiagnosticTag } from 'vscode-languageserver-types';
import type { Diagnostic } from 'vscode-languageserver-types';
import { checkpointOf } from '../knowledge/checkpoint';
import type { LanguageContext } from '../knowledge/context';
import { diagnosticCodes } from './diagnosticCodes';
import type { DiagnosticRow } from './diagnosticCodes';
import { directiveFindings, unusedDirectives } from './directiveFindings';
import { lastLineOf, lineEndOf, rangeOf, shapeOf, spanRange, wholeLinesRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { placeFix } from './findings';
import type { Finding, Fix, TextFinding } from './findings';
import { indexedPaths } from '../knowledge/imageIndex';
import { quoteImagePath } from '../syntax/imageList';
import { promptLineFindings, strayExpectations } from './lineFindings';
import type { CheckpointFacts } from '../knowledge/models';
import type { PromptNode, PromptState } from '../syntax/parser';
import { promptFindings } from './promptFindings';
import type { PromptShape } from '../syntax/promptShape';
import { promptRange, runFindings } from './runFindings';
import { textFindings } from './textFindings';

/** What the code of a diagnostic is prefixed with in a client's list. */
export const diagnosticSource = 'paligemma';

/** More are of no use to a person and slow a client down. */
const MAX_DIAGNOSTICS = 2000;

/** Every finding as LSP shows it, in the order of the file. */
export function diagnose(document: PromptDocument, context: LanguageContext): Diagnostic[] {
  return findAll(document, context).slice(0, MAX_DIAGNOSTICS).map(finding => toDiagnostic(document, finding, context));
}

/** Every finding with its fixes. */
export function findAll(document: PromptDocument, context: LanguageContext): Finding[] {
  const findings: Finding[] = strayExpectations(document);
  for (const directive of document.directives) findings.push(...directiveFindings(document, directive, context));
  findings.push(...unusedDirectives(document));
  const asked = new Map<PromptState, Asked>();
  for (const prompt of document.prompts) {
    let what = asked.get(prompt.state);
    if (what === undefined) asked.set(prompt.state, what = askedOf(prompt.state, context));
    const { ofText, hasLineFindings } = check(document, prompt, what, context);
    for (const worded of ofText) findings.push(placeFinding(document, prompt, worded, what.facts));
    if (hasLineFindings) findings.push(...promptLineFindings(document, prompt));
    if (context.mayKnow?.(prompt.text) !== false) findings.push(...runFindings(document, prompt, context));
  }
  findings.push(...duplicates(document), ...notForTiles(document), ...noImage(document, context));
  return findings.sort((a, b) =>
    a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character
  );
}

export function toDiagnostic(document: PromptDocument, finding: Finding, context: LanguageContext): Diagnostic {
  const row: DiagnosticRow = diagnosticCodes[finding.code];
  return {
    range: finding.range,
    severity: finding.severity ?? row.severity,
    code: finding.code,
    source: diagnosticSource,
    message: tameText(finding.message),
    ...(context.documentationUri === undefined
      ? {}
      : { codeDescription: { href: `${context.documentationUri}#${finding.code}` } }),
    ...(row.isUnnecessary === true ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    ...(finding.related === undefined ? {} : {
      relatedInformation: finding.related.map(({ range, message }) => ({
        location: { uri: document.uri, range },
        message: tameText(message),
      })),
    }),
  };
}

/** What findings of a text depend on beside the text. */
interface Asked {
  readonly facts: CheckpointFacts;
  /** Equal for equal facts. */
  readonly key: string;
}

function askedOf(state: PromptState, context: LanguageContext): Asked {
  const facts = checkpointOf(state, context);
  return {
    facts,
    key: `${context.language} ${facts.kind} ${facts.textLength ?? ''} ${facts.id}`,
  };
}

/** With its message: a bundle of texts is asked once for as long as the text of the prompt stays. */
interface WordedFinding {
  readonly found: TextFinding;
  readonly message: string;
}

interface CachedFindings {
  readonly key: string;
  readonly findings: readonly WordedFinding[];
}

/** What is known of one prompt where it stands; nodes live on from edit to edit. */
interface Checked {
  readonly key: string;
  readonly ofText: readonly WordedFinding[];
  readonly hasLineFindings: boolean;
}

const checkedNodes = new WeakMap<PromptNode, Checked>();
/** Findings of a text stay as long as the text and what is asked of it: shapes live on even where lines move. */
const checkedTexts = new WeakMap<PromptShape, { plain?: CachedFindings; literal?: CachedFindings }>();

function check(document: PromptDocument, prompt: PromptNode, asked: Asked, context: LanguageContext): Checked {
  const last = checkedNodes.get(prompt);
  if (last?.key === asked.key) return last;
  const ofText = checkText(shapeOf(document, prompt), prompt.isLiteral, asked, context);
  const checked = { key: asked.key, ofText, hasLineFindings: promptLineFindings(document, prompt).length > 0 };
  checkedNodes.set(prompt, checked);
  return checked;
}

function checkText(
  shape: PromptShape,
  isLiteral: boolean,
  asked: Asked,
  context: LanguageContext,
): readonly WordedFinding[] {
  let cached = checkedTexts.get(shape);
  if (cached === undefined) checkedTexts.set(shape, cached = {});
  const form = isLiteral ? 'literal' : 'plain';
  const last = cached[form];
  if (last?.key === asked.key) return last.findings;
  const findings = findInText(shape, isLiteral, asked.facts, context);
  cached[form] = { key: asked.key, findings };
  return findings;
}

function findInText(
  shape: PromptShape,
  isLiteral: boolean,
  facts: CheckpointFacts,
  context: LanguageContext,
): readonly WordedFinding[] {
  const ofText = textFindings(shape, facts, isLiteral);
  // A line that is meant as an expected answer is no prompt to judge.
  const isArrow = !isLiteral && shape.text.startsWith('=>');
  // Wording as in a chat and typed tokens are why the first word is no task: one finding is enough.
  const isExplained = ofText.some(finding => finding.code === 'chat-wording' || finding.code === 'typed-token');
  const ofTask = isArrow
    ? []
    : promptFindings(shape, facts, context.language).filter(finding =>
      !(isExplained && finding.code === 'unknown-task')
    );
  return ofText.length + ofTask.length === 0 ? noFindings : [...ofText, ...ofTask].map(inWords);
}

const noFindings: readonly WordedFinding[] = [];

function inWords(found: TextFinding): WordedFinding {
  const row: DiagnosticRow = diagnosticCodes[found.code];
  return { found, message: row.message(...found.parts) };
}

function placeFinding(
  document: PromptDocument,
  prompt: PromptNode,
  { found, message }: WordedFinding,
  facts: CheckpointFacts,
): Finding {
  const range = rangeOf(prompt.parts, found.span);
  const model = prompt.state.model;
  const isAboutModel = model !== undefined && facts.id !== '' && modelCodes.has(found.code);
  return {
    code: found.code,
    range,
    message,
    ...(found.severity === undefined ? {} : { severity: found.severity }),
    ...(isAboutModel
      ? { related: [{ range: spanRange(model.value), message: l10n.t('The model is chosen here.') }] }
      : {}),
    fixes: () =>
      (found.fixes ?? []).map(fix => placeFix(document, prompt, fix)).filter((fix): fix is Fix => fix !== undefined),
  };
}

const modelCodes: ReadonlySet<string> = new Set([
  'unknown-task',
  'not-for-checkpoint',
  'several-objects',
  'prompt-too-long',
]);

/** The same prompt for the same pictures, model and settings. */
function duplicates(document: PromptDocument): Finding[] {
  const findings: Finding[] = [];
  const keys = new Map<PromptState, string>();
  const seen = new Map<string, Map<string, PromptNode>>();
  for (const prompt of document.prompts) {
    let key = keys.get(prompt.state);
    if (key === undefined) keys.set(prompt.state, key = stateKey(prompt.state));
    let texts = seen.get(key);
    if (texts === undefined) seen.set(key, texts = new Map<string, PromptNode>());
    const first = texts.get(prompt.text);
    if (first === undefined) {
      texts.set(prompt.text, prompt);
      continue;
    }
    findings.push({
      code: 'duplicate-prompt',
      range: promptRange(prompt),
      message: diagnosticCodes['duplicate-prompt'].message(String(first.line + 1)),
      related: [{ range: promptRange(first), message: l10n.t('The same prompt.') }],
      fixes: () => [{
        title: l10n.t('Remove this prompt'),
        edits: [{ range: wholeLinesRange(document, prompt.line, lastLineOf(prompt)), newText: '' }],
        isPreferred: true,
      }],
    });
  }
  return findings;
}

function stateKey(state: PromptState): string {
  return JSON.stringify([
    state.model?.model,
    state.images?.items.map(item => item.text),
    Object.entries(state.settings).sort(),
  ]);
}

/** Prompts below a grid of `@set tiles` that a run would refuse. */
function notForTiles(document: PromptDocument): Finding[] {
  const eol = lineEndOf(document);
  return document.prompts.flatMap((prompt): Finding[] => {
    const { tiles } = prompt.state.settings;
    if (tiles === undefined || gridOfChoice(tiles) === undefined || tileKindOf(prompt.text) !== undefined) return [];
    const directive = prompt.state.setDirectives.find(({ parsed }) => parsed.tiles !== undefined);
    const start = { line: prompt.line, character: 0 };
    return [{
      code: 'not-for-tiles',
      range: promptRange(prompt),
      message: diagnosticCodes['not-for-tiles'].message(tiles),
      ...(directive === undefined
        ? {}
        : { related: [{ range: spanRange(directive.setting), message: l10n.t('The parts are chosen here.') }] }),
      fixes: () => [{
        title: l10n.t('Add “{0}”', '@set tiles off'),
        edits: [{ range: { start, end: start }, newText: `@set tiles off${eol}` }],
        isPreferred: true,
      }],
    }];
  });
}

/** Said once, on the first prompt without a picture. */
function noImage(document: PromptDocument, context: LanguageContext): Finding[] {
  const prompt = document.prompts.find(candidate => candidate.state.images === undefined);
  if (prompt === undefined) return [];
  const start = { line: prompt.line, character: 0 };
  const eol = lineEndOf(document);
  const fixes = () =>
    indexedPaths(document.uri, context.imageFiles).slice(0, 3).map(({ path }, index) => ({
      title: l10n.t('Add “{0}”', `@image ${path}`),
      edits: [{ range: { start, end: start }, newText: `@image ${quoteImagePath(path)}${eol}` }],
      isPreferred: index === 0,
    }));
  return [{ code: 'no-image', range: promptRange(prompt), message: diagnosticCodes['no-image'].message(), fixes }];
}
