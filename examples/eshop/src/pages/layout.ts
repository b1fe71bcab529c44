/** What every page has around it. */
import { attributes, html, type Markup } from "./html.ts";
import { styleElement } from "./style.ts";

/** A link in the head of a page. */
export interface Link {
  readonly to: string;
  readonly text: string;
}

export interface Frame {
  readonly title: string;
  /** Path of the page, to mark it in the navigation. */
  readonly path: string;
  /** Name of the site, and where its name leads. */
  readonly site: { readonly name: string; readonly home: string };
  readonly links: readonly Link[];
  /** Shown where somebody can sign out. */
  readonly signOut: { readonly action: string; readonly token: string; readonly who: string } | null;
  /** Said once above the page. */
  readonly notice: string | null;
  readonly body: Markup;
}

export function layout({ title, path, site, links, signOut, notice, body }: Frame): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – ${site.name}</title>
        <link rel="icon" href="data:," />
        ${styleElement}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <a class="name" href="${site.home}">${site.name}</a>
          <nav aria-label="Pages">
            <ul>
              ${links.map(({ to, text }) => html`<li><a href="${to}" ${attributes({ "aria-current": to === path && "page" })}>${text}</a></li>`)}
            </ul>
          </nav>
          ${
            signOut !== null &&
            html`<form method="post" action="${signOut.action}">
              ${hiddenToken(signOut.token)} <span class="quiet">${signOut.who}</span>
              <button class="plain">Sign out</button>
            </form>`
          }
        </header>
        <main id="main" tabindex="-1">
          ${notice !== null && html`<p class="notice" role="status">${notice}</p>`}
          <h1>${title}</h1>
          ${body}
        </main>
        <footer>
          <p>
            An example shop of Strongroom. Names, addresses and cards of its customers are sealed in its database; each
            use asks the person's agent.
          </p>
        </footer>
      </body>
    </html> `;
  return page.text;
}

export function hiddenToken(token: string): Markup {
  return html`<input type="hidden" name="token" value="${token}" />`;
}
