/** A browser for the tests of the page: Chromium without a window, where one is installed. */
import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const programs = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The program, or undefined where it is not installed: `apt-get install chromium`. */
export const browserProgram: string | undefined = programs.find((path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

/** Starts it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserProgram ?? '',
    // Its sandbox needs what a container and root do not have; the one page it opens is this repository's.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}
