-- The tables of prisma/schema.prisma, as Prisma itself would create them.
CREATE TABLE "accounts" (
  "id" SERIAL PRIMARY KEY,
  "email" TEXT NOT NULL UNIQUE,
  "balance" INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE "entries" (
  "id" TEXT PRIMARY KEY,
  "account_id" INTEGER NOT NULL REFERENCES "accounts" ("id"),
  "amount" INTEGER NOT NULL
);
CREATE TABLE "marks" (
  "seq" SERIAL PRIMARY KEY,
  "mark" TEXT NOT NULL,
  "kind" TEXT NOT NULL DEFAULT 'plain'
);
CREATE TABLE "tags" (
  "seq" SERIAL PRIMARY KEY,
  "mark_seq" INTEGER NOT NULL REFERENCES "marks" ("seq"),
  "tag" TEXT NOT NULL
);
CREATE TABLE "counters" (
  "id" INTEGER PRIMARY KEY,
  "value" INTEGER NOT NULL DEFAULT 0
);
