#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Swift's demangler for backtraces (libswiftCore): the simplified form, without module names. A name that it cannot
/// demangle is copied as it is. Writes at most `*outputSize` bytes with the ending zero and stores the size it wanted.
char *_swift_backtrace_demangle(const char *name, size_t length, char *output, size_t *outputSize);

/// Swift's demangler (libswiftCore): the full form; null for a name that it cannot demangle. `flags` is zero.
char *swift_demangle(const char *name, size_t length, char *output, size_t *outputSize, uint32_t flags);

/// The Itanium C++ ABI's demangler (libstdc++, linked through the Swift runtime). `output` is null or from malloc, of
/// `*outputSize` bytes; the result is `output`, grown with realloc if needed, or null for a name that it cannot demangle.
char *__cxa_demangle(const char *name, char *output, size_t *outputSize, int *status);

#ifdef __cplusplus
}
#endif
