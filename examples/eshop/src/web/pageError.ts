/** A request that ends with a page that says why. `message` is shown. */
export class PageError extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, message: string) {
    super(message);
    this.name = "PageError";
    this.status = status;
    this.title = title;
  }
}
