/** The file behind an image view: which content is shown, and whether the file still has it. */
import { createHash } from 'node:crypto';
import { EventEmitter, RelativePattern, Uri, workspace } from 'vscode';
import type { Disposable } from 'vscode';
import { MOST_PICTURE_BYTES } from '../../../paligemma/src/pictureFiles';
import { plainFileBlocks } from '../../../system/src/plainFile';
import { isPdfStart, pageIdentity, pageOfFile } from '../../../paligemma/src/documentPages';
import { DisposableStore } from '../common/disposableStore';

/** `current`: the file has the content that is shown. `changed`: it has another. `missing`: it cannot be read. */
export type FileState = 'current' | 'changed' | 'missing';

/** Saving writes a file in several steps; it is looked at once they are over, milliseconds. */
const SETTLE_MS = 150;

export class ImageFile implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly changeEmitter = this.owned.add(new EventEmitter<void>());
  /** Fires when {@link state} became another. */
  readonly onDidChange = this.changeEmitter.event;
  private currentState: FileState = 'current';
  private shown: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly uri: Uri) {
    const folder = Uri.joinPath(uri, '..');
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    const watcher = this.owned.add(workspace.createFileSystemWatcher(new RelativePattern(folder, escapedGlob(name))));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) {
      this.owned.add(event(() => this.lookSoon()));
    }
    this.owned.add({ dispose: () => clearTimeout(this.timer) });
  }

  get state(): FileState {
    return this.currentState;
  }

  /** Hexadecimal SHA-256 of the content that is shown, of a page see `pageIdentity`; undefined while none could be read. */
  get sha256(): string | undefined {
    return this.shown;
  }

  /** Takes the content that the file has now for the one that is shown. */
  async load(): Promise<void> {
    const hash = await this.hash();
    if (hash !== undefined) this.shown = hash;
    this.currentState = hash === undefined ? 'missing' : 'current';
  }

  /** Compares the file with what is shown. */
  async look(): Promise<void> {
    const before = this.currentState;
    const hash = await this.hash();
    this.currentState = hash === undefined ? 'missing' : hash === this.shown ? 'current' : 'changed';
    if (this.currentState !== before) this.changeEmitter.fire();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private lookSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), SETTLE_MS);
  }

  private async hash(): Promise<string | undefined> {
    const hash = createHash('sha256');
    let isPdf: boolean | undefined;
    const take = (block: Uint8Array) => {
      isPdf ??= isPdfStart(block);
      hash.update(block);
    };
    try {
      // A file on disk may be far larger than what should lie in memory at once.
      if (this.uri.scheme !== 'file') take(await workspace.fs.readFile(this.uri));
      else for await (const block of plainFileBlocks(this.uri.fsPath, MOST_PICTURE_BYTES)) take(block);
      const ofFile = hash.digest('hex');
      const identity = pageIdentity(ofFile, pageOfFile(this.uri.toString()).page, isPdf === true);
      return identity === undefined ? ofFile : createHash('sha256').update(identity).digest('hex');
    } catch {
      // Missing, without permission, a folder: the run tells the person which.
      return undefined;
    }
  }
}

function escapedGlob(name: string): string {
  return name.replace(/[[\]{}*?]/g, '[$&]');
}
