import type { Context } from "hono";
import { type PageFile, pagePath } from "../page/page-files.ts";
import type { App, Env, HttpParts } from "./parts.ts";

/** Nothing but the page's own files runs, and nothing but its own server is asked. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "referrer-policy": "same-origin",
  vary: "accept-encoding",
};

const yearSeconds = 31_536_000;

/** The page for a person's browser. What it does, it does through the API; it is no operation of it. */
export function addPage(app: App, { page, publicUrl }: HttpParts): void {
  const give = async (context: Context<Env>): Promise<Response> => {
    const refused = page.refuseHost(publicUrl(), context.req.header("host"));
    if (refused !== undefined) return context.text(`${refused}\n`, 421);
    if (!page.files.isBuilt) return context.text(notBuilt, 503);
    const file = await page.files.find(context.req.path.slice(pagePath.length));
    return file === undefined ? context.text("There is no such file.\n", 404) : answer(context, file);
  };
  app.get(pagePath, give);
  app.get(`${pagePath}/*`, give);
}

const notBuilt = "The page is not built: run `npm run build` in the checkout, and start the server again.\n";

function answer(context: Context<Env>, file: PageFile): Response {
  const { type, bytes, gzipped, isImmutable } = file;
  const takesGzip = /\bgzip\b/u.test(context.req.header("accept-encoding") ?? "");
  const zipped = takesGzip ? gzipped : null;
  return context.body(zipped ?? bytes, 200, {
    ...headers,
    "content-type": type,
    "cache-control": isImmutable ? `public, max-age=${yearSeconds}, immutable` : "no-cache",
    ...(zipped === null ? {} : { "content-encoding": "gzip" }),
  });
}
