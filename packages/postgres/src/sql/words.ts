/** Words are looked for in texts that may be long: each search reads the text once. */

/** Whether `first` stands in the text and `then` somewhere behind it. One expression with both would read all the rest for each `first`. */
export function standsBehind(text: string, first: RegExp, then: RegExp): boolean {
  const at = text.search(first);
  return at >= 0 && then.test(text.slice(at));
}
