-- The shop of the demo (models in prisma/schema.prisma).
--
-- A request id tells which operation wrote a row. A careful shop would make it unique, and would then get an error in
-- place of a double, wherever it had thought of it. Here it is not unique, so that a double can be seen.
CREATE TABLE "shop_stock" (
  "id" INTEGER PRIMARY KEY,
  "on_hand" INTEGER NOT NULL CHECK ("on_hand" >= 0),
  "sold" INTEGER NOT NULL DEFAULT 0 CHECK ("sold" >= 0)
);
CREATE TABLE "shop_orders" (
  "seq" SERIAL PRIMARY KEY,
  "request_id" TEXT NOT NULL,
  "product_id" INTEGER NOT NULL REFERENCES "shop_stock" ("id"),
  "quantity" INTEGER NOT NULL CHECK ("quantity" > 0),
  "cents" INTEGER NOT NULL CHECK ("cents" > 0)
);
CREATE TABLE "shop_payments" (
  "seq" SERIAL PRIMARY KEY,
  "request_id" TEXT NOT NULL,
  -- One payment for one order: a second one is refused.
  "order_seq" INTEGER NOT NULL UNIQUE REFERENCES "shop_orders" ("seq"),
  "cents" INTEGER NOT NULL CHECK ("cents" > 0)
);
CREATE TABLE "shop_gift_cards" (
  "seq" SERIAL PRIMARY KEY,
  "request_id" TEXT NOT NULL,
  "cents" INTEGER NOT NULL CHECK ("cents" > 0)
);
CREATE TABLE "shop_transfers" (
  "seq" SERIAL PRIMARY KEY,
  "request_id" TEXT NOT NULL,
  "from_id" INTEGER NOT NULL REFERENCES "shop_stock" ("id"),
  "to_id" INTEGER NOT NULL REFERENCES "shop_stock" ("id"),
  "quantity" INTEGER NOT NULL CHECK ("quantity" > 0)
);
