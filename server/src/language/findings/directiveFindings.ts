/** Findings about `@model`, `@image`, `@set`, and lines that stand in the wrong place. */
import * as l10n from '@vscode/l10n';
import type { Range } from 'vscode-languageserver-types';
import type { ImageMatch, LanguageContext } from '../knowledge/context';
import type { DiagnosticCode } from './diagnosticCodes';
import { diagnosticCodes } from './diagnosticCodes';
import { linesRange, spanRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import type { Finding, Fix } from './findings';
import { nearest } from '../text/fuzzy';
import { similarImages } from '../knowledge/imageIndex';
import { isGlob, quoteImagePath } from '../syntax/imageList';
import type { ImageItem } from '../syntax/imageList';
import { sizeText } from '../text/amounts';
import { clip } from '../text/markdown';
import { checkpointFacts, findModel, knownCheckpoint, knownCheckpoints } from '../knowledge/models';
import type { DirectiveNode, ImageDirective, ModelDirective, SetDirective } from '../syntax/parser';
import { isAbsolute, isElsewhere, isRemote, resolvePath } from '../text/paths';
import { settingKey, settingKeys } from '../syntax/settingKeys';

const directiveNames = ['@model', '@image', '@set'];
/** What people write for the three names. */
const otherNames: Readonly<Record<string, string>> = {
  '@img': '@image',
  '@images': '@image',
  '@picture': '@image',
  '@pictures': '@image',
  '@photo': '@image',
  '@file': '@image',
  '@files': '@image',
  '@checkpoint': '@model',
  '@option': '@set',
  '@options': '@set',
  '@setting': '@set',
  '@config': '@set',
  '@param': '@set',
};
const MAX_SHOWN = 200;

export function directiveFindings(
  document: PromptDocument,
  directive: DirectiveNode,
  context: LanguageContext,
): Finding[] {
  switch (directive.kind) {
    case 'model':
      return modelFindings(document, directive, context);
    case 'image':
      return imageFindings(document, directive, context);
    case 'set':
      return setFindings(directive);
    case 'unknown':
      return [unknownDirective(document, directive)];
  }
}

/** Directives that another one of their kind replaces before any prompt. */
export function unusedDirectives(document: PromptDocument): Finding[] {
  const findings: Finding[] = [];
  const pending = new Map<string, DirectiveNode>();
  let next = 0;
  for (const directive of document.directives) {
    while ((document.prompts[next]?.line ?? Infinity) < directive.line) {
      pending.clear();
      next++;
    }
    if (directive.kind === 'unknown') continue;
    const key = directive.kind === 'set' ? `set ${directive.keyText}` : directive.kind;
    const earlier = pending.get(key);
    if (earlier !== undefined) {
      findings.push({
        ...finding('unused-directive', linesRange(document, earlier.line, earlier.line), String(directive.line + 1)),
        related: [{ range: spanRange(directive.name), message: l10n.t('Replaced here.') }],
        fixes: [{
          title: l10n.t('Remove this line'),
          edits: [{ range: removedLine(document, earlier.line), newText: '' }],
          isPreferred: true,
        }],
      });
    }
    pending.set(key, directive);
  }
  return findings;
}

function finding(code: DiagnosticCode, range: Range, ...parts: string[]): Finding {
  return { code, range, message: diagnosticCodes[code].message(...parts) };
}

function removedLine(document: PromptDocument, line: number): Range {
  const isLast = line + 1 >= document.lines.length;
  return isLast
    ? linesRange(document, line, line)
    : { start: { line, character: 0 }, end: { line: line + 1, character: 0 } };
}

function replace(range: Range, newText: string, isPreferred = true): Fix {
  return { title: l10n.t('Write “{0}”', clip(newText, 60)), edits: [{ range, newText }], isPreferred };
}

function unknownDirective(document: PromptDocument, directive: DirectiveNode): Finding {
  const range = spanRange(directive.name);
  const name = document.lines[directive.line]?.text.slice(directive.name.start, directive.name.end) ?? '';
  const bare = name.toLowerCase().replace(/[:=]+$/, '').slice(0, 40);
  const meant = otherNames[bare] ?? nearest(bare, directiveNames, 2);
  const fixes: Fix[] = meant === undefined ? [] : [replace(range, meant)];
  const start = { line: directive.line, character: document.lines[directive.line]?.hasByteOrderMark === true ? 1 : 0 };
  fixes.push({
    title: l10n.t('Send the line as a prompt'),
    edits: [{ range: { start, end: range.start }, newText: '\\' }],
    isPreferred: false,
  });
  return { ...finding('unknown-directive', range, clip(name, 40)), fixes };
}

function modelFindings(document: PromptDocument, directive: ModelDirective, context: LanguageContext): Finding[] {
  const { model } = directive;
  if (model === '') {
    return [finding('missing-value', spanRange(directive.name), '@model')];
  }
  const range = spanRange(directive.value);
  const facts = checkpointFacts(model, context.models);
  if (isRemote(model)) return [];
  if (isElsewhere(document.uri, model)) return [finding('model-elsewhere', range, clip(model, 80))];
  const oneTask = facts.kind === 'ft' && facts.tunedTo === undefined
    ? [finding('one-task-checkpoint', range, clip(model, 80))]
    : [];
  if (facts.isKnown) {
    return facts.isInstalled || facts.kind === 'demo'
      ? oneTask
      : [notInstalled(range, model, context)];
  }
  if (isAbsolute(model) || /^\.{0,2}[\\/]|^~/.test(model) || context.modelFolderExists(document.uri, model) === true) {
    return context.modelFolderExists(document.uri, model) === false
      ? [finding('missing-model-folder', range, clip(model, 80))]
      : oneTask;
  }
  const names = [...context.models.map(known => known.id), ...knownCheckpoints.map(known => known.id)];
  const meant = nearest(model.slice(0, 100), names, 4) ?? nearest(`google/${model.slice(0, 100)}`, names, 3);
  const fixes = meant === undefined ? [] : [replace(range, meant)];
  return [{
    ...finding('unknown-model', range, clip(model, 80)),
    fixes: [...fixes, ...installedFixes(range, context, meant)],
  }];
}

function notInstalled(range: Range, model: string, context: LanguageContext): Finding {
  const bytes = findModel(model, context.models)?.bytes ?? knownCheckpoint(model)?.bytes ?? 0;
  const size = bytes === 0 ? '' : sizeText(bytes);
  return { ...finding('model-not-installed', range, model, size), fixes: installedFixes(range, context, model) };
}

function installedFixes(range: Range, context: LanguageContext, except: string | undefined): Fix[] {
  return context.models.filter(model => model.isInstalled && model.id !== except).slice(0, 3)
    .map(model => ({
      title: l10n.t('Use {0}, which is on this machine', model.id),
      edits: [{ range, newText: model.id }],
      isPreferred: false,
    }));
}

function setFindings(directive: SetDirective): Finding[] {
  const { keyText, settingText } = directive;
  if (keyText === '') {
    return [finding('missing-value', spanRange(directive.name), '@set')];
  }
  const setting = settingKey(keyText);
  const keyRange = spanRange(directive.key);
  if (setting === undefined) {
    const meant = settingKeys.find(known => known.key === keyText.toLowerCase().replaceAll('_', '-'))?.key
      ?? nearest(camelToKebab(keyText.slice(0, 40)), settingKeys.map(known => known.key), 4);
    return [{
      ...finding('unknown-setting', keyRange, clip(keyText, 40)),
      fixes: meant === undefined ? [] : [replace(keyRange, meant)],
    }];
  }
  const findings: Finding[] = [];
  const range = spanRange(directive.setting);
  if (directive.hasAssignment) {
    const gap = { start: keyRange.end, end: range.start };
    findings.push({
      ...finding('setting-form', gap, `@set ${keyText} ${clip(settingText, 30)}`),
      fixes: [{ title: l10n.t('Remove the sign'), edits: [{ range: gap, newText: ' ' }], isPreferred: true }],
    });
  }
  if (settingText === '') findings.push(finding('missing-value', keyRange, keyText, setting.expected()));
  else if (Object.keys(directive.parsed).length === 0) {
    const meant = meantValue(settingText, setting.values.map(({ value }) => value));
    findings.push({
      ...finding('bad-value', range, clip(settingText, 40), keyText, setting.expected()),
      fixes: meant === undefined ? [] : [replace(range, meant)],
    });
  }
  return findings;
}

/** A value in capital letters, mistyped, or followed by something that does not belong there. */
function meantValue(text: string, values: readonly string[]): string | undefined {
  const first = text.split(/[\s#,;]/, 1)[0]?.toLowerCase() ?? '';
  if (/^\d+$/.test(first) && first !== text) return /^\d{1,5}$/.test(first) ? first : undefined;
  return values.find(value => value === first)
    ?? (/^\d/.test(text) ? undefined : nearest(first.slice(0, 20), values, 2));
}

function camelToKebab(text: string): string {
  return text.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
}

function imageFindings(document: PromptDocument, directive: ImageDirective, context: LanguageContext): Finding[] {
  if (directive.items.length === 0) {
    return [{ ...finding('missing-value', spanRange(directive.name), '@image') }];
  }
  const findings: Finding[] = [];
  const seen = new Map<string, ImageItem>();
  for (const [index, item] of directive.items.entries()) {
    if (findings.length >= MAX_SHOWN) break;
    if (item.text === '') findings.push(emptyPath(directive, index));
    else if (item.isUnclosed) {
      const end = { line: item.line, character: item.end };
      findings.push({
        ...finding('unclosed-quote', spanRange(item)),
        fixes: [{
          title: l10n.t('Close the quote'),
          edits: [{ range: { start: end, end }, newText: item.quote }],
          isPreferred: true,
        }],
      });
    } else findings.push(...itemFindings(document, item, seen.get(item.text), context));
    if (!seen.has(item.text)) seen.set(item.text, item);
  }
  return findings;
}

function emptyPath(directive: ImageDirective, index: number): Finding {
  const item = directive.items[index]!;
  const before = directive.items[index - 1];
  const after = directive.items[index + 1];
  const start = { line: item.line, character: before?.end ?? item.start };
  const end = { line: item.line, character: before === undefined ? after?.start ?? item.end : item.end };
  return {
    ...finding('empty-path', spanRange(item)),
    fixes: [{ title: l10n.t('Remove the comma'), edits: [{ range: { start, end }, newText: '' }], isPreferred: true }],
  };
}

function itemFindings(
  document: PromptDocument,
  item: ImageItem,
  earlier: ImageItem | undefined,
  context: LanguageContext,
): Finding[] {
  const range = spanRange(item);
  const shown = clip(item.text, 80);
  const findings: Finding[] = [];
  if (isRemote(item.text)) return [finding('image-remote', range, shown)];
  if (isElsewhere(document.uri, item.text)) return [finding('image-elsewhere', range, shown)];
  if (item.text.includes('\\') && !isAbsolute(item.text)) {
    const newText = quoteImagePath(item.text.replaceAll('\\', '/'), item.quote);
    findings.push({
      ...finding('path-backslash', range),
      fixes: [{ title: l10n.t('Write slashes'), edits: [{ range, newText }], isPreferred: true }],
    });
  }
  if (earlier !== undefined) {
    findings.push({
      ...finding('repeated-image', range, shown),
      related: [{ range: spanRange(earlier), message: l10n.t('First named here.') }],
    });
  }
  const match = context.images(document.uri, item.text);
  const problem = match === undefined
    ? relativeWithoutFolder(document, item, shown)
    : matchFinding(item, match, shown, context, document);
  return problem === undefined ? findings : [...findings, problem];
}

function relativeWithoutFolder(document: PromptDocument, item: ImageItem, shown: string): Finding | undefined {
  return resolvePath(document.uri, item.text) === undefined
    ? finding('image-relative', spanRange(item), shown)
    : undefined;
}

function matchFinding(
  item: ImageItem,
  match: ImageMatch,
  shown: string,
  context: LanguageContext,
  document: PromptDocument,
): Finding | undefined {
  const range = spanRange(item);
  switch (match.problem) {
    case 'unreadable':
      return finding('image-unreadable', range, shown);
    case 'unsupported':
      return finding('image-unsupported', range, shown);
    case 'folder': {
      const newText = quoteImagePath(`${item.text.replace(/[\\/]+$/, '')}/*`, item.quote);
      return { ...finding('image-folder', range, shown.replace(/[\\/]+$/, '')), fixes: [replace(range, newText)] };
    }
    case undefined:
      break;
  }
  if (match.isTruncated === true) return finding('glob-limited', range, shown, String(match.uris.length));
  if (match.uris.length > 0) return undefined;
  if (match.isGlob || isGlob(item.text)) return finding('glob-empty', range, shown);
  const fixes = () =>
    similarImages(document.uri, item.text, context.imageFiles).map((path, index) =>
      replace(range, quoteImagePath(path, item.quote), index === 0)
    );
  return {
    ...finding(
      'image-missing',
      range,
      shown,
      isAbsolute(item.text) ? 'absolute' : 'relative',
    ),
    fixes,
  };
}
