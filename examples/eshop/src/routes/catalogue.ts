/** Looking around and filling the cart: nothing of this is about a person. */
import type { FastifyInstance } from "fastify";
import { QUANTITY_MAX } from "../database/carts.ts";
import { cart, catalogue } from "../pages/catalogue.ts";
import type { Parts } from "../parts.ts";
import { wholeNumber, type Area } from "../web/area.ts";

export function catalogueRoutes(server: FastifyInstance, { store }: Parts, area: Area): void {
  server.get("/", async (request, reply) =>
    area.show(request, reply, { title: "Products", body: catalogue(store.products.all(), request.visit!.token) }),
  );

  server.get("/cart", async (request, reply) => {
    const { hash, token } = request.visit!;
    return area.show(request, reply, { title: "Cart", body: cart(store.carts.lines(hash), token) });
  });

  server.post("/cart/add", async (request, reply) => {
    const product = store.products.get(wholeNumber(request.body, "product") ?? 0);
    if (product === null) return await area.leadTo(request, reply, "/", "There is no such product.");
    const { hash } = area.visits.remember(request);
    const before = store.carts.lines(hash).find((line) => line.product.number === product.number)?.quantity ?? 0;
    store.carts.set(hash, product.number, before + 1);
    return await area.leadTo(
      request,
      reply,
      "/cart",
      before < QUANTITY_MAX ? `${product.name} is in your cart.` : `At most ${QUANTITY_MAX} of a product.`,
    );
  });

  server.post("/cart", async (request, reply) => {
    const { hash } = request.visit!;
    for (const { product } of store.carts.lines(hash)) {
      const quantity = wholeNumber(request.body, `quantity-${product.number}`, QUANTITY_MAX);
      if (quantity !== null) store.carts.set(hash, product.number, quantity);
    }
    return await area.leadTo(request, reply, "/cart", "Your cart was changed.");
  });
}
