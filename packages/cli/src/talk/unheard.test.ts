import { describe, expect, it } from "vitest";
import { Unheard } from "./unheard.ts";

describe("what was said and not heard", () => {
  it("is what no message of the user has said", () => {
    const unheard = new Unheard();
    for (const text of ["one", "two", "one"]) unheard.add(text);
    unheard.hear({ messageId: "1", role: "user", text: "one" });
    expect(unheard.texts).toEqual(["two", "one"]);
    unheard.hear({ messageId: "2", role: "assistant", text: "two" });
    unheard.hear({ messageId: "3", role: "user", text: "three" });
    expect(unheard.texts).toEqual(["two", "one"]);
  });

  it("is not less for a message that is shown again", () => {
    const unheard = new Unheard();
    const message = { messageId: "1", role: "user", text: "yes" } as const;
    unheard.add("yes");
    unheard.hear(message);
    unheard.add("yes");
    unheard.hear(message);
    expect(unheard.texts).toEqual(["yes"]);
  });
});
