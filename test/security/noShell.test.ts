// Lines 7 and 31: no shell, and no program that is not known.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const folders = [
  'client/src',
  'server/src',
  'model-host/src',
  'system/src',
  'net/src',
  'batch/src',
  'drawings/src',
  'paligemma/src',
  'media',
];
const sources = folders.flatMap(folder =>
  readdirSync(path.resolve(folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts')).map(name => ({
      file: `${folder}/${name.replaceAll('\\', '/')}`,
      text: readFileSync(path.resolve(folder, name), 'utf8'),
    }))
);
const having = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file).sort();

/**
 * The engraver that the person named, the Python that they train with, the host, the program that decodes one SVG or HEIC, the driver's that tells a GPU's memory, the one that sees a process
 * to its end, and the system's that tells whether one was stopped.
 */
const starters = [
  'drawings/src/music/engraveMusic.ts',
  'model-host/src/image/separateProcess.ts',
  'model-host/src/runtime/gpuMemory.ts',
  'server/src/host/hostChild.ts',
  'server/src/tuning/trainer.ts',
  'system/src/processEnd.ts',
  'system/src/stoppedProcess.ts',
];

test('programs are started in known places only, by a list of arguments', () => {
  assert.ok(sources.length > 200);
  assert.deepEqual(having(/child_process/), starters);
  for (const { file, text } of sources.filter(({ file: each }) => starters.includes(each))) {
    const [, names = ''] = /import \{([^}]*)\} from 'node:child_process'/.exec(text) ?? [];
    const values = names.split(',').map(name => name.trim()).filter(name => name !== '' && !name.startsWith('type '));
    assert.ok(
      values.length > 0 && values.every(name => ['fork', 'spawn', 'execFile'].includes(name)),
      `${file}: ${names}`,
    );
    assert.doesNotMatch(text, /\bshell\s*:/);
  }
});

test('no terminal is opened, and no text becomes code outside of a thread or process of its own', () => {
  assert.deepEqual(
    having(
      /createTerminal|sendText\(|ShellExecution|ProcessExecution|executeTask|startDebugging|action\.(?:terminal|tasks|debug)/,
    ),
    [],
  );
  assert.deepEqual(having(/\beval\(|new Function\(/), []);
  assert.deepEqual(
    having(/node:vm/),
    ['model-host/src/checkpoint/lora.ts'],
    'a script of one fixed line, for its time limit',
  );
  assert.deepEqual(having(/eval: true/), [
    'drawings/src/music/main.ts',
    'model-host/src/convert/kernelPool.ts',
    'model-host/src/image/separateProcess.ts',
  ]);
});
