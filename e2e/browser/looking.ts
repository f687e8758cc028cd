// What a person sees and hears of the page, for tests.

import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** A page of a browser that knows nothing yet, in light colours and without movement; `complaints` are those of its console. */
export async function openPage(browser: Browser, baseURL: string, options: BrowserContextOptions = {}): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 1000 }, colorScheme: 'light', baseURL, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  return { context, page, complaints: watchConsole(page) };
}

/** Nothing that WCAG forbids on levels A and AA, by axe, in light and in dark. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((isDark) => document.body.classList.contains('awsui-dark-mode') === isDark, colorScheme === 'dark');
    const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${state}, ${colorScheme}: ${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`))).toEqual([]);
  }
}

/** The value beside a label of the summary. */
export function fact(page: Page, label: string): Locator {
  return page.locator('dl > *', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) }).locator('dd');
}

/** From now on pages keep what they say aloud. */
export async function keepAnnouncements(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const announced: string[] = [];
    Object.assign(window, { announced });
    new MutationObserver(() => {
      const said = document.querySelector('output[aria-live]')?.textContent ?? '';
      if (said !== announced.at(-1)) announced.push(said);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

export async function expectAnnounced(page: Page, words: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => (window as unknown as { announced: string[] }).announced.join('\n')), { timeout: 10_000 }).toContain(words);
}

export async function expectText(locator: Locator, expected: RegExp, millis = 10_000): Promise<void> {
  await expect.poll(() => locator.first().innerText().catch(() => ''), { timeout: millis, interval: 50 }).toMatch(expected);
}

/** Errors that the browser's console shows, but for answers that say no: those are part of the play. */
export function watchConsole(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  return complaints;
}
