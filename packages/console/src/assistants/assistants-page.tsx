export function AssistantsPage() {
  return <p>soon</p>;
}
