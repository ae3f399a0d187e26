import fc from "fast-check";

// The same cases on every machine, so that a change is judged by what it changes. FUZZ_SEED looks for others.
fc.configureGlobal({ seed: Number(process.env["FUZZ_SEED"] ?? 1) });
