/** The goods of the shop, as they are before anything is sold. */

/** Products are numbered from 1. */
export const products = 24;

/** Enough of each that no order is ever refused: what fails here fails because of a fault. */
export const startStock = 1_000_000;

/** The two over which deadlocks are provoked. */
export const hotProducts = [1, 2] as const;
