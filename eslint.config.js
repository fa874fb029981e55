import regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'conformance/corpus/', 'docs/site/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base, regexp.configs['flat/recommended']],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/return-await': 'error',
      // The value of an exhaustive switch: a new member of a union is a compile-time finding.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'list the public names one by one' },
        { selector: 'ExportDefaultDeclaration', message: 'use a named export' },
        {
          selector: "ImportDeclaration[source.value='vitest'] ImportSpecifier[imported.name='it']",
          message: 'use `test`',
        },
      ],
      'prefer-const': 'error',
      // Attacker-chosen text meets these expressions: linear time is a promise.
      'regexp/no-super-linear-backtracking': 'error',
      'regexp/no-super-linear-move': 'error',
      // Style, not safety.
      'regexp/use-ignore-case': 'off',
      'regexp/strict': 'off',
      'regexp/prefer-d': 'off',
      'regexp/prefer-w': 'off',
    },
  },
  { files: ['*.config.ts', 'examples/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
)
