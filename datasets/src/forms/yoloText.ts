/** Labels of YOLO: what a line says, and the names of classes. Takes anything; never throws. */
import * as l10n from '@vscode/l10n';
import { isRing } from './cocoParts';
import type { FractionBox, SetObject } from './setObject';

/** More columns than a polygon has that a person or a tool has drawn. */
const MOST_COLUMNS = 200_001;
/** Class, middle and sides; some tools write how sure they are behind them. */
const [BOX_COLUMNS, SCORED_COLUMNS] = [5, 6];

export interface YoloLine {
  readonly object: SetObject;
  /** It has points of a skeleton too, which nothing here can hold. */
  readonly hasKeypoints: boolean;
}

/**
 * Boxes, polygons and poses are told apart by how many columns they have: five are a box, an odd number of seven or more
 * a polygon, and what the set says of its poses a pose. Source: Ultralytics documentation, "Object Detection", "Instance Segmentation"
 * and "Pose Estimation Datasets".
 * @param names Of classes by number. @param keypoints How many numbers a pose has behind its box; 0: there are none.
 * @returns A sentence where it is none.
 */
export function readYoloLine(
  line: string,
  names: readonly string[],
  keypoints: number,
  place: string,
): YoloLine | string {
  const columns = line.trim().split(/\s+/);
  if (columns.length > MOST_COLUMNS) return l10n.t('The line has more columns than an outline has points.');
  const numbers = columns.map(Number);
  const [first = -1, ...values] = numbers;
  if (!numbers.every(Number.isFinite)) return l10n.t('The line is not all numbers.');
  const label = Number.isSafeInteger(first) && first >= 0 ? names[first] : undefined;
  if (label === undefined) {
    return l10n.t(
      'The class {0} has no name. Name the classes in data.yaml, classes.txt or with --classes.',
      columns[0] ?? '',
    );
  }
  const isPose = keypoints > 0 && values.length === 4 + keypoints;
  if (isPose || columns.length === BOX_COLUMNS || columns.length === SCORED_COLUMNS) {
    const box = boxOf(values);
    return typeof box === 'string' ? box : { object: { label, box, place }, hasKeypoints: isPose };
  }
  if (!isRing(values)) {
    return l10n.t('The line has {0} columns: five are a box, seven or nine and so on an outline.', columns.length);
  }
  return {
    object: { label, box: around(values), shape: { kind: 'rings', rings: [values] }, place },
    hasKeypoints: false,
  };
}

function boxOf([cx = 0, cy = 0, width = 0, height = 0]: readonly number[]): FractionBox | string {
  if ([cx, cy, width, height].some(value => value > 2)) {
    return l10n.t('The box is not in parts of the sides, 0 to 1: it seems to be in pixels.');
  }
  if (width < 0 || height < 0) return l10n.t('The box has a negative side.');
  return { x1: cx - width / 2, y1: cy - height / 2, x2: cx + width / 2, y2: cy + height / 2 };
}

export function around(ring: readonly number[]): FractionBox {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at + 1 < ring.length; at += 2) {
    const [x, y] = [ring[at] ?? 0, ring[at + 1] ?? 0];
    [x1, x2, y1, y2] = [Math.min(x1, x), Math.max(x2, x), Math.min(y1, y), Math.max(y2, y)];
  }
  return { x1, y1, x2, y2 };
}

export interface YoloFacts {
  /** By number; places that have no name are empty. */
  readonly names: readonly string[];
  /** Numbers of a pose behind its box; 0 where there is none. */
  readonly keypoints: number;
}

const MOST_CLASSES = 100_000;

/**
 * What a `data.yaml` says, as Ultralytics and Roboflow write it: `names` as a list, in brackets or below it, or as numbers with
 * names; `kpt_shape`. Other keys are passed over.
 */
export function readDataYaml(text: string): YoloFacts {
  const names: string[] = [];
  let keypoints = 0;
  let isInNames = false;
  for (const line of text.split(/\r?\n/)) {
    const [, key = '', rest = ''] = /^([A-Za-z_]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (key !== '') {
      isInNames = key === 'names';
      if (isInNames) names.push(...inBrackets(rest));
      if (key === 'kpt_shape') keypoints = inBrackets(rest).map(Number).reduce((product, side) => product * side, 1);
    } else if (isInNames) addName(line, names);
  }
  return { names: [...names].map(name => name ?? ''), keypoints: Number.isSafeInteger(keypoints) ? keypoints : 0 };
}

function addName(line: string, names: string[]): void {
  const [, item] = /^\s*-\s+(.*)$/.exec(line) ?? [];
  if (item !== undefined) names.push(unquoted(item));
  const [, number, name = ''] = /^\s+(\d{1,6})\s*:\s*(.*)$/.exec(line) ?? [];
  if (number !== undefined && Number(number) < MOST_CLASSES) names[Number(number)] = unquoted(name);
}

/** `['a', "b", c]`, or `{0: a, 1: b}`. */
function inBrackets(text: string): string[] {
  const [, inner] = /^[[{](.*?)[\]}]?\s*(?:#.*)?$/.exec(text.trim()) ?? [];
  if (inner === undefined) return [];
  return [...inner.matchAll(/\s*(?:\d+\s*:\s*)?('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^,]+)\s*(?:,|$)/g)]
    .map(([, item = '']) => unquoted(item));
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  if (/^'(?:[^']|'')*'/.test(trimmed)) return (/^'((?:[^']|'')*)'/.exec(trimmed)?.[1] ?? '').replaceAll("''", "'");
  const [quoted] = /^"(?:[^"\\]|\\.)*"/.exec(trimmed) ?? [];
  if (quoted === undefined) return trimmed.replace(/\s+#.*$/, '').trim();
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}

/** A name as `data.yaml` has it. */
export function dataYaml(names: readonly string[], places: Readonly<Record<string, string>>): string {
  return [
    ...Object.entries(places).map(([key, value]) => `${key}: ${value}\n`),
    `nc: ${names.length}\n`,
    'names:\n',
    ...names.map((name, number) => `  ${number}: ${JSON.stringify(name)}\n`),
  ].join('');
}
