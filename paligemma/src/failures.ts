/** The one table of failures: stable code, and who can act on it. */
import { tameText } from './plainText';

/** Who can act on a failure: nobody needs to, the person, the machine's set-up, or us. */
export type ErrorKind = 'cancelled' | 'user' | 'environment' | 'internal';

/** What travels as `data` of a JSON-RPC error. */
export interface FailureData {
  readonly kind: ErrorKind;
  /** Key of {@link failureTable}: stable, for programs. */
  readonly reason: FailureReason;
}

/**
 * Codes lie outside the ranges that JSON-RPC (−32768…−32000) and LSP (−32899…−32800) reserve.
 * 10xx pictures, 11xx models on disk, 12xx running, 13xx processes, 14xx the cache and other files, 15xx usage,
 * 16xx inference servers, 17xx downloads, 18xx fine-tuning.
 */
export const failureTable = {
  imageMissing: { code: 1001, kind: 'user' },
  imageUnreadable: { code: 1002, kind: 'user' },
  imageUnsupported: { code: 1003, kind: 'user' },
  imageEmpty: { code: 1004, kind: 'user' },
  imageTooLarge: { code: 1005, kind: 'user' },
  modelMissing: { code: 1101, kind: 'user' },
  modelConfigMissing: { code: 1102, kind: 'user' },
  modelUnsupported: { code: 1103, kind: 'user' },
  modelConfigInvalid: { code: 1104, kind: 'user' },
  weightsMissing: { code: 1105, kind: 'environment' },
  weightsCorrupt: { code: 1106, kind: 'environment' },
  tensorMissing: { code: 1107, kind: 'environment' },
  tensorMismatch: { code: 1108, kind: 'environment' },
  tokenizerMissing: { code: 1109, kind: 'user' },
  tokenizerInvalid: { code: 1110, kind: 'user' },
  convertedModelCorrupt: { code: 1111, kind: 'environment' },
  adapterInvalid: { code: 1112, kind: 'user' },
  modelElsewhere: { code: 1113, kind: 'user' },
  promptTooLong: { code: 1201, kind: 'user' },
  outOfMemory: { code: 1202, kind: 'environment' },
  deviceUnavailable: { code: 1203, kind: 'environment' },
  runtimeFailed: { code: 1204, kind: 'environment' },
  nonFiniteLogits: { code: 1205, kind: 'internal' },
  emptyAnswer: { code: 1206, kind: 'user' },
  hostExited: { code: 1301, kind: 'environment' },
  hostUnavailable: { code: 1302, kind: 'environment' },
  protocolMismatch: { code: 1303, kind: 'environment' },
  cacheUnwritable: { code: 1401, kind: 'environment' },
  diskFull: { code: 1402, kind: 'environment' },
  fileUnwritable: { code: 1403, kind: 'environment' },
  fileUnreadable: { code: 1404, kind: 'user' },
  folderTaken: { code: 1405, kind: 'user' },
  fileTaken: { code: 1406, kind: 'user' },
  cacheUnsafe: { code: 1407, kind: 'environment' },
  badArgument: { code: 1501, kind: 'user' },
  busy: { code: 1502, kind: 'user' },
  untrusted: { code: 1503, kind: 'user' },
  environmentInvalid: { code: 1504, kind: 'user' },
  editRefused: { code: 1505, kind: 'user' },
  nothingToDo: { code: 1506, kind: 'user' },
  serverUnreachable: { code: 1601, kind: 'environment' },
  serverRefused: { code: 1602, kind: 'user' },
  serverModelMissing: { code: 1603, kind: 'user' },
  serverOverloaded: { code: 1604, kind: 'environment' },
  serverAnswerInvalid: { code: 1605, kind: 'environment' },
  serverNotAllowed: { code: 1606, kind: 'user' },
  serverAddressInvalid: { code: 1607, kind: 'user' },
  serverSizeUnknown: { code: 1608, kind: 'user' },
  accessRefused: { code: 1701, kind: 'user' },
  downloadInterrupted: { code: 1702, kind: 'environment' },
  hashMismatch: { code: 1703, kind: 'environment' },
  accessTokenInvalid: { code: 1704, kind: 'user' },
  trainerUnavailable: { code: 1801, kind: 'environment' },
  trainingRefused: { code: 1802, kind: 'user' },
  trainingFailed: { code: 1803, kind: 'environment' },
  internal: { code: 1900, kind: 'internal' },
} as const satisfies Record<string, { readonly code: number; readonly kind: ErrorKind }>;

export type FailureReason = keyof typeof failureTable;

/**
 * Failures that the same prompt with the same model meets on every other picture too: whoever runs many pictures stops
 * at the first of them. A server that cannot be reached is none of them, since it may be back for the next picture.
 */
export const batchEnders: ReadonlySet<FailureReason> = new Set([
  'modelMissing',
  'modelConfigMissing',
  'modelUnsupported',
  'modelConfigInvalid',
  'weightsMissing',
  'weightsCorrupt',
  'tensorMissing',
  'tensorMismatch',
  'tokenizerMissing',
  'tokenizerInvalid',
  'convertedModelCorrupt',
  'adapterInvalid',
  'modelElsewhere',
  'promptTooLong',
  'outOfMemory',
  'deviceUnavailable',
  'hostUnavailable',
  'protocolMismatch',
  'cacheUnwritable',
  'cacheUnsafe',
  'diskFull',
  'untrusted',
  'serverRefused',
  'serverModelMissing',
  'serverNotAllowed',
  'accessRefused',
]);

/** Failures of a picture: another file of the same content may not meet them, and their sentence names the file. */
export const pictureFailures: ReadonlySet<FailureReason> = new Set([
  'imageMissing',
  'imageUnreadable',
  'imageUnsupported',
  'imageEmpty',
  'imageTooLarge',
]);

/**
 * A failure of the table above. The message is a sentence for the person: what happened, and what cures it. Whatever it
 * names, a file or what a server said, it is one line that controls nothing, wherever it is shown.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: number;
  readonly kind: ErrorKind;

  constructor(readonly reason: FailureReason, message: string, options?: ErrorOptions) {
    super(tameText(message), options);
    this.code = failureTable[reason].code;
    this.kind = failureTable[reason].kind;
  }
}
