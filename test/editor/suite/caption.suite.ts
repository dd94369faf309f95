// Inside the extension host of whatever VS Code runs it: activation, commands, a caption through all three processes.
// It runs in a workspace with the sample pictures 01.png and 02.png, broken.png and notes.txt, on an empty cache.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../../client/src/extension';
import { samplesOf } from '../../support/suiteSamples';

suite('PaliGemma 2 in the editor', () => {
  test('starts when it is needed and loads nothing native', async () => {
    const extension = installedExtension();
    assert.ok(extension.isActive === false, 'nothing activates it before its first use');
    const before = nativeLibraries();
    await extension.activate();
    assert.deepEqual(nativeLibraries().filter(library => !before.includes(library)), []);
  });

  test('has every command of its manifest', async () => {
    const { contributes } = installedExtension().packageJSON as {
      readonly contributes: { readonly commands: readonly { readonly command: string }[] };
    };
    const known = await vscode.commands.getCommands(true);
    const declared = contributes.commands.map(({ command }) => command);
    for (
      const name of [
        'captionImage',
        'describeImage',
        'readText',
        'detectObjects',
        'segmentObjects',
        'askQuestion',
        'chooseModel',
        'unloadModel',
        'showLog',
      ]
    ) {
      assert.ok(declared.includes(`paligemma.${name}`), `${name} is in the manifest`);
    }
    assert.deepEqual(declared.filter(command => !known.includes(command)), []);
  });

  test('captions a picture as the reference did', async () => {
    await vscode.commands.executeCommand('paligemma.captionImage', picture('01.png'));
    const view = await lastView();
    assert.equal(view.error, undefined);
    assert.equal(view.status, 'done');
    assert.equal(view.result?.text, samplesOf('01.png')['caption en']);
    assert.equal(view.result?.model, 'paligemma2-demo-224');
    assert.equal(view.prompt, 'caption en');
  });

  test('two pictures at once are both answered', async () => {
    await Promise.all(
      ['01.png', '02.png'].map(name => vscode.commands.executeCommand('paligemma.describeImage', picture(name))),
    );
    const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs).map(tab => tab.label);
    for (const name of ['01.png', '02.png']) {
      assert.ok(tabs.some(label => label.includes(name)), `a view of ${name} among ${tabs.join(', ')}`);
    }
    const view = await lastView();
    assert.equal(view.result?.text, samplesOf(view.imageName)['describe en']);
  });

  test('several pictures in one command end in a list', async () => {
    const pictures = ['01.png', '02.png'].map(picture);
    await vscode.commands.executeCommand('paligemma.captionImage', pictures[0], pictures, { output: 'list' });
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    for (const name of ['01.png', '02.png']) {
      assert.ok(text.includes(name) && text.includes(samplesOf(name)['caption en'] ?? '?'), text);
    }
    assert.match(text, /paligemma2-demo-224/);
  });

  test('a broken picture fails with a sentence, and the next one works', async () => {
    await vscode.commands.executeCommand('paligemma.captionImage', picture('broken.png'));
    const broken = await lastView();
    assert.equal(broken.status, 'failed');
    assert.match(broken.error ?? '', /broken\.png.*\.$/);
    await vscode.commands.executeCommand('paligemma.readText', picture('02.png'));
    const next = await lastView();
    assert.equal(next.status, 'done');
    assert.equal(next.result?.text, samplesOf('02.png')['ocr']);
  });

  test('the model is unloaded on request, and loaded again by the next run', async () => {
    await vscode.commands.executeCommand('paligemma.unloadModel');
    await vscode.commands.executeCommand('paligemma.captionImage', picture('02.png'));
    assert.equal((await lastView()).result?.text, samplesOf('02.png')['caption en']);
  });

  test('after all of this the extension host still holds nothing native of ours', () => {
    assert.deepEqual(nativeLibraries(), []);
  });
});

function installedExtension(): vscode.Extension<ExtensionApi> {
  const extension = vscode.extensions.getExtension<ExtensionApi>('paligemma-tools.paligemma');
  assert.ok(extension !== undefined, 'the extension is there');
  return extension;
}

async function lastView(): Promise<NonNullable<ReturnType<ExtensionApi['lastView']>>> {
  const view = (await installedExtension().activate()).lastView();
  assert.ok(view !== undefined, 'an image view was shown');
  return view;
}

function picture(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder !== undefined, 'a folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Shared libraries of the model host that this process holds. */
function nativeLibraries(): string[] {
  const report = process.report.getReport() as unknown as { readonly sharedObjects: readonly string[] };
  assert.ok(report.sharedObjects.length > 0, 'the report lists shared libraries');
  return report.sharedObjects.filter(library => /onnxruntime|sharp|vips/i.test(library));
}
