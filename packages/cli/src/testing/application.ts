import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { verify } from "@offhook/protocol";
import { systemNow } from "../clock.ts";
import { objectOf, parseJson } from "../json.ts";

/** A message that an application received. */
export type Got = {
  id: string;
  type: string;
  callId: string;
  sequence: number;
  attempt: string;
  isSigned: boolean;
};

/** An application on this machine that remembers what it was told and answers as it is told to. */
export type TestApplication = {
  url: string;
  got: Got[];
  /** The status of what comes next; a tool call is answered with `{"result": "nine o'clock"}`. */
  answerWith(status: number): void;
  close(): Promise<void>;
};

export async function testApplication(secret: string, port = 0): Promise<TestApplication> {
  const got: Got[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const body = await text(request);
      const one = (name: string): string => String(request.headers[name] ?? "");
      const headers = {
        id: one("webhook-id"),
        timestamp: one("webhook-timestamp"),
        signature: one("webhook-signature"),
      };
      const fault = await verify({ secrets: [secret], headers, body, now: systemNow() });
      const message = objectOf(objectOf(parseJson(body))["message"]);
      got.push({
        id: headers.id,
        type: String(message["type"]),
        callId: String(objectOf(message["call"])["id"]),
        sequence: Number(message["sequence"] ?? 0),
        attempt: one("offhook-attempt"),
        isSigned: fault === undefined,
      });
      const answer = message["type"] === "function-call" ? { result: "nine o'clock" } : { received: true };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    };
    void take();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  return {
    url: `http://127.0.0.1:${typeof place === "object" ? place?.port : 0}/hook`,
    got,
    answerWith: (next) => (status = next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
