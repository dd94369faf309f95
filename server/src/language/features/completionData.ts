import type { CheckpointKind } from '../../../../paligemma/src/facts';
import type { TaskId } from '../../../../paligemma/src/tasks';

/** What `resolveCompletion` needs to know of an item; plain JSON. */
export type CompletionData =
  | { readonly kind: 'task'; readonly id: TaskId }
  | { readonly kind: 'language'; readonly code: string; readonly checkpoint: CheckpointKind }
  | { readonly kind: 'directive'; readonly name: string }
  | { readonly kind: 'model'; readonly id: string }
  | { readonly kind: 'settingKey'; readonly key: string }
  | { readonly kind: 'settingValue'; readonly key: string; readonly value: string }
  | { readonly kind: 'image'; readonly uri: string };
