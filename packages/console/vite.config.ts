import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The page, built to where the server looks for it and is packed with it. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/console/",
  plugins: [react(), tailwind()],
  build: {
    outDir: `${import.meta.dirname}/../server/dist/page`,
    emptyOutDir: true,
    target: "es2023",
    // The page's policy lets no script in that stands in the page itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
