/** Messages between the extension and the image view's webview. */
import type { Region } from '../../../model-host/src/contract/paligemma';

/** Extension → webview. */
export type ToViewer =
  | { readonly type: 'show'; readonly view: ViewState }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'select'; readonly index: number };

/** Webview → extension. `ready` comes first; nothing is posted to the view before it. */
export type FromViewer =
  | { readonly type: 'ready' }
  | { readonly type: 'copy'; readonly what: 'text' | 'json' }
  | { readonly type: 'didSelect'; readonly index: number };

/** Everything that one image view shows. */
export interface ViewState {
  readonly imageUri: string;
  readonly imageName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly model: string;
  /** A sentence about what the model can do, where that matters (the demo model). */
  readonly modelNote?: string;
  readonly prompt: string;
  readonly suffix: string;
  readonly text: string;
  readonly regions: readonly Region[];
  readonly status: 'running' | 'done' | 'failed';
  /** The sentence of a failed run. */
  readonly error?: string;
}
