/** What a look at one thing showed. `unknown`: it could not be looked at. */
export type Step = { name: string; state: "good" | "bad" | "unknown"; says: string };

export const step = (name: string, state: Step["state"], says: string): Step => ({ name, state, says });
