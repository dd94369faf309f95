/** ESLint's rules for the rooms: one block a room, so that no block replaces the options of another. */
import { builtinModules } from 'node:module';
import { rooms } from './rooms.mjs';

const nodeBuiltins = builtinModules.filter(name => !name.startsWith('_'));
const native = ['onnxruntime-node', 'sharp'];

/** Packages that a room must not take, by its surroundings, and why. */
const bans = {
  pure: ban([...nodeBuiltins, ...native, 'vscode'], 'This room is free of Node.js, native modules and the editor.'),
  page: ban([...nodeBuiltins, ...native, 'vscode'], 'A page is free of Node.js, native modules and the editor.'),
  node: [
    ...ban(native, 'Only the model host loads native modules.'),
    ...ban(['vscode'], 'Only client/ knows the editor.'),
  ],
  editor: ban(native, 'Only the model host loads native modules.'),
  host: ban(['vscode'], 'Only client/ knows the editor.'),
};

function ban(names, message) {
  return names.flatMap(name => [{ name, message }, { name: `node:${name}`, message }]);
}

/** What waits for ever on a pipe or a device, reads without end, or spins where a folder cannot be made. */
const waitingCalls = [
  'readFile',
  'readFileSync',
  'open',
  'openSync',
  'createReadStream',
  'createWriteStream',
  'appendFile',
  'appendFileSync',
  'mkdir',
  'mkdirSync',
];
/** What only one room takes from outside, because it makes it safe for all others. */
const madeSafe = [
  {
    room: 'client/src/common',
    surroundings: ['editor'],
    bans: [{
      name: 'vscode',
      importNames: ['window'],
      message: 'What is shown goes through client/src/common/window.ts, which makes it tame.',
    }],
  },
  {
    room: 'system/src',
    surroundings: ['node', 'editor', 'host'],
    bans: ['fs', 'node:fs', 'fs/promises', 'node:fs/promises'].map(name => ({
      name,
      importNames: waitingCalls,
      message: 'system/src/plainFile.ts and makeFolder.ts do it so that nothing waits for ever.',
    })),
  },
];

function bansOf(folder, surroundings) {
  const others = madeSafe.filter(({ room, surroundings: held }) => room !== folder && held.includes(surroundings));
  return [...bans[surroundings], ...others.flatMap(safe => safe.bans)];
}

const filesOf = folder => `${folder}/*.ts`;

/** A flat configuration; the plugin `import-x` is expected to be known. */
export const roomRules = rooms.map(({ folder, mayImport, surroundings }) => ({
  name: `rooms/${folder}`,
  files: [filesOf(folder)],
  rules: {
    'no-restricted-imports': ['error', { paths: bansOf(folder, surroundings) }],
    'import-x/no-restricted-paths': ['error', {
      zones: [{
        target: `./${filesOf(folder)}`,
        from: rooms.filter(room => room.folder !== folder && !mayImport.includes(room.folder)).map(room =>
          `./${filesOf(room.folder)}`
        ),
        message: `${folder} stands beside or below it, or in another process (scripts/lint/rooms.mjs).`,
      }],
    }],
    ...(surroundings === 'pure' || surroundings === 'page'
      ? { 'no-restricted-globals': ['error', 'process', 'Buffer', 'require'] }
      : {}),
  },
}));
