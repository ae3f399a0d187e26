import type { Client } from "@offhook/client";
import type { Proof } from "../sending/signed.ts";
import { type Step, step } from "./step.ts";

/** Whether the server gets there: its network, and its guard, are others than ours. */
export async function lookFromServer(client: Client, url: string, { secret, auth }: Proof): Promise<Step> {
  const sent = await client.events.sendSample({ url, auth, ...(secret === undefined ? {} : { secret }) });
  if (!sent.ok) {
    const hint =
      sent.problem.code === "forbidden-address"
        ? " For work on one machine: OFFHOOK_EGRESS_ALLOW=loopback, or `offhook listen`."
        : "";
    return step("server", "bad", `The server does not go there: ${sent.problem.detail}${hint}`);
  }
  const { outcome, elapsedMs } = sent.value;
  const detail = sent.value.detail.replace(/\.$/u, "");
  if (outcome === "accepted")
    return step("server", "good", `The server gets there: ${detail}, after ${elapsedMs} ms.`);
  if (secret === undefined && (sent.value.answer?.status === 401 || sent.value.answer?.status === 403))
    return step("server", "good", `The server gets there: ${detail}, for it was not signed.`);
  const hint = outcome === "forbidden" ? "; or `offhook listen` brings everything here" : "";
  return step("server", "bad", `The server's event is not accepted (${outcome}): ${detail}${hint}.`);
}
