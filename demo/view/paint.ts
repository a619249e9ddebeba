/** Colours for a terminal that can show them and a person who wants them (NO_COLOR). */
import { styleText } from 'node:util';

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** Colours a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** https://no-color.org: set to anything but the empty string, it means no. */
export function wantsColour(terminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  const no = environment['NO_COLOR'];
  return terminal && (no === undefined || no === '') && environment['TERM'] !== 'dumb';
}

export function painter(colours: boolean): Paint {
  return colours
    ? (colour, text) => styleText(colour, text, { validateStream: false })
    : (_colour, text) => text;
}
