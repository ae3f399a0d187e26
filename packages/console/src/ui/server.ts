import { type Answer, offhook } from "@offhook/client";
import type { Problem } from "@offhook/protocol";
import { QueryCache, QueryClient } from "@tanstack/react-query";

/** The server that the page came from; the cookie of the session stands for a key. */
export const server = offhook({ url: globalThis.location.origin });

/** A problem that a query ended with. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The value of an answer, as a query wants it: a problem is thrown. */
export async function valueOf<Value>(answer: Promise<Answer<Value>>): Promise<Value> {
  const answered = await answer;
  if (answered.ok) return answered.value;
  throw new ProblemError(answered.problem);
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === "unauthorized";
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  return ["unreachable", "timed-out", "store-unavailable", "over-capacity", "taking-over"].includes(
    error.problem.code,
  );
}

export function openQueries(onUnauthorized: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => (isUnauthorized(error) ? onUnauthorized() : undefined),
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && isPassing(error),
        staleTime: 2_000,
        refetchOnWindowFocus: false,
      },
    },
  });
}
