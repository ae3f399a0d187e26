import { describe, expect, test } from "vitest";
import { asksWhoSpeaks } from "./identity.ts";
import { findPhrase, fullEffort, readPhrase } from "./phrase.ts";
import { wordsMax, wordsOf } from "./words.ts";

const find = (phrase: string, text: string) => {
  const found = findPhrase(readPhrase(phrase), wordsOf(text));
  return found && Object.fromEntries(found.slots);
};

describe("words", () => {
  test.each([
    ["Hello, World!", ["hello", "world"]],
    ["I’m at o'clock's check-up", ["i'm", "at", "o'clock's", "check-up"]],
    ["at 9:30, or 10.15?yes,please", ["at", "9:30", "or", "10.15", "yes", "please"]],
    [
      "mail anna.berg@example.org or +49 170 $5 50%",
      ["mail", "anna.berg@example.org", "or", "+49", "170", "$5", "50%"],
    ],
    ["Uh, Zürich — um — Ołeksij", ["zürich", "ołeksij"]],
    ["Tuesday.I need", ["tuesday", "i", "need"]],
    ["", []],
    ["…!?", []],
    ["你好 世界", ["你好", "世界"]],
  ])("%j", (text, keys) => expect(wordsOf(text).map(({ key }) => key)).toEqual(keys));

  test("decomposed letters are the same letters", () => {
    expect(find("zürich", "Zu\u0308rich")).toEqual({});
  });
});

/** Nearly fits everywhere, and nowhere. */
const slow = readPhrase(`${"{a} x ".repeat(8)}${"x ".repeat(70)}* x * x * y`);

describe("phrases", () => {
  test.each([
    ["my name is {name}", "My name is Anna Berg, and I need a check-up on Tuesday", { name: "Anna Berg" }],
    ["my name is {name}", "my name is Anna and I need help", { name: "Anna" }],
    ["my name is {name}", "Hi! My name is Anna. Thanks", { name: "Anna" }],
    ["my name is {name}", "my name, uh, is - Anna please", { name: "Anna" }],
    ["my name is {name}", 'MY NAME IS: "Dr. Anna"', { name: "Dr" }],
    ["my name is {name}", "my name is", undefined],
    ["my name is {name}", "my name is and", undefined],
    ["my name is {name}", "the name of the game is chess", undefined],
    ["my name is {name}", "my name is a b c d e f g h", { name: "a b c d e f" }],
    ["need a {reason} on {day}", "I need a check-up on Tuesday", { reason: "check-up", day: "Tuesday" }],
    [
      "need a {reason} on {day}",
      "I need a cleaning and whitening on Tuesday morning if possible",
      { reason: "cleaning and whitening", day: "Tuesday morning" },
    ],
    [
      "need a {reason} on {day}",
      "I need a dog. On Monday I need a check-up on Tuesday",
      { reason: "dog", day: "Monday I need a check-up on" },
    ],
    ["need a {reason} on {day}", "I need a check-up, maybe on Tuesday", undefined],
    ["{first} {last} speaking", "Anna Berg speaking", { first: "Anna", last: "Berg" }],
    ["book * for {who}", "book me something nice, yes, for Anna", { who: "Anna" }],
    ["{day} at {time}", "Tuesday at 9:30.", { day: "Tuesday", time: "9:30" }],
    ["yes please", "Yes, please!", {}],
    ["yes", "yesterday", undefined],
    ["hello", "oh hello there", {}],
    ["*", "anything", {}],
    ["*", "", {}],
    ["", "anything", undefined],
    ["a * a * a", "a b a c", undefined],
    ["{a} {a}", "one two", { a: "two" }],
    [
      "{constructor} is {__proto__}",
      "this is that",
      Object.fromEntries([
        ["constructor", "this"],
        ["__proto__", "that"],
      ]),
    ],
    ["{a}{b}{c}{d}{e}{f}{g}{h}{i}", "a b c d e f g h i", undefined],
    ["call {", "call it", {}],
  ])("%j in %j", (phrase, text, slots) => expect(find(phrase, text)).toEqual(slots));

  test("the worst phrase and the longest text stay cheap", () => {
    const words = wordsOf("x ".repeat(10_000));
    expect(words).toHaveLength(wordsMax);
    const effort = fullEffort();
    expect(findPhrase(slow, words, effort)).toBeUndefined();
    expect(fullEffort().steps - effort.steps).toBeLessThan(150_000);
  });

  test("when the effort is spent, nothing is found any more", () => {
    const effort = { steps: 3 };
    const words = wordsOf("one two three");
    expect(findPhrase(readPhrase("two {x}"), words, effort)).toBeDefined();
    expect(findPhrase(readPhrase("two {x}"), words, effort)).toBeUndefined();
    expect(effort.steps).toBe(0);
  });
});

describe("who is speaking", () => {
  test.each([
    "are you a bot?",
    "Are you human",
    "are you a real person",
    "ARE YOU REAL",
    "what are you",
    "Who are you?",
    "Okay, but who are you, then?",
    "am I talking to a machine",
    "Am I speaking with a real human",
    "is this an AI?",
    "you're a robot, right?",
    "are you just some kind of recording",
    "wait, are you an A.I.?",
  ])("%j asks it", (text) => expect(asksWhoSpeaks(wordsOf(text))).toBe(true));

  test.each([
    "what are you offering",
    "who are you open for",
    "are you open on Tuesday",
    "are you there",
    "is this appointment in person",
    "are you in person or online",
    "I am a human",
    "what are your hours",
    "",
  ])("%j does not", (text) => expect(asksWhoSpeaks(wordsOf(text))).toBe(false));
});
