/** Reads what a page sent: anything may arrive, and what is not a message of ours is dropped. Free of the editor. */
import { isCount, isOneOf, isRecord } from '../../../paligemma/src/checks';
import type { FromClipboardPage } from '../contract/clipboard';
import { kindNames } from '../../../paligemma/src/kinds/kinds';
import { isBox } from '../../../paligemma/src/runResult';
import { bannerActions, copiedForms, viewCures, type FromViewer } from '../contract/viewer';
import { preferencesFrom } from './viewPreferences';

/** Characters of base64; a crop is never larger than a picture. */
const LONGEST_PNG = 400_000_000;
/** Far beyond what any model takes. */
const LONGEST_PROMPT = 1_000_000;
const LONGEST_KEY = 200;
const MOST_BYTES = 1024 ** 3;
const PNG_START = 'iVBORw0KGgo';

/** Undefined for anything but a message of the image view. */
export function readFromViewer(value: unknown): FromViewer | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string' || !Object.hasOwn(readers, value['type'])) return undefined;
  return readers[value['type'] as FromViewer['type']](value);
}

/** One for each message, so that a new one without its reader does not compile. */
const readers: { readonly [Type in FromViewer['type']]: (value: Record<string, unknown>) => FromViewer | undefined } = {
  ready: ({ kept }) => kept === undefined ? { type: 'ready' } : { type: 'ready', kept },
  stop: () => ({ type: 'stop' }),
  showModelCard: () => ({ type: 'showModelCard' }),
  copy: ({ what }) => isCopiedForm(what) ? { type: 'copy', what } : undefined,
  showAs: ({ kind }) => kind === undefined ? { type: 'showAs' } : isKind(kind) ? { type: 'showAs', kind } : undefined,
  export: ({ shown }) => readExport(shown),
  saveCrop: ({ index, png }) => readCrop(index, png),
  previewWanted: ({ imageSrc }) =>
    typeof imageSrc === 'string' && imageSrc.length <= LONGEST_PNG ? { type: 'previewWanted', imageSrc } : undefined,
  run: ({ prompt, region }) => readRun(prompt, region),
  bannerAction: ({ action }) => readBannerAction(action),
  cure: ({ cure }) => isCure(cure) ? { type: 'cure', cure } : undefined,
  showAnswer: ({ key }) =>
    typeof key === 'string' && key.length <= LONGEST_KEY ? { type: 'showAnswer', key } : undefined,
  step: ({ by }) => by === 1 || by === -1 ? { type: 'step', by } : undefined,
  preferences: ({ preferences }) => readPreferences(preferences),
};

const isCure = isOneOf(viewCures);
const isCopiedForm = isOneOf(copiedForms);
const isKind = isOneOf(kindNames);
const isBannerAction = isOneOf(bannerActions);

/** Undefined for anything but a message of the page that reads the clipboard. */
export function readFromClipboardPage(value: unknown): FromClipboardPage | undefined {
  if (!isRecord(value)) return undefined;
  const { type, mimeType, bytes } = value;
  if (type === 'ready' || type === 'noImage') return { type };
  const isImage = type === 'image' && typeof mimeType === 'string' && /^image\/[\w.+-]{1,60}$/.test(mimeType)
    && bytes instanceof ArrayBuffer && bytes.byteLength <= MOST_BYTES;
  return isImage ? { type, mimeType, bytes } : undefined;
}

function readExport(shown: unknown): FromViewer | undefined {
  return Array.isArray(shown) && shown.every(isCount) ? { type: 'export', shown } : undefined;
}

function readCrop(index: unknown, png: unknown): FromViewer | undefined {
  const isPng = typeof png === 'string' && png.length <= LONGEST_PNG && png.startsWith(PNG_START);
  return isCount(index) && isPng ? { type: 'saveCrop', index, png } : undefined;
}

function readRun(prompt: unknown, region: unknown): FromViewer | undefined {
  if (typeof prompt !== 'string' || prompt.length > LONGEST_PROMPT) return undefined;
  if (region === undefined) return { type: 'run', prompt };
  return isBox(region) ? { type: 'run', prompt, region } : undefined;
}

function readBannerAction(action: unknown): FromViewer | undefined {
  return isBannerAction(action) ? { type: 'bannerAction', action } : undefined;
}

function readPreferences(value: unknown): FromViewer | undefined {
  const preferences = preferencesFrom(value);
  return preferences === undefined ? undefined : { type: 'preferences', preferences };
}
