/** How the web interface is built. Nothing is inlined, so that the content security policy needs no exception. */
import { fileURLToPath } from 'node:url'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const entityTable = fileURLToPath(new URL('node_modules/decode-named-character-reference/index.js', import.meta.url))

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export default defineConfig({
  plugins: [react(), { ...optimizeLocales.vite({ locales: ['en-US', 'de-DE'] }), enforce: 'pre' }],
  // In browsers this package decodes entities by writing markup, which Trusted Types refuse; elsewhere it has a table.
  resolve: { alias: { 'decode-named-character-reference': entityTable } },
  server: { proxy: { '/api': 'http://localhost:8080' } },
  build: {
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // The second is the page of a file request, which the server writes: it asks for that name.
    rollupOptions: {
      input: { index: page('index.html'), request: page('src/request/main.ts') },
      output: { entryFileNames: ({ name }) => (name === 'request' ? 'request.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  test: { include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'], environment: 'node' },
})
