/** What a workspace remembers of how its image views were set. Free of the editor. */
import { isAbsentOr, isAmount, isBoolean, isShape } from '../../../paligemma/src/checks';
import { given } from '../../../paligemma/src/given';
import type { ViewPreferences } from '../contract/viewer';
import type { Memory } from './promptMemory';

const KEY = 'imageView.preferences';

export class PreferenceMemory {
  constructor(private readonly memory: Memory) {}

  /** Undefined before anything was set. */
  get preferences(): ViewPreferences | undefined {
    return preferencesFrom(this.memory.get(KEY));
  }

  async remember(preferences: ViewPreferences): Promise<void> {
    await this.memory.update(KEY, preferences);
  }
}

/** Undefined for anything but preferences: a page sent it, or an older version kept it. */
export function preferencesFrom(value: unknown): ViewPreferences | undefined {
  if (!isPreferences(value) || value.maskOpacity > 1) return undefined;
  const { panelWidthPx, areLabelsShown, maskOpacity } = value;
  return { ...given({ panelWidthPx }), areLabelsShown, maskOpacity };
}

const isPreferences = isShape<ViewPreferences>({
  panelWidthPx: isAbsentOr(isAmount),
  areLabelsShown: isBoolean,
  maskOpacity: isAmount,
});
