import type { Case } from "./case.ts";
import { deliveryCases } from "./delivery-cases.ts";
import { eventCases } from "./event-cases.ts";
import { signatureCases } from "./signature-cases.ts";
import { lastCases, toolCases } from "./tool-cases.ts";
import { transportCases } from "./transport-cases.ts";

/** All that a receiver is asked, in this order. */
export const allCases: readonly Case[] = [
  ...signatureCases,
  ...transportCases,
  ...eventCases,
  ...deliveryCases,
  ...toolCases,
  ...lastCases,
];
