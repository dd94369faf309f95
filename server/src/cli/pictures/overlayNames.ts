/** File names for drawn pictures: never the name of a picture of the user's own, never the same twice. */
import path from 'node:path';
import { pageFileName } from '../../../../paligemma/src/documentPages';

export class OverlayNames {
  private readonly taken = new Set<string>();

  /** `kitchen.jpg` becomes `kitchen.overlay.png`, a second `kitchen.*` becomes `kitchen-2.overlay.png`; a page `report.page-3.overlay.png`. */
  next(imagePath: string): string {
    const { name: stem } = path.parse(pageFileName(imagePath));
    for (let count = 1;; count++) {
      const name = `${count === 1 ? stem : `${stem}-${count}`}.overlay.png`;
      // File systems that ignore case would write both to one file.
      if (this.taken.has(name.toLowerCase())) continue;
      this.taken.add(name.toLowerCase());
      return name;
    }
  }
}
