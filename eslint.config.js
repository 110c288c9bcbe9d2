/**
 * The lint rules: typescript-eslint's strict set, and the part of the project's own rules (CONTRIBUTING.md, "Ten rules")
 * that syntax can tell. The directions of imports are checked by dependency-cruiser, the layout by prettier.
 */
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What Node itself defines, as the Node that runs the linter has it. */
const globals = Object.fromEntries(
  [...Object.getOwnPropertyNames(globalThis), 'module', 'require', 'exports', '__dirname'].map((name) => [
    name,
    'readonly',
  ]),
);

const subscribing = {
  selector: "CallExpression[callee.property.name='subscribe']",
  message: 'subscribe belongs to sources, sinks and streams: here, return the Observable.',
};
const subjects = {
  selector: 'NewExpression[callee.name=/^(Behavior|Replay|Async)?Subject$/]',
  message: 'A Subject lives in src/streams or src/sources, behind asObservable().',
};
const exporting = [
  { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
];
/** Operators stand on the hot path: no promise, no clock of their own, nothing that hides a queue. */
const hotPath = [
  {
    selector: ':function[async=true]',
    message: 'No async in operators: a promise API becomes an Observable in src/sources.',
  },
  { selector: 'AwaitExpression', message: 'No await in operators.' },
  {
    selector: "NewExpression[callee.name='Promise']",
    message: 'No promises in operators: a promise API becomes an Observable in src/sources.',
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time comes from RxJS schedulers, so that tests can have it virtual.',
  },
  {
    selector: 'CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate|queueMicrotask)$/]',
    message: 'Time comes from RxJS schedulers (timer, timeout).',
  },
  {
    // mergeMap is not among them: over a call, which is one value, it holds nothing back.
    selector:
      'CallExpression[callee.name=/^(concatMap|concatAll|mergeAll|exhaustMap|delay|delayWhen|observeOn|subscribeOn)$/]',
    message: 'This queues without a bound between a source that can pause and its sink.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'generated', 'coverage', 'results', '.cache', 'node_modules'] },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Objects are closures here, not instances: their methods know no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // Types are structural here; what fits is right, whoever made it.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `() => void set.delete(x)` says that nobody wants the result.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // A generic on a function type says "for every exchange", even where it is used once (see stage.ts).
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      eqeqeq: 'error',
      'no-implicit-coercion': ['error', { boolean: false }],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['rxjs/*', '!rxjs/testing'], message: "Import from 'rxjs' or 'rxjs/testing' only." },
          ],
        },
      ],
    },
  },
  {
    // The page that is served to people: it has types of its own, and subscribes to nothing of RxJS.
    files: ['console/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './console/tsconfig.json' } },
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    files: ['console/src/**/*.{ts,tsx}'],
    rules: { 'no-restricted-syntax': ['error', ...exporting] },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 300 }],
      'no-restricted-syntax': ['error', ...exporting, subscribing, subjects],
    },
  },
  {
    // A store is a source of its changes.
    files: ['src/streams/**/*.ts', 'src/sources/**/*.ts', 'src/stores/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...exporting] },
  },
  {
    files: ['src/sinks/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...exporting, subjects] },
  },
  {
    files: ['src/operators/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...exporting, subscribing, subjects, ...hotPath] },
  },
  {
    // The two operators that are made of a subscription (design, rule 1).
    files: ['src/operators/{bounded,parseSse}.ts'],
    rules: { 'no-restricted-syntax': ['error', ...exporting, subjects, ...hotPath] },
  },
  {
    // The command line is a sink of its own: it prints, and subscribes to what it prints.
    files: ['src/cli/**/*.ts', 'src/main.ts'],
    rules: {
      'no-console': 'off',
      'no-restricted-syntax': ['error', ...exporting, subjects],
    },
  },
  {
    files: ['{test,bench,scripts,examples}/**/*.ts'],
    rules: {
      // Tests read what came over the wire, hand odd values in on purpose, and stand in for asynchronous interfaces.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
);
