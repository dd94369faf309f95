/** What the page says of itself to the editor's own menu, so that a right-click on a region is about that region. */
import type { MenuContext } from '../../client/src/contract/viewer';

/** For `data-vscode-context`. @param index Of the region; undefined: the picture as a whole. */
export function menuContext(imageUri: string, index: number | undefined): string {
  const context: MenuContext = index === undefined
    ? { webviewSection: 'picture', imageUri, preventDefaultContextMenuItems: true }
    : { webviewSection: 'region', imageUri, index, preventDefaultContextMenuItems: true };
  return JSON.stringify(context);
}
