/** Drives the workbench as a person does: Explorer, menus, quick input, notifications, webviews. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { CodeServerOptions } from '../../../scripts/editorHost/codeServer';
import { openPage } from './browser';
import type { WorkbenchOptions } from './browser';
import { takeEditor } from './editor';
import type { Editor } from './editor';

const firstOpenMs = 15_000;
const openLimitMs = 60_000;
const menuLimitMs = 30_000;
const clipboardLimitMs = 10_000;
const screenshots = path.resolve('out/screenshots');

/**
 * How long each of several attempts waits, doubling up to a limit of them all. What has to be begun anew to see whether
 * it works by now (a menu that is opened again) would on a busy machine always be ended too early by the same wait.
 */
function* patience(firstMs: number, limitMs: number): Generator<number> {
  const deadline = Date.now() + limitMs;
  for (let waitMs = firstMs; Date.now() < deadline; waitMs *= 2) yield waitMs;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export class Workbench {
  private constructor(readonly page: Page, private readonly editor: Editor) {}

  /** Takes an editor (see {@link takeEditor}), opens `folder` in it and waits until its files are listed. */
  static async open({ folder, language, suite, ...options }: WorkbenchOptions & CodeServerOptions): Promise<Workbench> {
    const editor = await takeEditor(options);
    const page = await openPage(editor.browser, editor.server, {
      folder,
      ...(language === undefined ? {} : { language }),
      ...(suite === undefined ? {} : { suite }),
    });
    const workbench = new Workbench(page, editor);
    try {
      await workbench.filesAreListed();
      return workbench;
    } catch (error) {
      await workbench.close();
      throw error;
    }
  }

  /**
   * On a busy machine the editor can read a workspace file before its server answers, and then knows of no folder until
   * it is loaded anew: a race of its own, in which what it read at last comes before it listens.
   */
  private async filesAreListed(): Promise<void> {
    const file = this.page.locator('.explorer-folders-view .monaco-list-row').first();
    for (const timeout of patience(firstOpenMs, openLimitMs)) {
      if (await file.waitFor({ timeout }).then(() => true, () => false)) return;
      if (await this.page.getByText('No Folder Opened').isVisible()) await this.page.reload();
    }
    throw new Error(`the workbench listed no files\n${await this.state()}`);
  }

  /** What the page shows, and the end of what the server and the extension host wrote: for the message of a failure. */
  async state(): Promise<string> {
    const shown = await this.page.evaluate(() => document.body.innerText).catch(String);
    return `${this.page.url()} shows:\n${shown.slice(0, 1000)}\nthe log ends with:\n${this.log().slice(-2000)}`;
  }

  /** Leaves the workbench, so that the window's processes end, whatever is not saved in it. */
  async close(): Promise<void> {
    this.page.on('dialog', dialog => void dialog.accept());
    await this.page.goto('about:blank');
    await this.page.context().close();
    await this.editor.release();
  }

  /** What the server and the extension host wrote. */
  log(): string {
    return this.editor.server.log();
  }

  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshots, { recursive: true });
    const file = path.join(screenshots, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** A file of the Explorer by its name. */
  file(name: string): Locator {
    return this.page.locator('.explorer-folders-view .monaco-list-row').filter({
      has: this.page.getByText(name, { exact: true }),
    });
  }

  /** Opens a file of the Explorer in an editor of its own, and waits until it is in front. */
  async openFile(name: string): Promise<void> {
    await this.file(name).dblclick();
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    // The tab is there before its text: until then the editor shows the file before.
    await this.page.locator(`.editor-instance .monaco-editor[data-uri$="/${encodeURIComponent(name)}"] .view-lines`)
      .last().waitFor();
  }

  /**
   * Opens a picture in the image view without a run. The Explorer is there before extensions have contributed their
   * editors, and no event tells when they have.
   */
  async openWithImageView(name: string): Promise<void> {
    const choice = this.quickInput().locator('.monaco-list-row', { hasText: 'PaliGemma Image View' }).first();
    for (const timeout of patience(2_000, menuLimitMs)) {
      await this.chooseFromContextMenu(name, 'Open With');
      if (await choice.waitFor({ timeout }).then(() => true, () => false)) {
        await choice.click();
        return this.webview().locator('h1', { hasText: name }).waitFor({ state: 'attached' });
      }
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`the image view is not offered for ${name}`);
  }

  /** Clicks words of the text editor in front, also where the cursor that is there covers them. */
  async clickWords(words: string, button: 'left' | 'right' = 'left'): Promise<void> {
    const { x, y } = await this.placeOf(words);
    await this.page.mouse.click(x, y, { button });
  }

  /** The middle of words of the text editor in front, CSS pixels. */
  private async placeOf(words: string): Promise<Point> {
    const { x, y, width, height } = await this.boxOf(words, line => line.getByText(words).first());
    return { x: x + width / 2, y: y + height / 2 };
  }

  /** Right behind words of the text editor in front, CSS pixels. */
  private async endOf(words: string): Promise<Point> {
    const { x, y, width, height } = await this.boxOf(words, line => line.locator('span > span').last());
    return { x: x + width, y: y + height / 2 };
  }

  /** A line is drawn anew with each colour and hint that comes: what was found may be gone when it is measured. */
  private async boxOf(
    words: string,
    part: (line: Locator) => Locator,
  ): Promise<Point & { readonly width: number; readonly height: number }> {
    for (const deadline = Date.now() + menuLimitMs; Date.now() < deadline;) {
      const box = await part(this.page.locator('.editor-instance .view-line', { hasText: words }).first()).boundingBox({
        timeout: 2_000,
      }).catch(() => null);
      if (box !== null) return box;
      // Only lines in view are drawn, and a click that meets something else may have scrolled them away.
      await this.page.keyboard.press('Control+Home');
    }
    throw new Error(`"${words}" is not seen in the editor`);
  }

  /**
   * Puts the cursor on words and chooses a code action by the keyboard's Ctrl+. menu. No event tells when an extension
   * has read the document: the menu is opened again until it offers the action.
   */
  async chooseCodeAction(words: string, label: string): Promise<void> {
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: label }).first();
    // The menu comes when every extension has answered.
    for (const timeout of patience(2_000, menuLimitMs)) {
      await this.clickWords(words);
      await this.page.keyboard.press('Control+.');
      if (await row.waitFor({ timeout }).then(() => true, () => false)) return row.click();
      // Left open, it would lie over everything for the steps that follow.
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`"${label}" is not offered on "${words}"`);
  }

  /**
   * Drags a file of the Explorer behind words of the text editor in front, with Shift, which makes the editor take it
   * as text, until it offers its choices.
   */
  private async dropIntoText(name: string, words: string): Promise<void> {
    const offer = this.page.locator('.post-edit-widget');
    // Long enough for a drop that has begun: a second one would insert a second time.
    for (const timeout of patience(8_000, menuLimitMs)) {
      const [from, to] = [await this.file(name).boundingBox(), await this.endOf(words)];
      if (from === null) throw new Error(`${name} is not seen in the Explorer`);
      await this.page.mouse.move(from.x + 30, from.y + from.height / 2);
      await this.page.mouse.down();
      await this.page.mouse.move(from.x + 60, from.y + 40, { steps: 4 });
      await this.page.keyboard.down('Shift');
      await this.page.mouse.move(to.x - 1, to.y, { steps: 8 });
      await this.page.mouse.move(to.x, to.y, { steps: 3 });
      await this.page.mouse.up();
      await this.page.keyboard.up('Shift');
      if (await offer.waitFor({ timeout }).then(() => true, () => false)) return;
    }
    throw new Error(`dropping ${name} behind "${words}" offers nothing`);
  }

  /** Drops a file of the Explorer behind words, and takes one of the choices that the editor offers for it. */
  async dropAs(name: string, words: string, label: string): Promise<void> {
    const choices = this.page.locator('.action-widget .monaco-list-row');
    const offer = this.page.locator('.post-edit-widget');
    // A choice of the extension is there once it has started, and nothing tells when that is: what was dropped before is
    // taken back, and dropped again.
    for (const deadline = Date.now() + menuLimitMs; Date.now() < deadline;) {
      await this.dropIntoText(name, words);
      await offer.click();
      await choices.first().waitFor();
      if (await choices.filter({ hasText: label }).isVisible()) return this.choosePostEdit(label);
      await this.page.keyboard.press('Escape');
      await choices.first().waitFor({ state: 'hidden' });
      await this.page.keyboard.press('Control+Z');
      await offer.waitFor({ state: 'detached' });
    }
    throw new Error(`"${label}" is not offered for a drop of ${name}`);
  }

  /** Drops a file from outside of the editor behind words, with Shift. @param file Absolute path. */
  async dropFromOutside(file: string, words: string): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [file], dragOperationsMask: 1 };
    const SHIFT = 8;
    for (const type of ['dragEnter', 'dragOver', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, ...await this.endOf(words), data, modifiers: SHIFT });
    }
    await session.detach();
  }

  /** Takes one of the choices that the editor offers after a paste or a drop. */
  async choosePostEdit(label: string): Promise<void> {
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: label });
    // The list closes when the editor is drawn anew or takes the focus, which it does a moment after a drop.
    for (const timeout of patience(2_000, menuLimitMs)) {
      if (!await row.isVisible()) await this.page.locator('.post-edit-widget').click();
      if (await row.click({ timeout }).then(() => true, () => false)) return;
    }
    throw new Error(`"${label}" cannot be chosen after the drop`);
  }

  /** Rests the pointer on words until a hover of the editor says `text`, and returns it. */
  async hover(words: string, text: string | RegExp): Promise<Locator> {
    const hover = this.page.locator('.monaco-editor-hover:visible, .monaco-hover:visible').filter({ hasText: text })
      .first();
    for (const timeout of patience(4_000, menuLimitMs)) {
      // A pointer that does not move asks for nothing.
      await this.page.mouse.move(0, 0);
      const { x, y } = await this.placeOf(words);
      await this.page.mouse.move(x, y);
      if (await hover.waitFor({ timeout }).then(() => true, () => false)) return hover;
    }
    throw new Error(`no hover over "${words}" says ${String(text)}`);
  }

  /**
   * Reads once for each frame that the browser draws, until the value is as expected or the time is up, and returns
   * what was read last: for what no event tells (the clipboard, what the editor keeps) or only its drawing shows.
   */
  async atFrames<T>(read: () => Promise<T>, isExpected: (value: T) => boolean, limitMs: number): Promise<T> {
    const deadline = Date.now() + limitMs;
    let value = await read();
    while (!isExpected(value) && Date.now() < deadline) {
      await this.page.evaluate(() => new Promise<unknown>(requestAnimationFrame));
      value = await read();
    }
    return value;
  }

  /** Waits until the editor in front holds a text. */
  async editorTextBecomes(isExpected: (text: string) => boolean, limitMs = menuLimitMs): Promise<string> {
    const text = await this.atFrames(() => this.editorText(), isExpected, limitMs);
    if (isExpected(text)) return text;
    throw new Error(`the editor holds ${JSON.stringify(text)}`);
  }

  /** Selects files in the Explorer: the first by a click, the others by a click with Ctrl. */
  async select(names: readonly string[]): Promise<void> {
    const selected = this.page.locator('.explorer-folders-view .monaco-list-row.selected');
    // A row can move under the pointer while files appear, so what the clicks did is looked at.
    for (const timeout of patience(1_000, menuLimitMs)) {
      for (const [index, name] of names.entries()) {
        await this.file(name).click(index === 0 ? {} : { modifiers: ['Control'] });
      }
      await selected.nth(names.length - 1).waitFor({ timeout }).catch(() => undefined);
      const texts = (await selected.allInnerTexts()).map(text => text.trim());
      if (texts.length === names.length && names.every(name => texts.includes(name))) return;
    }
    throw new Error(`${names.join(', ')} cannot be selected`);
  }

  /**
   * Opens a folder of the Explorer until `child` is seen. A row can move under the pointer while files appear, so what
   * a click did is looked at.
   */
  async expand(name: string, child: string): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!(await this.file(child).isVisible())) {
      if (Date.now() > deadline) throw new Error(`${child} is not seen in ${name}`);
      if ((await this.file(name).getAttribute('aria-expanded')) !== 'true') await this.file(name).click();
      await this.file(child).waitFor({ timeout: 3_000 }).catch(() => undefined);
    }
  }

  /** Right-clicks a file and returns the menu's items. */
  async openContextMenu(name: string): Promise<Locator> {
    await this.file(name).click({ button: 'right' });
    const items = this.page.locator('.monaco-menu .action-item');
    await items.first().waitFor();
    return items;
  }

  /** Chooses from the menu of an editor's tab; a page that has just come up takes the focus, and the menu with it. */
  async chooseFromTabMenu(tab: string, label: string): Promise<void> {
    const item = this.page.locator('.monaco-menu .action-item', { hasText: label }).first();
    for (const timeout of patience(2_000, menuLimitMs)) {
      await this.tabs().filter({ hasText: tab }).first().click({ button: 'right' });
      const isChosen = await item.waitFor({ timeout }).then(() => this.chooseMenuItem(item)).catch(() => false);
      if (isChosen) return;
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`"${label}" could not be chosen in the menu of the tab ${tab}`);
  }

  async closeMenu(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.page.locator('.monaco-menu').first().waitFor({ state: 'detached' });
  }

  /** Labels of a file's context menu, separators left out. */
  async contextMenuLabels(name: string): Promise<readonly string[]> {
    const items = await this.openContextMenu(name);
    const labels = await items.locator('.action-label').evaluateAll(nodes =>
      nodes.map(node => node.getAttribute('aria-label') ?? node.textContent ?? '')
    );
    await this.closeMenu();
    return labels.filter(label => label !== '');
  }

  /**
   * Right-clicks a file and chooses an item, of the extension's submenu where the menu itself has none of that name. The
   * Explorer is drawn before extensions have contributed their menus and before it is known that the folder is trusted,
   * and no event tells when it is: the menu is opened again until the item can be chosen.
   * @param select What is selected before, where it is not `name` alone.
   */
  async chooseFromContextMenu(
    name: string,
    label: string,
    select: readonly string[] | (() => Promise<void>) = [],
  ): Promise<void> {
    for (const timeout of patience(2_000, menuLimitMs)) {
      // Each time: the key that closes a menu which did not have the item takes the selection of the list away.
      if (typeof select === 'function') await select();
      else if (select.length > 0) await this.select(select);
      const items = await this.openContextMenu(name);
      const own = items.filter({ hasText: label }).first();
      const item = await own.count() > 0 ? own : await this.itemOfSubmenu(items, label, timeout);
      if (item !== undefined && await this.chooseMenuItem(item)) return;
      // The first closes the submenu where one is open.
      if (await this.page.locator('.monaco-submenu').count() > 0) await this.page.keyboard.press('Escape');
      await this.closeMenu();
    }
    throw new Error(`"${label}" could not be chosen in the context menu of ${name} within ${menuLimitMs / 1000} s`);
  }

  /** An item of the extension's submenu, which is then open; undefined where it has none of that name. */
  private async itemOfSubmenu(items: Locator, label: string, timeout: number): Promise<Locator | undefined> {
    const submenu = items.filter({ hasText: /^\s*PaliGemma 2\s*$/ }).first();
    if (await submenu.count() === 0) return undefined;
    await submenu.hover();
    const item = this.page.locator('.monaco-submenu .action-item', { hasText: label }).first();
    return item.waitFor({ timeout }).then(() => item, () => undefined);
  }

  /**
   * Right-clicks words of the text editor in front and chooses an item of a submenu. The menu is opened again until it
   * has the item: no event tells when an extension has contributed to it.
   */
  async chooseFromTextMenu(words: string, submenu: string, label: string): Promise<void> {
    const parent = this.page.locator('.monaco-menu .action-item', { hasText: submenu }).first();
    const item = this.page.locator('.monaco-submenu .action-item', { hasText: label }).first();
    for (const timeout of patience(2_000, menuLimitMs)) {
      const isShown = (locator: Locator) => locator.waitFor({ timeout }).then(() => true, () => false);
      // A right-click within what is selected leaves cursor and selection where they are.
      await this.clickWords(words);
      await this.clickWords(words, 'right');
      if (await isShown(parent)) {
        await parent.hover();
        if (await isShown(item) && await this.chooseMenuItem(item)) return;
      }
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`"${label}" could not be chosen in the menu of "${words}"`);
  }

  /**
   * Opens the menu of `target` by keys. A menu that has just closed gives the focus back a moment later, to what had it
   * before: then the keys have to be pressed once more.
   */
  async openMenuByKeys(target: Locator, item: Locator): Promise<void> {
    for (const timeout of patience(2_000, menuLimitMs)) {
      await target.press('Shift+F10');
      if (await item.waitFor({ timeout }).then(() => true, () => false)) return;
    }
    throw new Error('no menu opens by keys');
  }

  /**
   * False where the item is disabled, or the menu is gone without a choice. A menu ignores the mouse for a moment after
   * it was opened, so that the click that opened it chooses nothing: hence several attempts.
   */
  async chooseMenuItem(item: Locator): Promise<boolean> {
    let isClicked = false;
    for (let attempt = 0; attempt < 5; attempt++) {
      if (!await item.click({ timeout: 5_000 }).then(() => true, () => false)) {
        // A busy menu closes late: it is gone because of the click before.
        return isClicked && await item.count() === 0;
      }
      isClicked = true;
      // Long enough for a busy menu: a second click would close the list that the first one has opened.
      if (await item.waitFor({ state: 'detached', timeout: 3_000 }).then(() => true, () => false)) return true;
    }
    return false;
  }

  /**
   * Waits until the editor has written a text to what the browser keeps for it, which it does a moment after an
   * extension asked. @param text JSON, however deep it lies in strings.
   */
  async isKept(text: string): Promise<void> {
    const isThere = (wanted: string) =>
      this.page.evaluate(async needle => {
        for (const { name } of await indexedDB.databases()) {
          const database = await new Promise<IDBDatabase>((resolve, reject) => {
            const request = indexedDB.open(name ?? '');
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(new Error(name));
          });
          const found = await Promise.all([...database.objectStoreNames].map(store =>
            new Promise<boolean>(resolve => {
              const request = database.transaction(store).objectStore(store).getAll();
              request.onsuccess = () => resolve(JSON.stringify(request.result).replaceAll('\\', '').includes(needle));
              request.onerror = () => resolve(false);
            })
          ));
          database.close();
          if (found.includes(true)) return true;
        }
        return false;
      }, wanted);
    if (!await this.atFrames(() => isThere(text), Boolean, menuLimitMs)) throw new Error(`"${text}" was not kept`);
  }

  /** Runs a command by its title in the Command Palette. */
  async runCommand(title: string): Promise<void> {
    const row = this.quickInput().locator('.monaco-list-row', { hasText: title }).first();
    // The palette lists what was possible when it opened, and closes when a webview that just came up takes the focus:
    // it is opened anew until it serves.
    for (const timeout of patience(3_000, menuLimitMs)) {
      await this.page.keyboard.press('F1');
      const isChosen = await this.quickInput().locator('input').first().fill(`>${title}`, { timeout })
        .then(() => row.click({ timeout })).then(() => true, () => false);
      if (isChosen) return;
      await this.page.keyboard.press('Escape');
      await this.quickInput().waitFor({ state: 'hidden' });
    }
    throw new Error(`the Command Palette does not offer "${title}"`);
  }

  /**
   * Runs a command that shows a list, until a line of it is there. Such a list closes when something else takes the
   * focus, as an image view does when its page has come up.
   * @param withKeys No pointer is used.
   */
  async openList(title: string, line: string, { withKeys = false } = {}): Promise<void> {
    for (const timeout of patience(5_000, menuLimitMs)) {
      await (withKeys ? this.typeCommand(title) : this.runCommand(title));
      if (await this.pickRow(line).first().waitFor({ timeout }).then(() => true, () => false)) return;
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`"${title}" shows no list with "${line}"`);
  }

  /** Runs a command by its title in the Command Palette, with keys alone. */
  async typeCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickInput().waitFor();
    await this.page.keyboard.type(title);
    // Enter takes the line that has the focus, which is another one while the list is still being made.
    await this.quickInput().locator('.monaco-list-row.focused', { hasText: title }).waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** The box in the upper middle: Command Palette, input box, quick pick. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** Types into an open input box and accepts it. */
  async answerInput(text: string): Promise<void> {
    await this.quickInput().locator('input').first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Toasts and their texts. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** Answers a notification that hides by itself after a while: in the corner, or in the list, where it stays. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    const list = this.page.locator('.notifications-center');
    const rows = list.locator('.monaco-list-row', { hasText: text });
    const hide = list.locator('.notifications-center-header .codicon-notifications-hide');
    const isClicked = (place: Locator, timeout: number) =>
      place.getByRole('button', { name: button }).click({ timeout }).then(() => true, () => false);
    for (const timeout of patience(4_000, openLimitMs)) {
      if (await isClicked(this.notification(text), timeout)) return;
      await this.runCommand('Notifications: Show Notifications');
      const isDone = await isClicked(rows, timeout);
      // While the list is open, nothing is shown in the corner. It closes by itself with the last that was in it.
      if (await hide.isVisible()) await hide.click({ timeout }).catch(() => undefined);
      await list.waitFor({ state: 'hidden' });
      if (isDone) return;
    }
    throw new Error(`no notification that says ${String(text)} can be answered by “${button}”`);
  }

  /** The modal dialog in the middle. */
  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Presses a button of a modal dialog and waits until it is gone. */
  async answerDialog(button: string): Promise<void> {
    await this.dialog().getByRole('button', { name: button, exact: true }).click();
    await this.dialog().waitFor({ state: 'detached' });
  }

  /** Lines of the open pick list. */
  pickRow(text: string | RegExp): Locator {
    return this.quickInput().locator('.monaco-list-row', { hasText: text });
  }

  /** Chooses a folder in the dialog that asks for one. @param folder Absolute; holds a folder `runs`, and no file that is listed. */
  async chooseFolder(folder: string): Promise<void> {
    // The dialog writes the folder that it begins with once it has listed it, and takes another once that is listed.
    const rows = this.quickInput().locator('.monaco-list-row');
    await rows.filter({ hasText: '..' }).waitFor();
    await this.quickInput().locator('input').first().fill(`${folder}/`);
    await rows.filter({ hasText: 'runs' }).waitFor();
    await this.quickInput().locator('.quick-input-action .monaco-button').first().click();
  }

  /**
   * Takes the name that the dialog for saving suggests. It stands in the place of the list before it, whose field is no
   * sign of it.
   */
  async saveAs(suggestedEnd: string): Promise<void> {
    await this.page.waitForFunction(
      end =>
        [...document.querySelectorAll<HTMLInputElement>('.quick-input-widget input')].some(({ value }) =>
          value.endsWith(end)
        ),
      suggestedEnd,
    );
    await this.page.keyboard.press('Enter');
  }

  /** The item of the extension in the status bar. */
  statusItem(): Locator {
    return this.page.locator('.statusbar-item[id*="paligemma.status"]');
  }

  /** The document inside the webview of the active editor. */
  webview(): FrameLocator {
    return this.page.frameLocator('.webview.ready:visible').last().frameLocator('iframe#active-frame');
  }

  /** Labels of the open editors' tabs. */
  tabs(): Locator {
    return this.page.locator('.tabs-container .tab .tab-label');
  }

  /** Waits until the clipboard holds what is expected, and returns it. */
  async clipboardBecomes(isExpected: (text: string) => boolean): Promise<string> {
    const read = () => this.page.evaluate<string>('navigator.clipboard.readText()');
    const text = await this.atFrames(read, isExpected, clipboardLimitMs);
    if (isExpected(text)) return text;
    throw new Error(`the clipboard holds ${JSON.stringify(text)}`);
  }

  /**
   * Text of the editor in front, by way of the clipboard: long lines are drawn in pieces, and only what is in sight.
   */
  async editorText(): Promise<string> {
    await this.page.locator('.editor-instance .monaco-editor .view-lines').last().click();
    await this.page.evaluate('navigator.clipboard.writeText("")');
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.press('Control+C');
    return this.clipboardBecomes(text => text !== '');
  }

  async chooseTheme(label: string): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput().locator('input').first().fill(label);
    await this.quickInput().locator('.monaco-list-row', { hasText: label }).first().click();
    await this.quickInput().waitFor({ state: 'hidden' });
  }

  async dismissNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
    await this.page.locator('.notification-toast').first().waitFor({ state: 'detached' });
  }
}
