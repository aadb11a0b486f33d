// Type-aware lint, and the import zones of docs/architecture.md: imports point inwards only.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Each room may import itself and what stands to the left of it; tests may import what they like.
const rooms = {
  values: [],
  api: ['values'],
  engines: ['values', 'api'],
  admission: ['values', 'api', 'engines', 'planning', 'desired'],
  desired: ['values', 'api', 'engines'],
  planning: ['values', 'api', 'engines', 'desired'],
  status: ['values', 'api', 'engines', 'desired', 'planning'],
  kubernetes: ['values', 'api'],
  observe: ['values', 'api'],
  backup: ['values', 'api', 'engines', 'observe'],
  controllers: ['values', 'api', 'engines', 'admission', 'desired', 'planning', 'status', 'kubernetes', 'observe'],
  server: ['values', 'api', 'admission', 'kubernetes', 'observe'],
  cli: ['values', 'api', 'engines', 'admission', 'desired', 'planning'],
  plugin: ['values', 'api', 'engines', 'admission', 'desired', 'planning', 'status', 'kubernetes', 'cli'],
};
const pure = ['values', 'api', 'engines', 'admission', 'desired', 'planning', 'status'];
const io = [
  'node:fs',
  'node:fs/promises',
  'node:net',
  'node:http',
  'node:https',
  'node:child_process',
  'undici',
  'express',
  'pino',
];

const zones = Object.entries(rooms).map(([room, allowed]) => {
  const barred = Object.keys(rooms).filter((other) => other !== room && !allowed.includes(other));
  return {
    files: [`src/${room}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...barred.map((other) => `**/${other}/**`), '**/app.ts', '**/main.ts'],
              message: `${room}/ may import only ${['itself', ...allowed].join(', ')}.`,
            },
          ],
          paths: pure.includes(room) ? io.map((name) => ({ name, message: `${room}/ is pure: no I/O.` })) : [],
        },
      ],
      ...(pure.includes(room) && {
        'no-restricted-globals': ['error', 'fetch', 'process', 'setTimeout', 'setInterval'],
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'Time is a parameter.' },
          { object: 'Math', property: 'random', message: 'Randomness is a parameter.' },
        ],
      }),
    },
  };
});

export default defineConfig(
  globalIgnores(['dist', 'coverage', '**/*.generated.*', 'node_modules']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js', 'test/*.js'] } } },
    rules: {
      complexity: ['error', 15],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      eqeqeq: 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  ...zones,
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'max-params': 'off',
    },
  },
  {
    files: ['*.js', 'test/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-restricted-exports': 'off', '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
