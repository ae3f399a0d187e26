import type { Problem, SignInBody } from "@offhook/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useLocation, useRouter } from "@tanstack/react-router";
import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Mark } from "../ui/mark.tsx";
import { ProblemNotice } from "../ui/notice.tsx";
import { server } from "../ui/server.ts";
import { sessionQuery } from "./session.ts";

const route = getRouteApi("/sign-in");

/** Signs in with an API key, or at once with the ticket of a one-time link. */
export function SignInPage() {
  const { problem, isBusy, signIn } = useSignIn();
  const [apiKey, setApiKey] = useState("");
  useTicket(signIn);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void signIn({ apiKey: apiKey.trim() });
  };
  return (
    <main className="flex min-h-full items-center justify-center p-4">
      <form
        onSubmit={submit}
        className="flex w-full max-w-sm flex-col gap-4 rounded-2xl border border-line bg-panel p-6 shadow-sm"
      >
        <div className="flex items-center gap-3">
          <Mark className="size-9" />
          <div>
            <h1 className="text-lg font-semibold">Sign in to Offhook</h1>
            <p className="text-soft">The calls of your assistants, and what became of them.</p>
          </div>
        </div>
        <TextField
          label="API key"
          type="password"
          value={apiKey}
          onChange={({ target }) => setApiKey(target.value)}
          placeholder="ohk_…"
          required
          autoComplete="current-password"
          hint="It was shown at the server's first start, or is the one in OFFHOOK_API_KEY."
        />
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <Button type="submit" look="primary" disabled={isBusy}>
          {isBusy ? "Signing in…" : "Sign in"}
        </Button>
        <p className="text-xs text-soft">
          The link that <code className="font-mono">npm start</code> and{" "}
          <code className="font-mono">offhook start</code> print signs in once without a key.
        </p>
      </form>
    </main>
  );
}

function useSignIn() {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const queries = useQueryClient();
  const router = useRouter();
  const { to } = route.useSearch();
  const signIn = async (body: SignInBody): Promise<void> => {
    setBusy(true);
    const answer = await server.session.signIn(body);
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    queries.setQueryData(sessionQuery.queryKey, answer.value);
    router.history.push(to?.startsWith("/") === true ? `/console${to}` : "/console/");
  };
  return { problem, isBusy, signIn };
}

/** The ticket is in the address's fragment, which no server sees; it is taken out before anything else. */
function useTicket(signIn: (body: SignInBody) => Promise<void>): void {
  const used = useRef<string>(undefined);
  const hash = useLocation({ select: (location) => location.hash });
  useEffect(() => {
    const ticket = new URLSearchParams(hash).get("ticket");
    if (ticket === null || used.current === ticket) return;
    used.current = ticket;
    history.replaceState(null, "", location.pathname + location.search);
    void signIn({ ticket });
  }, [hash, signIn]);
}
