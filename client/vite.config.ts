/** Builds the browser app into `dist/`, which the server serves; in development, forwards to a server on port 8700. */
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';

const server = process.env.TRIALROOM_URL ?? 'http://127.0.0.1:8700';

export default defineConfig({
  plugins: [solid()],
  build: { target: 'es2022', sourcemap: false, reportCompressedSize: false },
  server: {
    proxy: {
      '/api': server,
      '/socket.io': { target: server, ws: true },
      '/yjs': { target: server, ws: true },
    },
  },
});
