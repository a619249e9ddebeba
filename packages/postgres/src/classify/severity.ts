/** Severity is how bad the server says it is: an ERROR ends the statement, FATAL or PANIC the session. */

/** `error`: the server undid the statement and the session lives. `fatal`: the session is gone. */
export type Severity = 'error' | 'fatal';

/**
 * ERROR in the languages that PostgreSQL is translated to: the driver shows the translated field, by
 * `lc_messages`. Read from the message catalogues of PostgreSQL 15; the last line is of other versions.
 * The list is of ERROR and not of FATAL, so that a gap costs certainty and never truth.
 */
const errorWords: ReadonlySet<string> = new Set(
  [
    ...[
      'ERROR',
      'FEHLER',
      'ERREUR',
      'ERRORE',
      'FEL',
      'ОШИБКА',
      'ПОМИЛКА',
      'შეცდომა',
      '오류',
      '错误',
    ],
    ...['ERRO', 'BŁĄD', 'HATA', 'CHYBA', 'ΣΦΑΛΜΑ', '錯誤'],
  ].map((word) => word.toUpperCase()),
);

/** The severity that `word` stands for; any word that is not known to mean ERROR counts as fatal. */
export function severityOf(word: string): Severity {
  return errorWords.has(word.trim().toUpperCase()) ? 'error' : 'fatal';
}
