/** Grammar words are the keywords after which a parenthesis or a string is not a function's or a type's. */

/**
 * Reserved: no function, type or alias can have these names (unquoted and unqualified), so an expression or a
 * subquery follows.
 */
export const reservedWords: ReadonlySet<string> = wordsIn(`
  all and any array as asymmetric both case distinct else except for from group having in intersect lateral leading
  limit not offset on only or order placing select some symmetric table then to trailing union using variadic when
  where`);

/** They mean their own after an operand, or a table; where one begins they name somebody's function, or his type. */
export const infixWords: ReadonlySet<string> = wordsIn('ilike join like');

/** Not reserved, and an operand may begin after them. One that names a column is taken for the other all the same. */
export const openingWords: ReadonlySet<string> = wordsIn(`
  between default escape exists groups ilike join like overlaps passing range row rows uescape value values`);

/** Words of the grammar that may be an alias, but never a function: `VALUES (…)`, `EXISTS (…)`. */
export const columnNameWords: ReadonlySet<string> = wordsIn('between exists row values');

/** Words that mean something only after certain others; alone they may name a function or a type. */
const following: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['by', wordsIn('group order partition')],
  ['cube', wordsIn('by')],
  ['rollup', wordsIn('by')],
  ['sets', wordsIn('grouping')],
  ['first', wordsIn('fetch')],
  ['next', wordsIn('fetch')],
  ['bernoulli', wordsIn('tablesample')],
  ['system', wordsIn('tablesample')],
  ['precision', wordsIn('double')],
  ['varying', wordsIn('bit char character nchar')],
  ['with', wordsIn('time timestamp')],
  ['without', wordsIn('time timestamp')],
  ['time', wordsIn('with without')],
  ['zone', wordsIn('time')],
]);

/** Whether `word` right after `before` is part of a phrase of the grammar: ORDER BY, TIME ZONE, FETCH FIRST. */
export function continuesPhrase(word: string, before: string | undefined): boolean {
  return before !== undefined && following.get(word)?.has(before) === true;
}

/** Words that end all hope for a read-only statement, wherever they stand unquoted. */
export const changingWords: ReadonlyMap<string, string> = new Map([
  ['insert', 'a data-changing CTE'],
  ['update', 'a data-changing CTE, or FOR [NO KEY] UPDATE'],
  ['delete', 'a data-changing CTE'],
  ['merge', 'a data-changing CTE'],
  ['into', 'SELECT INTO creates a table'],
  ['returning', 'comes with a data change only, or with a cast inside a JSON function'],
]);

function wordsIn(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}
