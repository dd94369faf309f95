/** What the features of the prompt language ask about, answered at once from what the server knows by now. */
import type { ModelInfo } from '../../contract/protocol';
import type { ClientAbilities } from '../clientAbilities';
import type {
  ClientFeatures,
  ImageFacts,
  ImageFile,
  ImageMatch,
  LanguageContext,
  RunKey,
  RunState,
} from '../../language/knowledge/context';
import type { KnownModels } from './knownModels';
import type { Previews } from './previews';
import type { RunStates } from './runStates';
import type { KnownImageFacts } from '../../workspace/imageFacts';
import type { ImageMatches } from '../../workspace/imageMatches';
import type { PromptFileLabels } from '../../workspace/promptFileLabels';
import type { WorkspaceFiles } from '../../workspace/workspaceFiles';

export interface ContextParts {
  readonly abilities: () => ClientAbilities;
  readonly language: () => string;
  readonly models: KnownModels;
  readonly labels: PromptFileLabels;
  readonly files: WorkspaceFiles;
  readonly matches: ImageMatches;
  readonly facts: KnownImageFacts;
  readonly states: RunStates;
  readonly previews: () => Previews;
}

export class ServerContext implements LanguageContext {
  constructor(private readonly parts: ContextParts, readonly documentationUri: string) {}

  get models(): readonly ModelInfo[] {
    return this.parts.models.list;
  }

  get defaultModel(): string | undefined {
    return this.parts.models.defaultModel;
  }

  get language(): string {
    return this.parts.language();
  }

  get labels(): readonly string[] {
    return this.parts.labels.labels;
  }

  get imageFiles(): readonly ImageFile[] {
    return this.parts.files.images;
  }

  get client(): ClientFeatures {
    return this.parts.abilities().features;
  }

  images(documentUri: string, pathOrGlob: string): ImageMatch | undefined {
    return this.parts.matches.get(documentUri, pathOrGlob);
  }

  mayKnow(prompt: string): boolean {
    return this.parts.states.mayKnow(prompt);
  }

  imageFacts(imageUri: string): ImageFacts | undefined {
    return this.parts.facts.get(imageUri);
  }

  runState(run: RunKey): RunState | undefined {
    return this.parts.states.get(run);
  }

  preview(run: RunKey): string | undefined {
    return this.parts.previews().get(run);
  }

  modelFolderExists(documentUri: string, path: string): boolean | undefined {
    return this.parts.models.folderExists(documentUri, path);
  }
}
