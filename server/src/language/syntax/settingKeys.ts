/** The keys of `@set`: their values, their help, and how a value is read. */
import * as l10n from '@vscode/l10n';
import { deviceNames, weightTypes } from '../../../../paligemma/src/facts';
import type { DeviceName, LocDivisor, WeightType } from '../../../../paligemma/src/facts';
import { answerKindOf, kindNames, type KindName } from '../../../../paligemma/src/kinds/kinds';
import { MOST_TILES, tileChoiceOf, type TileChoice } from '../../../../paligemma/src/tileChoice';
import { anyOf } from '../text/amounts';
import { isSpace, skipSpace } from './scanner';

/** Settings of a run that a prompt file can give; absent: the user's own settings. */
export interface SettingValues {
  readonly maxNewTokens?: number;
  readonly locDivisor?: LocDivisor;
  readonly device?: DeviceName;
  readonly weights?: WeightType;
  /** What the answers are; the run itself does not depend on it. */
  readonly show?: KindName;
  readonly tiles?: TileChoice;
}

export interface SettingKey {
  readonly key: string;
  readonly summary: () => string;
  /** What a person may write, for messages: “1023 or 1024”. */
  readonly expected: () => string;
  /** Values to offer, with a word about each. */
  readonly values: readonly { readonly value: string; readonly about: () => string }[];
  /** Undefined where the value is not one of this key's. */
  readonly parse: (text: string) => SettingValues | undefined;
}

/** More new tokens than the model has positions make no sense. Source: Gemma 2 config, `max_position_embeddings`. */
export const MAX_NEW_TOKENS = 8192;

const deviceHelp: Record<DeviceName, () => string> = {
  auto: () => l10n.t('the graphics card if it works, otherwise the processor'),
  cpu: () => l10n.t('the processor: works everywhere, slower'),
  webgpu: () => l10n.t('the graphics card, on every system'),
  cuda: () => l10n.t('NVIDIA graphics cards on Linux'),
  dml: () => l10n.t('graphics cards on Windows (DirectML)'),
  coreml: () => l10n.t('Apple’s graphics and Neural Engine'),
};
const weightHelp: Record<WeightType, () => string> = {
  int4: () => l10n.t('small and fast (the default)'),
  int8: () => l10n.t('larger and a little closer to the original'),
  f16: () => l10n.t('for graphics cards'),
  f32: () => l10n.t('exact, large and slow'),
};

export const settingKeys: readonly SettingKey[] = [
  {
    key: 'max-new-tokens',
    summary: () =>
      l10n.t(
        'The longest answer, in tokens (a token is a short word or a part of one). The answer stops there, even in the middle of a sentence.',
      ),
    expected: () => l10n.t('a whole number from 1 to {0}', MAX_NEW_TOKENS),
    // Source: the reference transfers' lengths (32 and 128) and the published notebooks (256 and 512).
    values: [
      { value: '32', about: () => l10n.t('a short answer') },
      { value: '64', about: () => l10n.t('a caption') },
      { value: '128', about: () => l10n.t('a few sentences') },
      { value: '256', about: () => l10n.t('a long description') },
      { value: '512', about: () => l10n.t('a page of text, many boxes') },
    ],
    parse: text => {
      const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
      return count >= 1 && count <= MAX_NEW_TOKENS ? { maxNewTokens: count } : undefined;
    },
  },
  {
    key: 'loc-divisor',
    summary: () =>
      l10n.t(
        'What a location is divided by to find its place in the picture: 1024 as published viewers do, 1023 as the training code did. The difference is at most 0.1 % of a side.',
      ),
    expected: () => anyOf(['1023', '1024']),
    values: [
      { value: '1024', about: () => l10n.t('as published viewers do (the default)') },
      { value: '1023', about: () => l10n.t('as in the training and its published measurements') },
    ],
    parse: text => text === '1023' ? { locDivisor: 1023 } : text === '1024' ? { locDivisor: 1024 } : undefined,
  },
  {
    key: 'device',
    summary: () => l10n.t('Where the model runs.'),
    expected: () => anyOf(deviceNames),
    values: deviceNames.map(value => ({ value, about: deviceHelp[value] })),
    parse: text => {
      const device = deviceNames.find(name => name === text);
      return device === undefined ? undefined : { device };
    },
  },
  {
    key: 'weights',
    summary: () => l10n.t('How exactly the numbers of the model are stored: smaller is faster and needs less memory.'),
    expected: () => anyOf(weightTypes),
    values: weightTypes.map(value => ({ value, about: weightHelp[value] })),
    parse: text => {
      const weights = weightTypes.find(name => name === text);
      return weights === undefined ? undefined : { weights };
    },
  },
  {
    key: 'show',
    summary: () =>
      l10n.t(
        'What the answers are, and so how they are shown, checked, copied and exported. Without it that is decided by what each answer looks like.',
      ),
    expected: () => anyOf(kindNames),
    values: kindNames.map(value => ({ value, about: () => answerKindOf(value).about(l10n.t) })),
    parse: text => {
      const show = kindNames.find(name => name === text);
      return show === undefined ? undefined : { show };
    },
  },
  {
    key: 'tiles',
    summary: () =>
      l10n.t(
        'Whether a large picture is read in parts by “ocr”, “detect” and “segment”: each part is a run of its own, and their answers become one.',
      ),
    expected: () => l10n.t('auto, off, or columns and rows such as 3x2, up to {0} parts', MOST_TILES),
    values: [
      { value: 'auto', about: () => l10n.t('as many parts as the picture needs') },
      { value: 'off', about: () => l10n.t('the picture as a whole (the default)') },
      { value: '2x2', about: () => l10n.t('four parts') },
    ],
    parse: text => {
      const tiles = tileChoiceOf(text);
      return tiles === undefined ? undefined : { tiles };
    },
  },
];

export function settingKey(name: string): SettingKey | undefined {
  return settingKeys.find(setting => setting.key === name);
}

interface SpanLike {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** Reads `key value` behind `@set`; `key = value` and `key: value` are understood too. */
export function parseSetting(text: string, line: number, offset: number): {
  key: SpanLike;
  keyText: string;
  setting: SpanLike;
  settingText: string;
  hasAssignment: boolean;
  parsed: SettingValues;
} {
  let keyEnd = 0;
  while (keyEnd < text.length && !isSpace(text, keyEnd) && text[keyEnd] !== '=' && text[keyEnd] !== ':') keyEnd++;
  let valueStart = skipSpace(text, keyEnd);
  const hasAssignment = text[valueStart] === '=' || text[valueStart] === ':';
  if (hasAssignment) valueStart = skipSpace(text, valueStart + 1);
  const keyText = text.slice(0, keyEnd);
  const settingText = text.slice(valueStart);
  return {
    key: { line, start: offset, end: offset + keyEnd },
    keyText,
    setting: { line, start: offset + valueStart, end: offset + text.length },
    settingText,
    hasAssignment,
    parsed: settingKey(keyText)?.parse(settingText) ?? {},
  };
}
