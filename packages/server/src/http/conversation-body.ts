import type { ConnectBody, ConversationBody, Refusal, TeamId } from "@offhook/protocol";
import type { Assistants } from "../assistants/assistants.ts";
import { refusalAt } from "./problem.ts";

/** A team's numbers are looked through up to so many, so many at a time. */
const numbersMax = 10_000;
const pageMax = 200;

type Given = { teamId: TeamId; body: ConversationBody; numbers: Assistants["numbers"] };

/** Reads the vendor's other shape of a new call as the first. */
export async function connectBodyOf({ teamId, body, numbers }: Given): Promise<ConnectBody | Refusal> {
  const { userNumber, assistantNumber, ...rest } = body;
  const customer = userNumber === undefined ? {} : { customer: { number: userNumber } };
  if (assistantNumber === undefined) return { ...rest, ...customer };
  const number = await findNumber(numbers, teamId, assistantNumber);
  if (number === undefined) {
    return refusalAt(
      "/assistantNumber",
      "the team has no such number: add it at /assistants/v1/numbers, or leave it out",
    );
  }
  // A number with a server of its own has it say who answers.
  const assistantId = body.assistantId ?? (number.server === undefined ? number.assistantId : undefined);
  return {
    ...rest,
    ...customer,
    phoneNumberId: number._id,
    ...(assistantId === undefined ? {} : { assistantId }),
  };
}

async function findNumber(numbers: Assistants["numbers"], teamId: TeamId, number: string) {
  for (let offset = 0; offset < numbersMax; offset += pageMax) {
    const { items } = await numbers.list(teamId, { offset, limit: pageMax });
    const found = items.find((item) => item.number === number);
    if (found !== undefined || items.length < pageMax) return found;
  }
  return undefined;
}
