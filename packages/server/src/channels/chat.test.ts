import type { LiveUpdate } from "@offhook/protocol";
import { expect, test } from "vitest";
import { channelContract } from "../testing/channel-contract.ts";
import { chatChannel } from "./chat.ts";

channelContract("a chat", () => chatChannel(() => undefined));

test("a chat shows each piece of a message at once, and leaves the whole to the journal", () => {
  const shown: LiveUpdate[] = [];
  const channel = chatChannel((update) => shown.push(update)).open(() => undefined);
  channel.say({ messageId: "one", text: "Good ", last: false });
  channel.say({ messageId: "one", text: "", last: true });
  channel.say({ messageId: "two", text: "Whole.", last: true });
  expect(shown).toEqual([{ type: "delta", messageId: "one", text: "Good " }]);
});
