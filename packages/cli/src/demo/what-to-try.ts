import type { Rehearsed } from "./rehearse.ts";
import type { Stage } from "./stage.ts";

/** Where everything is, and what may be tried, for a demo that stays. */
export function whatToTry(
  { url, signInUrl, setting, clinic }: Stage,
  { assistantId, callId }: Rehearsed,
): string[] {
  const calls = `${url}/calls/v1/conversations`;
  const curl = `curl -s -H "authorization: Bearer $OFFHOOK_API_KEY"`;
  const place = `-H "content-type: application/json" -d '{"assistantId": "${assistantId}", "callType": "chat"}'`;
  return [
    "",
    ...(signInUrl === null ? [] : [`The page          ${signInUrl}  (signs in once)`]),
    `The server        ${url}  (data in ${setting.folder})`,
    `The API key       ${setting.isOwnKey ? "the one in OFFHOOK_API_KEY" : `${setting.apiKey}  (for this run)`}`,
    `The clinic        ${clinic.url}  (its Server URL)`,
    `The call          ${callId}`,
    "",
    "To try, in another terminal:",
    ...(setting.isOwnKey ? [] : [`  export OFFHOOK_API_KEY=${setting.apiKey}`]),
    `  ${curl} ${calls}/${callId}/events`,
    `  ${curl} ${calls}/${callId}/deliveries`,
    `  ${curl} ${place} ${calls}/connect`,
    `  npx offhook call "${clinic.assistant.name}" --url ${url}`,
    "",
    "Ctrl-C ends it: live calls are reported to the clinic first.",
  ];
}
