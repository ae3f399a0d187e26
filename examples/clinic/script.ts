/**
 * The clinic's talk as a rehearsal script: rules for a model that needs no key
 * and no network. The first rule that fits is the reply. Facts are what
 * `{slots}` caught, and `tool.path` what a tool answered last.
 */
const slots = "findSlots.slots";
const second = "findSlots.slots.1";
const booked = "bookAppointment.appointmentId";

const days = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
  "today",
  "tomorrow",
];
const needs = [
  "need a",
  "need an",
  "like a",
  "like an",
  "want a",
  "book a",
  "have a",
  "about my",
  "it's for a",
];
const reasons = [" {reason} on", " {reason} for", " {reason} today", " {reason} tomorrow", " {reason}"];
const names = [
  "name is {name}",
  "name's {name}",
  "i'm {name}",
  "i am {name}",
  "this is {name}",
  "it's {name}",
];
const choices = [
  "the {choice} one",
  "{choice} o'clock",
  "take the {choice}",
  "take {choice}",
  "the {choice} please",
  "at {choice}",
];
const goodbyes = ["bye", "goodbye", "good bye", "no thanks", "no thank you", "that's all", "hang up"];
const choicesWithName = choices.flatMap((choice) => names.map((name) => `${choice} * ${name}`));

const twoTimes = "{{findSlots.slots.0.time}} or {{findSlots.slots.1.time}}";
const bookIt = {
  name: "bookAppointment",
  arguments: { slotId: "{{choice}}", patientName: "{{name}}", reason: "{{reason}}" },
};
const askForName = "Gladly. And what is your name, please?";

const afterTools = [
  { after: "findSlots", known: ["error"], say: "{{error}} Which other day would suit you?" },
  {
    after: "findSlots",
    known: [second],
    say: `On {{result.day}} I have ${twoTimes}. Which one would you like?`,
  },
  {
    after: "findSlots",
    say: "On {{result.day}} only {{result.slots.0.time}} is left. Shall I book the first one?",
  },
  { after: "bookAppointment", known: ["error"], say: "{{error}} Which one would you like?" },
  {
    after: "bookAppointment",
    say: "You are booked for {{result.day}} at {{result.time}}, {{result.patientName}}. I am sending you a confirmation.",
    call: [{ name: "sendConfirmation", arguments: { appointmentId: "{{result.appointmentId}}" } }],
  },
  { after: "sendConfirmation", say: "Is there anything else I can do for you?" },
];

const farewell = { say: "Thank you for calling. Goodbye!", call: [{ name: "endCall" }] };

/** From a wish to a day: the free times of that day are looked up. */
const askedForDay = days.flatMap((day) =>
  ["morning", "afternoon", ""].map((part) => ({
    when: [`${day} * ${part}`],
    unknown: [booked],
    call: [{ name: "findSlots", arguments: { day: `${day} ${part}`.trim(), reason: "{{reason}}" } }],
  })),
);

export const script = {
  hear: ["my name is {name}", ...needs.flatMap((need) => reasons.map((reason) => `${need}${reason}`))],
  rules: [
    ...afterTools,
    { when: goodbyes, ...farewell },
    { when: ["no", "thanks", "thank you"], known: [booked], ...farewell },
    { when: choicesWithName, known: [slots], unknown: [booked], call: [bookIt] },
    { when: choices, known: [slots, "name"], unknown: [booked], call: [bookIt] },
    { when: choices, known: [slots], unknown: [booked, "name"], say: askForName },
    ...askedForDay,
    { when: names, known: [slots, "choice"], unknown: [booked], call: [bookIt] },
    {
      when: names,
      known: [slots],
      unknown: [booked],
      say: `Thank you, {{name}}. Would you like ${twoTimes}?`,
    },
    { when: ["{name}"], known: [slots, "choice"], unknown: [booked, "name"], call: [bookIt] },
    { when: ["{choice}"], known: [slots, "name"], unknown: [booked], call: [bookIt] },
    { when: ["{choice}"], known: [slots], unknown: [booked], say: askForName },
    { when: needs, unknown: [slots], say: "Of course. Which day would suit you?" },
  ],
  otherwise: "I make appointments for this clinic. What do you need, and on which day?",
  analysis: {
    summary: "A caller asked the clinic for an appointment. {{bookAppointment.summary}}",
    success: [booked],
    structuredData: {
      patientName: "{{name}}",
      day: "{{bookAppointment.day}}",
      slotId: "{{bookAppointment.slotId}}",
      appointmentId: "{{bookAppointment.appointmentId}}",
      reason: "{{reason}}",
    },
  },
};
