/** Escaping: text that becomes part of a page, and data that become part of a script. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A script or a style sheet that may say its own end tag somewhere. */
export function escapeEndTag(source: string): string {
  return source.replace(/<\/(?=script|style)/gi, '<\\/');
}

/** A value as a JavaScript literal inside a script element. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
