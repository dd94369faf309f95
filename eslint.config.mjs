// Import zones and the rules that the house style asks for; `npm run format` lays the lines out.
import { builtinModules } from 'node:module';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const nodeBuiltins = builtinModules.filter(name => !name.startsWith('_'));
const native = ['onnxruntime-node', 'sharp'];
const banned = (names, message) => ({
  paths: names.flatMap(name => [name, `node:${name}`]).map(name => ({ name, message })),
});
/** Each folder may reach into the others through their `contract` folders only. */
const zones = [
  { target: './paligemma/src', from: ['./model-host', './server', './client', './media'] },
  { target: './model-host/src', from: './server' },
  { target: './model-host/src', from: './client' },
  { target: './model-host/src', from: './media' },
  { target: './model-host/src/contract', from: './model-host/src', except: ['./contract'] },
  { target: './server/src', from: './client' },
  { target: './server/src', from: './media' },
  { target: './server/src', from: './model-host/src', except: ['./contract'] },
  { target: './server/src/contract', from: './server/src', except: ['./contract'] },
  { target: './server/src/language', from: './server/src', except: ['./language', './contract'] },
  { target: './client/src', from: './model-host/src', except: ['./contract'] },
  { target: './client/src', from: './server/src', except: ['./contract'] },
  { target: './client/src', from: './media' },
  { target: './media', from: './client/src', except: ['./contract'] },
  { target: './media', from: './model-host/src', except: ['./contract'] },
  { target: './media', from: './server' },
].map(zone => ({ ...zone, message: 'Across folders import from a contract folder only.' }));

/** Inside the server: what lies lower knows nothing of what lies higher, and a room of the terminal nothing of its root. */
const floors = [
  { target: ['util', 'workspace', 'host', 'models', 'runs', 'imageLinks'], from: ['lsp', 'cli'] },
  { target: ['util', 'workspace', 'host', 'models'], from: ['runs'] },
  { target: ['util', 'workspace', 'host'], from: ['models'] },
  { target: ['util', 'workspace'], from: ['host'] },
  { target: ['util'], from: ['workspace', 'language'] },
  { target: ['models/folders'], from: ['models/servers', 'models/download', 'models/catalog'] },
  { target: ['models/servers', 'models/download'], from: ['models/catalog'] },
  { target: ['cli/terminal'], from: ['cli'], except: ['./terminal'] },
  { target: ['cli/models', 'cli/bench'], from: ['cli'], except: ['./terminal', './models', './bench'] },
  { target: ['cli/pictures'], from: ['cli'], except: ['./terminal', './models', './pictures'] },
].flatMap(({ target, from, except }) =>
  from.map(folder => ({
    target: target.map(each => `./server/src/${each}`),
    from: `./server/src/${folder}`,
    ...(except === undefined ? {} : { except }),
    message: 'What lies lower in the server imports nothing from what lies higher.',
  }))
);

export default tseslint.config(
  { ignores: ['dist/**', 'out/**', 'node_modules/**', 'test/fixtures/**', '**/*.d.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js'] } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: [...zones, ...floors] }],
      'import-x/no-default-export': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: 'error',
      complexity: ['error', 15],
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' }],
    },
  },
  {
    files: ['server/src/**/*.ts', 'client/src/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', banned(native, 'Only the model host loads native modules.')] },
  },
  {
    files: ['model-host/src/**/*.ts', 'server/src/**/*.ts'],
    ignores: ['server/src/language/**', 'model-host/src/contract/**', 'server/src/contract/**'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'vscode', message: 'Only client/ knows the editor.' }] }],
    },
  },
  {
    files: [
      'paligemma/src/**/*.ts',
      'server/src/language/**/*.ts',
      'model-host/src/contract/**/*.ts',
      'server/src/contract/**/*.ts',
      'client/src/contract/**/*.ts',
      'media/**/*.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        banned(
          [...nodeBuiltins, ...native, 'vscode'],
          'This folder is free of Node.js, native modules and the editor.',
        ),
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'require'],
    },
  },
  {
    files: ['server/src/cli/**/*.ts'],
    ignores: [],
    rules: {
      'no-restricted-imports': ['error', {
        paths: [
          { name: 'vscode' },
          ...native.map(name => ({ name, message: 'Only the model host loads native modules.' })),
        ],
      }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'import-x/no-restricted-paths': 'off',
      'no-console': 'off',
      complexity: 'off',
      // node:test returns promises that the runner awaits itself.
      '@typescript-eslint/no-floating-promises': ['error', {
        allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' }],
      }],
    },
  },
);
