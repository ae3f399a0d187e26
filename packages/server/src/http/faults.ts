import type { Refusal } from "@offhook/protocol";
import type { ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Log } from "../log.ts";
import { StoreError } from "../store.ts";
import { refuse } from "./problem.ts";

/** Answers what was thrown: without a word of what is inside, which goes to the log. */
export function answerFaults(log: Log): ErrorHandler {
  return (error, context) => {
    const { method, path } = context.req;
    if (error instanceof HTTPException && error.status < 500) {
      return refuse(
        context,
        { refused: "invalid", detail: `The request does not fit: ${error.message}.` },
        400,
      );
    }
    if (error instanceof StoreError) {
      const { code, mayBeDone } = error;
      log.error("a request failed: the store refused", { method, path, code, mayBeDone, error });
      if (mayBeDone) return refuse(context, outcomeUnknown);
      return refuse(context, {
        refused: "store-unavailable",
        detail: "The server cannot read or write its store at the moment: try again in some seconds.",
      });
    }
    log.error("a request failed inside the server", { method, path, error });
    const detail = "The server failed at this request. Its log says why; the request itself may be right.";
    return refuse(context, { refused: "internal", detail });
  };
}

/** To be told to try again, a client would do it twice. */
const outcomeUnknown: Refusal = {
  refused: "outcome-unknown",
  detail: "The store did not say whether it was done. It may have been: look before you ask again.",
};
