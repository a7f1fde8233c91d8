#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled regular expression of libre2.
typedef struct sprof_re2 sprof_re2;

/// The expression in `pattern`, to be given back by `sprof_re2_free`. For one that is malformed NULL, and `error` (of
/// `error_size` bytes, at least 1) holds the reason, ended by a NUL and cut to fit.
sprof_re2 *_Nullable sprof_re2_new(const uint8_t *_Nullable pattern, size_t size, char *_Nonnull error,
                                   size_t error_size);

/// Whether `text` contains a match. May be called from several threads at once.
bool sprof_re2_matches(const sprof_re2 *_Nonnull expression, const uint8_t *_Nullable text, size_t size);

/// Gives the expression back.
void sprof_re2_free(sprof_re2 *_Nullable expression);

#ifdef __cplusplus
}
#endif
