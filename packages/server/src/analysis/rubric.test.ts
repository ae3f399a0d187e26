import { type Rubric, rubrics } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { readVerdict } from "./rubric.ts";

/** What a model may answer, and the value that it is read as; null: it is not read, and the sentence says so. */
type Row = readonly [answer: string, value: string | null];

const table: Record<Rubric, readonly Row[]> = {
  PassFail: [
    ["success", "success"],
    ["failure", "failure"],
    ["Success.", "success"],
    ["SUCCESS", "success"],
    ["**Failure**", "failure"],
    ["“failure”", "failure"],
    ["```\nsuccess\n```", "success"],
    ['"success"', "success"],
    ['{"successEvaluation": "failure"}', "failure"],
    ['```json\n{"result": true}\n```', "success"],
    ['{"verdict": "failure", "reason": "No booking was a success"}', "failure"],
    ["true", "success"],
    ["No.", "failure"],
    ["pass", "success"],
    ["Fail", "failure"],
    ["Success, because the slot was booked.", "success"],
    ["Evaluation: success", "success"],
    ["Verdict - failure", "failure"],
    ["The user wanted a slot. It was booked.\n\nsuccess", "success"],
    ["The call was a success.", "success"],
    ["I consider this call unsuccessful.", "failure"],
    ["The assistant successfully booked the slot", "success"],
    ["It was not a success.", null],
    ["It wasn’t a failure", null],
    ["It would be a success if the slot had been booked.", null],
    ["A success for the user, a failure for the clinic", null],
    ["success\nfailure", null],
    ["success or failure", null],
    ["BANANA", null],
    ["", null],
    ["8", null],
    ["Excellent", null],
    ["unsuccess", null],
    ["failure-free", null],
  ],
  DescriptiveScale: [
    ["Excellent", "Excellent"],
    ["good.", "Good"],
    ["Rating: **Fair**", "Fair"],
    ["Excellent. The assistant did a good job.", "Excellent"],
    ["The call was poor", "Poor"],
    ["Good tone, poor result", null],
    ["Excellent, all went well", "Excellent"],
    ["Excellent, Good, Fair, Poor", null],
    ["Excellent\nPoor", null],
    ["not good", null],
    ["Superb", null],
    ["success", null],
  ],
  NumericScale: [
    ["8", "8"],
    ["8.", "8"],
    ["1", "1"],
    ["10", "10"],
    ["10/10", "10"],
    ["8/10", "8"],
    ["7.5", "7.5"],
    ["7,5", "7.5"],
    ["Score: 8 out of 10 points", "8"],
    ["On a scale of 1 to 10, I give this an 8.", "8"],
    ["1-10: 7", "7"],
    ["2 slots were offered, 1 was booked.\n9", "9"],
    ['{"score": 8, "reason": "2 of 2 slots"}', "8"],
    ["0", null],
    ["11", null],
    ["-3", null],
    ["1,000", null],
    ["80%", null],
    ["8%", null],
    ["8/100", null],
    ["7 or 8", null],
    ["v8", null],
    ["eight", null],
  ],
  PercentageScale: [
    ["85%", "85%"],
    ["85", "85%"],
    ["0", "0%"],
    ["100 %", "100%"],
    ["85 percent", "85%"],
    ["Result: 85/100", "85%"],
    ["On a scale from 0% to 100% this is 40%.", "40%"],
    ["12.5%", "12.5%"],
    ["0.5%", "0.5%"],
    ["0.85", null],
    ["101%", null],
    ["-5%", null],
    ["between 40% and 60%", null],
    ["most of it", null],
  ],
  LikertScale: [
    ["Strongly Agree", "Strongly Agree"],
    ["strongly disagree.", "Strongly Disagree"],
    ["Agree", "Agree"],
    ["I disagree with the sentence", "Disagree"],
    ["Neutral", "Neutral"],
    ["Neither agree nor disagree.", "Neutral"],
    ["I strongly agree that it did.", "Strongly Agree"],
    ["I agree in part and disagree in part", null],
    ["I do not agree", null],
    ["5", null],
  ],
  Checklist: [
    ["[x] Greeted\n[ ] Booked", "[x] Greeted\n[ ] Booked"],
    ["- [X] Greeted\n- [ ] Booked", "[x] Greeted\n[ ] Booked"],
    ["✅ Greeted\n❌ Booked", "[x] Greeted\n[ ] Booked"],
    ["1. Greeted: yes\n2. Booked: no", "[x] Greeted\n[ ] Booked"],
    ["Greeted: met\nBooked: not met", "[x] Greeted\n[ ] Booked"],
    ["Here is the list:\n[x] Greeted", "[x] Greeted"],
    ['{"Greeted": true, "Booked": false}', "[x] Greeted\n[ ] Booked"],
    ['[{"criterion": "Greeted", "met": true}]', "[x] Greeted"],
    ["success", "[x] Overall"],
    ["Failure.", "[ ] Overall"],
    ["Greeted: yes\nBooked: partially", null],
    ["The assistant was nice", null],
    ["", null],
  ],
  AutomaticRubric: [
    ["Greeting: 8\nBooking: 10", "Greeting: 8/10\nBooking: 10/10"],
    ["- **Greeting**: 8/10\n- **Booking**: 3/10 – the slot was lost", "Greeting: 8/10\nBooking: 3/10"],
    ["| Criterion | Score |\n|---|---|\n| Greeting | 8 |", "Greeting: 8/10"],
    ["My scores are these:\nGreeting: 8", "Greeting: 8/10"],
    ['{"Greeting": 8, "Booking": 7}', "Greeting: 8/10\nBooking: 7/10"],
    ["8", "Overall: 8/10"],
    ["Greeting: 8\nBooking: 12", null],
    ["Greeting: 8\nBooking: high", null],
    ["fine", null],
  ],
  Matrix: [
    ["Greeting: Good\nBooking: Poor", "Greeting: Good\nBooking: Poor"],
    ["* Tone: friendly: Excellent", "Tone: friendly: Excellent"],
    ["Greeting: Good - very warm", "Greeting: Good"],
    ["| Criterion | Level |\n| --- | --- |\n| Greeting | fair |", "Greeting: Fair"],
    ["Note: it was a short call and I had little to go by\nGreeting: Good", "Greeting: Good"],
    ["Good", "Overall: Good"],
    ["Greeting: Good\nBooking: Superb", null],
    ["8", null],
  ],
};

const rows = rubrics.flatMap((rubric) => table[rubric].map(([answer, value]) => ({ rubric, answer, value })));

describe("a verdict", () => {
  it.each(rows)("$rubric: $answer → $value", ({ rubric, answer, value }) => {
    const verdict = readVerdict(rubric, answer);
    expect(verdict.kind === "read" ? verdict.value : null).toBe(value);
  });

  it("that cannot be read is quoted in a sentence", () => {
    expect(readVerdict("PassFail", "Maybe.\nOr maybe not.")).toEqual({
      kind: "unreadable",
      error: "The model answered “Maybe. Or maybe not.”, which is not clearly success or failure.",
    });
  });

  it.each(rubrics)("of %s is not read from a flood of words, and is quoted in short", (rubric) => {
    const verdict = readVerdict(rubric, `${"not a success: 8 Good agree [x] ".repeat(4_000)}\nsuccess`);
    expect(verdict.kind).toBe("unreadable");
    expect(JSON.stringify(verdict).length).toBeLessThan(limits.quoteMax + 200);
  });
});
