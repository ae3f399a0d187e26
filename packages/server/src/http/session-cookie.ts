import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { Coming } from "../page/own-origin.ts";
import type { Env } from "./parts.ts";

/** The cookie of a session. No script reads it, and no other site's page sends it. */
const name = "offhook_session";

function options(publicUrl: string): CookieOptions {
  return { path: "/", httpOnly: true, sameSite: "Strict", secure: publicUrl.startsWith("https:") };
}

export function cookieOf(context: Context<Env>): string | undefined {
  return getCookie(context, name);
}

/** Has the browser keep it until a time, in epoch ms. */
export function keepCookie(
  context: Context<Env>,
  publicUrl: string,
  { value, until }: { value: string; until: number },
): void {
  setCookie(context, name, value, { ...options(publicUrl), expires: new Date(until) });
}

export function dropCookie(context: Context<Env>, publicUrl: string): void {
  deleteCookie(context, name, options(publicUrl));
}

export function comingOf({ req }: Context<Env>): Coming {
  return {
    method: req.method,
    host: req.header("host"),
    origin: req.header("origin"),
    site: req.header("sec-fetch-site"),
  };
}
