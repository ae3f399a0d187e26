import { answerParent } from "../harness/child.ts";
import { listen, subjects, type SubjectName } from "../harness/subjects.ts";
import { processorSeconds } from "../harness/time.ts";

/** A receiver of P9, alone in its process. */
const handlers = {
  listen: ({ name, secret }: { name: SubjectName; secret: string }) => listen(subjects[name](secret)),
  processorSeconds: (_: null) => processorSeconds(),
};
export type SubjectDoes = typeof handlers;

answerParent(handlers);
