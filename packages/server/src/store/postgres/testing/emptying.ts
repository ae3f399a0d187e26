/** Makes the tables empty. It deletes and does not truncate: that makes new files, which takes longer than most tests. */
export const emptying = `
  DELETE FROM offhook.entries; DELETE FROM offhook.attempts; DELETE FROM offhook.heads; DELETE FROM offhook.calls;
  DELETE FROM offhook.call_settings; DELETE FROM offhook.lanes; DELETE FROM offhook.given_up;
  DELETE FROM offhook.documents; DELETE FROM offhook.keys; DELETE FROM offhook.secrets; DELETE FROM offhook.nodes;
  SELECT setval('offhook.positions', 1, false);`;
