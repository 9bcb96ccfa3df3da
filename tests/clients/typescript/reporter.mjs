// Tells of each test in one line of JSON: its name and its error, or null. Node runs it beside the tests.

export default async function* report(events) {
  for await (const { type, data } of events) {
    const isTold = type === "test:pass" || type === "test:fail";
    if (isTold && data.nesting === 0 && data.details.type !== "suite") {
      const error = type === "test:pass" ? null : explain(data.details.error);
      yield JSON.stringify({ name: data.name, error }) + "\n";
    } else if (type === "test:stderr") {
      yield data.message;
    }
  }
}

function explain(error) {
  const cause = error.cause ?? error;
  return String(cause.stack ?? cause);
}
