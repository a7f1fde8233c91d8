#include "CRE2.h"

#include <cstring>
#include <new>
#include <string>

#include <re2/re2.h>

struct sprof_re2 {
    re2::RE2 expression;
};

static re2::StringPiece piece(const uint8_t *bytes, size_t size) {
    return re2::StringPiece(reinterpret_cast<const char *>(bytes), size);
}

sprof_re2 *sprof_re2_new(const uint8_t *pattern, size_t size, char *error, size_t error_size) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    sprof_re2 *result = new (std::nothrow) sprof_re2{re2::RE2(piece(pattern, size), options)};
    if (result != nullptr && result->expression.ok()) return result;
    const std::string reason = result != nullptr ? result->expression.error() : "out of memory";
    const size_t length = reason.size() < error_size - 1 ? reason.size() : error_size - 1;
    std::memcpy(error, reason.data(), length);
    error[length] = '\0';
    delete result;
    return nullptr;
}

bool sprof_re2_matches(const sprof_re2 *expression, const uint8_t *text, size_t size) {
    return expression->expression.Match(piece(text, size), 0, size, re2::RE2::UNANCHORED, nullptr, 0);
}

void sprof_re2_free(sprof_re2 *expression) { delete expression; }
