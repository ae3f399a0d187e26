import { describe } from "vitest";
import { describeActivity } from "./contract-activity.ts";
import { describeDeliveries } from "./contract-deliveries.ts";
import { describeDocuments } from "./contract-documents.ts";
import { describeJournals } from "./contract-journals.ts";
import { describeKeys } from "./contract-keys.ts";
import { describeLanes } from "./contract-lanes.ts";
import { describeNodes } from "./contract-nodes.ts";
import { describeReopening } from "./contract-reopening.ts";
import { describeUpkeep } from "./contract-upkeep.ts";
import type { OpenedStore } from "./opened.ts";

/** What every implementation of store.ts must do, read from the comments there. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name}:`, () => {
    describeJournals(open);
    describeLanes(open);
    describeDeliveries(open);
    describeDocuments(open);
    describeKeys(open);
    describeUpkeep(open);
    describeActivity(open);
    describeNodes(open);
    describeReopening(open);
  });
}
