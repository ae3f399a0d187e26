import { PeersInProcess } from "./testing/in-process.ts";
import { peersContract } from "./testing/peers-contract.ts";

peersContract("in-process", async () => {
  const peers = new PeersInProcess();
  const peerOf = (nodeId: string) => ({ nodeId, url: "" });
  return { here: peers.open(), there: peers.open(), peerOf, close: async () => undefined };
});
