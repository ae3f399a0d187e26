export function AssistantPage() {
  return <p>soon</p>;
}
