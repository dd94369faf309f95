/** What is worth waiting for before a feature is asked: pictures that are being looked up, a size, a drawn box. */
import type { CancellationToken, Position } from 'vscode-languageserver/node';
import type { LanguageContext } from '../../language/knowledge/context';
import { directiveAt, promptAt, type PromptDocument } from '../../language/syntax/document';
import { imageItemAt } from '../../language/features/hoverImages';
import { imageTexts, knownRuns } from '../../language/knowledge/promptRuns';
import type { Previews } from './previews';
import type { PromptModels } from '../../runs/promptModels';
import type { Timers } from '../../util/timers';
import type { KnownImageFacts } from '../../workspace/imageFacts';
import type { ImageMatches } from '../../workspace/imageMatches';
import type { WorkspaceFiles } from '../../workspace/workspaceFiles';

/** A disk that takes longer is not waited for: the client is asked to ask again. */
const LOOK_UP_MS = 50;
/** A person who points at a picture waits a little longer. */
const POINTED_AT_MS = 300;
/** The first time, the folders of the workspace are being looked through. */
const INDEX_MS = 300;
const FACTS_MS = 300;
/** The model host may have to start for it. */
const DRAWING_MS = 1_500;
const MOST_DRAWN = 5;

export interface PreparationOptions {
  readonly context: LanguageContext;
  readonly matches: ImageMatches;
  readonly facts: KnownImageFacts;
  readonly files: WorkspaceFiles;
  readonly previews: Previews;
  readonly modelsOf: (documentUri: string) => PromptModels;
  /** How old the index of pictures may get before completion has it built anew. */
  readonly indexAgeMs: () => number;
  readonly timers: Timers;
}

export class Preparation {
  constructor(private readonly options: PreparationOptions) {}

  /** Waits only where pictures are asked for and none were ever looked for. */
  async ofCompletion(document: PromptDocument, position: Position): Promise<void> {
    if (directiveAt(document, position.line)?.kind === 'image') await this.ofPaths();
  }

  /** The pictures of the workspace. */
  async ofPaths(): Promise<void> {
    const { files, indexAgeMs } = this.options;
    files.refresh(indexAgeMs());
    if (!files.isScanned) await this.atMost(INDEX_MS, files.settled);
  }

  /** The pictures that a document names. */
  async ofImages(document: PromptDocument): Promise<void> {
    await this.atMost(LOOK_UP_MS, this.options.matches.settle(document.uri, imageTexts(document)));
  }

  async ofImage(imageUri: string | undefined): Promise<void> {
    if (imageUri !== undefined) await this.atMost(FACTS_MS, this.options.facts.settle(imageUri));
  }

  async ofHover(document: PromptDocument, position: Position, token: CancellationToken): Promise<void> {
    const { matches, context, previews, modelsOf } = this.options;
    const item = imageItemAt(document, position);
    if (item !== undefined) {
      await this.atMost(POINTED_AT_MS, matches.settle(document.uri, [item.text]));
      await this.ofImage(context.images(document.uri, item.text)?.uris[0]);
      return;
    }
    const prompt = promptAt(document, position.line);
    if (prompt === undefined || context.mayKnow?.(prompt.text) === false) return;
    const runs = knownRuns(document, prompt, context).filter(({ state }) => state.kind === 'done').slice(0, MOST_DRAWN);
    const models = modelsOf(document.uri);
    await this.atMost(DRAWING_MS, Promise.all(runs.map(({ run }) => previews.prepare(run, models, token))));
    await Promise.all(runs.map(({ run }) => this.ofImage(run.imageUri)));
  }

  private atMost(ms: number, work: Promise<unknown>): Promise<void> {
    return new Promise(resolve => {
      const timer = this.options.timers.after(ms, resolve);
      void work.catch(() => undefined).finally(() => {
        timer.dispose();
        resolve();
      });
    });
  }
}
