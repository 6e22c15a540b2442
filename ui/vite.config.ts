import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `modeldock serve` answers calls while `npm run dev` serves the page.
const engine = process.env["MODELDOCK_URL"] ?? "http://127.0.0.1:4310";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // The page runs under a strict content policy: no data: addresses, no inlined helpers.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/rpc": engine,
      "/preview": engine,
      "/ws": { target: engine, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    // A busy machine is slow, not wrong.
    testTimeout: 90_000,
  },
});
