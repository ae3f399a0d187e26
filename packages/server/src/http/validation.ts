import { type Fault, faultsOf } from "@offhook/protocol";
import type { Context } from "hono";
import type { z } from "zod";
import { invalid, refuse } from "./problem.ts";

type Validated = { success: true } | { success: false; error: z.ZodError };

/** Refuses what does not fit its schema, with every fault by path; lets the rest pass. */
export function refuseFaults(result: Validated, context: Context): Response | undefined {
  return result.success ? undefined : refuse(context, invalid(faultsIn(result.error)));
}

function faultsIn(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return faultsOf({ issues: [issue] });
    const named = issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: "there is no such parameter",
    }));
    return faultsOf({ issues: named });
  });
}
