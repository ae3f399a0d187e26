/** A patient for rehearsals: who calls, and what they say, line by line. */
export const patient = {
  name: "Ada Lovelace",
  number: "web-ada",
  lines: [
    "Hello, I need a check-up.",
    "Tuesday morning, please.",
    "The first one, please.",
    "My name is Ada Lovelace.",
    "No, thanks. Bye!",
  ],
} as const;
