import type { LiveUpdate } from "@offhook/protocol";
import type { OpenChannel } from "../channel.ts";

/**
 * A chat: whatever is said is heard at once. Streamed pieces go out as deltas;
 * whole messages are news of the journal, and need no delta.
 */
export function chatChannel(publish: (update: LiveUpdate) => void): OpenChannel {
  return {
    playback: "instant",
    open(tell) {
      queueMicrotask(() => tell({ type: "connected" }));
      return {
        say({ messageId, text, last }) {
          if (!last) publish({ type: "delta", messageId, text });
        },
        hush() {},
        pause() {},
        resume() {},
        close() {},
      };
    },
  };
}
