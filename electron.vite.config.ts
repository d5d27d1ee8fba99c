import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { minify } from 'terser'
import type { Plugin } from 'vite'
import { noteBundledPackages } from './test/release/bundled-packages.ts'

/** A thread is a file of its own: in the bundle it has another name than in the source. */
function thread(name: string): Plugin {
  return {
    name: `plumb-${name}-thread`,
    enforce: 'pre',
    transform: {
      filter: { id: new RegExp(`start-${name}-thread\\.ts$`) },
      handler(code) {
        const bundled = code.replace(`${name}-worker.ts`, `${name}-worker.js`)
        if (bundled === code) this.error(`the ${name} thread is started from elsewhere now`)
        return bundled
      },
    },
  }
}

/** What one minifier leaves another finds: a hundredth of the window's code. */
const minifyAgain: Plugin = {
  name: 'plumb-minify-again',
  async generateBundle(_, bundle) {
    for (const output of Object.values(bundle)) {
      if (output.type !== 'chunk') continue
      const { code } = await minify(output.code, { module: true })
      if (code === undefined) this.error('the window’s code was minified to nothing')
      output.code = code
    }
  },
}

export default defineConfig({
  main: {
    plugins: [thread('disk'), thread('router'), thread('history'), noteBundledPackages('main')],
    build: {
      outDir: 'out/main',
      // What is shipped is these bundles, and no node_modules.
      externalizeDeps: false,
      rolldownOptions: {
        input: {
          index: 'main/index.ts',
          'disk-worker': 'main/transfer/disk-worker.ts',
          'router-worker': 'main/sockets/router-worker.ts',
          'history-worker': 'main/store/history/history-worker.ts',
        },
        // Beside each other, whatever is shared between them.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    plugins: [noteBundledPackages('preload')],
    build: {
      outDir: 'out/preload',
      // A sandboxed preload is one file of CommonJS that may ask for nothing but electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'renderer/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    base: './',
    plugins: [react(), noteBundledPackages('renderer'), minifyAgain],
    // Each name stands in the code and in the style: short ones are a hundredth of the whole.
    css: { modules: { generateScopedName: '[hash:base64:5]' } },
    // What it stands in for, React has had for long.
    resolve: { alias: [{ find: /^use-sync-external-store\/shim$/, replacement: 'react' }] },
    build: {
      outDir: 'out/renderer',
      minify: true,
      // Electron's own Chromium, and nothing older.
      target: 'chrome140',
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: 'renderer/index.html',
        // That minifying again takes its time is known.
        checks: { bundlerTimings: false },
      },
    },
  },
})
