import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      '{src,connectors,filters,plugins,bench,manifests,docs}/**/*.test.ts',
      'scripts/**/*.test.js',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.venv/**', 'bench/.cache/**'],
    globalSetup: ['scripts/temporary-folder.js', 'scripts/build-kernels.js'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
