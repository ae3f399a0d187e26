import { createHmac, createSecretKey } from "node:crypto";
import { keyOf } from "@offhook/protocol";
import { Pool } from "undici";
import { benchSecret, bodyBytes } from "./event.ts";

const connections = 32;

/** Signs and posts with an undici `Pool`, and nothing else; what a team writes around its queue. */
export type Poster = {
  /** Settles when the receiver has accepted it; fails when it answers anything but 200. */
  post(id: string, body: string): Promise<void>;
  close(): Promise<void>;
};

export function openPoster(url: string): Poster {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const key = createSecretKey(keyOf(benchSecret));
  return {
    async post(id, body) {
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
      const headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${mac}`,
      };
      const answer = await pool.request({ method: "POST", path, headers, body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`the receiver answered ${answer.statusCode}`);
    },
    close: () => pool.close(),
  };
}

/** A body of as many bytes as all contenders send. */
export function bodyOf(id: string): string {
  const head = `{"message":{"type":"error","id":"${id}","padding":"`;
  const tail = '"}}';
  return head + "x".repeat(bodyBytes - head.length - tail.length) + tail;
}
