import { z } from "zod";

/** Any JSON value. Source: RFC 8259. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type JsonObject = { [key: string]: Json };

/** A JSON object whose values may be anything; kept as it came. */
export const jsonObject = z.record(z.string(), z.unknown());
