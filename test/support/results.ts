/** Results of runs that no test needs a model for. */
import type { ViewState } from '../../client/src/contract/viewer';
import { doneView, idleView } from '../../client/src/viewer/viewState';
import type { RunResult } from '../../paligemma/src/runResult';

/** A caption of a picture of 40 × 30 pixels, unless `part` says otherwise. */
export function runResult(part: Partial<RunResult> = {}): RunResult {
  return {
    image: { path: '/pictures/a.png', widthPx: 40, heightPx: 30, sha256: 'a'.repeat(64) },
    model: 'demo',
    device: 'cpu',
    prompt: 'caption en',
    suffix: 'a cup',
    tokenIds: [5, 6],
    tokenProbabilities: [0.5, 1],
    stopReason: 'eos',
    regions: [],
    text: 'a cup',
    timings: { loadMs: 0, imageMs: 5, visionMs: 20, prefillMs: 30, decodeMs: 45, tokens: 2 },
    fromStore: false,
    ...part,
  };
}

/** An image view that shows such a result. */
export function viewOf(part: Partial<RunResult>, imageUri = 'file:///a.png'): ViewState {
  return doneView(idleView(imageUri, imageUri.slice(imageUri.lastIndexOf('/') + 1)), runResult(part), undefined);
}
