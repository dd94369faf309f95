/** The settings `paligemma.*`, their defaults, and the only code that reads them from untyped values. */
import {
  isAmount,
  isBoolean,
  isCount,
  isOneOf,
  isRecord,
  isString,
  isStringArray,
} from '../../../paligemma/src/checks';
import {
  attentionModes,
  DEFAULT_LOC_DIVISOR,
  deviceNames,
  locDivisors,
  weightTypes,
} from '../../../paligemma/src/facts';
import type { AttentionMode, DeviceName, LocDivisor, WeightType } from '../../../paligemma/src/facts';
import { isTileChoice, MOST_TILES, type TileChoice } from '../../../paligemma/src/tileChoice';

export interface Settings {
  /** Id of a model as `paligemma models list` names it; empty: the best installed one. */
  readonly model: string;
  /** Folders with checkpoints of the user's own. Machine-scoped. */
  readonly modelFolders: readonly string[];
  readonly device: DeviceName;
  /** Layers of a model on the GPU, the others on the CPU; -1: as many as its memory holds. Machine-scoped. */
  readonly gpuLayers: number;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  /** Upper limit of suffix tokens; 0: a limit that fits the task. */
  readonly maxNewTokens: number;
  readonly locDivisor: LocDivisor;
  /** Whether pictures are read in parts where text or objects are looked for. */
  readonly tiles: TileChoice;
  /** Minutes without a run after which the host is ended; 0: never. */
  readonly keepLoadedMinutes: number;
  /** Reading a page of a document takes the text that the document brings, where it brings some. */
  readonly textLayer: boolean;
  /** Language code that Caption and Describe ask for. */
  readonly language: string;
  /** Known captions are shown behind image links. */
  readonly inlineCaptions: boolean;
  /** Pictures of a page without alt text, or without a file, are told as problems. */
  readonly altTextFindings: boolean;
  /** What is wrong with the lines of an open data set is told as problems. */
  readonly dataSetFindings: boolean;
  /** Lenses stand above the lines of an open data set. */
  readonly dataSetLenses: boolean;
  /** Folder of the npm package `verovio`; empty: music is not engraved. Machine-scoped. */
  readonly musicEngraver: string;
  /** The Python that fine-tunes; empty: the one on the PATH. Machine-scoped. */
  readonly 'tuning.python': string;
}

export const defaultSettings: Settings = {
  model: '',
  modelFolders: [],
  device: 'auto',
  gpuLayers: -1,
  weights: 'int4',
  attention: 'full',
  maxNewTokens: 0,
  locDivisor: DEFAULT_LOC_DIVISOR,
  tiles: 'off',
  keepLoadedMinutes: 10,
  textLayer: true,
  language: 'en',
  inlineCaptions: true,
  altTextFindings: false,
  dataSetFindings: true,
  dataSetLenses: true,
  musicEngraver: '',
  'tuning.python': '',
};

export interface ParsedSettings {
  readonly settings: Settings;
  /** One sentence per value that was ignored. */
  readonly problems: readonly string[];
}

/** Reads settings key by key; a wrong value falls back to the default and is reported. Never throws. */
export function parseSettings(value: unknown): ParsedSettings {
  const source = isRecord(value) ? value : {};
  const problems: string[] = [];
  const settings = { ...defaultSettings } as { -readonly [K in keyof Settings]: Settings[K] };
  const read = <K extends keyof Settings>(
    key: K,
    isValid: (candidate: unknown) => candidate is Settings[K],
    expected: string,
  ) => {
    const candidate = valueAt(source, key);
    if (candidate === undefined || candidate === null) return;
    if (isValid(candidate)) {
      settings[key] = candidate;
    } else {
      const used = JSON.stringify(defaultSettings[key]);
      problems.push(`paligemma.${key} must be ${expected}; the default ${used} is used.`);
    }
  };
  read('model', isString, 'a string');
  read('modelFolders', isStringArray, 'a list of folders');
  read('device', isOneOf(deviceNames), `one of ${deviceNames.join(', ')}`);
  read('gpuLayers', isLayerCount, 'a whole number, or -1');
  read('weights', isOneOf(weightTypes), `one of ${weightTypes.join(', ')}`);
  read('attention', isOneOf(attentionModes), `one of ${attentionModes.join(', ')}`);
  read('maxNewTokens', isCount, 'a whole number, 0 or more');
  read('locDivisor', isOneOf(locDivisors), locDivisors.join(' or '));
  read('tiles', isTileChoice, `off, auto, or columns and rows such as 3x2, up to ${MOST_TILES} parts`);
  read('keepLoadedMinutes', isAmount, 'a number, 0 or more');
  read('textLayer', isBoolean, 'true or false');
  read('language', isString, 'a language code');
  read('inlineCaptions', isBoolean, 'true or false');
  read('altTextFindings', isBoolean, 'true or false');
  read('dataSetFindings', isBoolean, 'true or false');
  read('dataSetLenses', isBoolean, 'true or false');
  read('musicEngraver', isString, 'a folder');
  read('tuning.python', isString, 'a program');
  return { settings, problems };
}

/** A key with a dot is one of a group, which clients send as an object within the object, or as it is written. */
function valueAt(source: Readonly<Record<string, unknown>>, key: string): unknown {
  const [group = '', name] = key.split('.');
  if (name === undefined || key in source) return source[key];
  const values = source[group];
  return isRecord(values) ? values[name] : undefined;
}

function isLayerCount(value: unknown): value is number {
  return value === -1 || isCount(value);
}
