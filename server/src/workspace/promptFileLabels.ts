/** Labels that the prompt files of the workspace ask for, open ones as they stand in the editor. */
import { pathToFileURL } from 'node:url';
import { readPlainText } from '../../../system/src/plainFile';
import { createDocument, type PromptDocument } from '../language/syntax/document';
import { labelsOf } from '../language/syntax/labels';
import { canonicalUri } from '../language/text/paths';
import { stampOf } from './filePaths';

const MOST_FILES = 500;
const MOST_BYTES = 1_000_000;

interface KnownFile {
  readonly stamp: string;
  readonly labels: readonly string[];
}

export class PromptFileLabels {
  private readonly closed = new Map<string, KnownFile>();
  private ofOpen: readonly string[] = [];
  private ofClosed: readonly string[] = [];
  private merged: readonly string[] | undefined;

  /** Those of open files first, each part with the most frequent first. */
  get labels(): readonly string[] {
    return this.merged ??= [...new Set([...this.ofOpen, ...this.ofClosed])];
  }

  readOpen(documents: Iterable<PromptDocument>): void {
    this.ofOpen = labelsOf(documents);
    this.merged = undefined;
  }

  /** Reads what changed of `places`; `openUris` are left to {@link readOpen}. Never rejects. */
  async readClosed(places: readonly string[], openUris: Iterable<string>): Promise<void> {
    const open = new Set([...openUris].map(canonicalUri));
    const wanted = places.slice(0, MOST_FILES);
    for (const place of this.closed.keys()) if (!wanted.includes(place)) this.closed.delete(place);
    for (const place of wanted) {
      const stamp = await stampOf(place);
      if (stamp !== undefined && this.closed.get(place)?.stamp !== stamp) {
        this.closed.set(place, { stamp, labels: await labelsIn(place) });
      }
    }
    const parts = [...this.closed].filter(([place]) => !open.has(canonicalUri(pathToFileURL(place).href))).map((
      [, { labels }],
    ) => labels);
    this.ofClosed = [...new Set(parts.flat())];
    this.merged = undefined;
  }
}

async function labelsIn(place: string): Promise<readonly string[]> {
  const document = await readPromptFile(place);
  return document === undefined ? [] : labelsOf([document]);
}

/** A prompt file of the disk; undefined where it cannot be read or is too large to be one. */
export async function readPromptFile(place: string): Promise<PromptDocument | undefined> {
  const text = await readPlainText(place, MOST_BYTES);
  return text === undefined ? undefined : createDocument(pathToFileURL(place).href, 0, text);
}
