import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { cocoFolders, folderHolding, vocFolders } from '../../../../server/src/dataSets/sources/pictureFolders';
import { temporaryFolder } from '../../../support/commandLine';

const root = temporaryFolder();
after(() => root.remove());

function picture(name: string): string {
  const file = root.at(name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  return path.dirname(file);
}

test('pictures of a COCO file are found in each layout that COCO files lie in', async () => {
  const layouts = [
    ['roboflow/train/_annotations.coco.json', 'roboflow/train/1.jpg'],
    ['coco/annotations/instances_train2017.json', 'coco/train2017/1.jpg'],
    ['below/annotations/instances_val2017.json', 'below/images/val2017/1.jpg'],
    ['flat/annotations/instances_default.json', 'flat/images/1.jpg'],
    ['cvat/annotations/instances_train.json', 'cvat/images/train/1.jpg'],
    ['beside/annotations.json', 'beside/images/1.jpg'],
    ['above/annotations/train.json', 'above/1.jpg'],
  ] as const;
  for (const [annotations, jpeg] of layouts) {
    const folder = picture(jpeg);
    assert.equal(await folderHolding(cocoFolders(root.at(annotations)), ['gone.jpg', '1.jpg']), folder, annotations);
  }
});

test('pictures that lie nowhere are said to lie beside the annotations', async () => {
  const own = root.at('nowhere/annotations');
  assert.equal(await folderHolding(cocoFolders(path.join(own, 'instances_train.json')), ['1.jpg', '2.jpg']), own);
  assert.equal(await folderHolding(vocFolders(path.join(own, '1.xml')), []), own);
});

test('pictures of Pascal VOC lie beside an annotation or beside its folder', async () => {
  for (const jpeg of ['VOC2012/JPEGImages/1.jpg', 'other/images/1.jpg', 'mixed/1.jpg']) {
    const folder = picture(jpeg);
    const annotation = root.at(
      jpeg.startsWith('mixed') ? 'mixed/1.xml' : `${jpeg.split('/')[0] ?? ''}/Annotations/1.xml`,
    );
    assert.equal(await folderHolding(vocFolders(annotation), ['1.jpg']), folder);
  }
});
