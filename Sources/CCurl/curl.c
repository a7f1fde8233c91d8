#include "CCurl.h"

typedef int (*variadic)(void *, int, ...);

int sprof_curl_set_number(void *function, void *handle, int option, long value) {
    return ((variadic)function)(handle, option, value);
}

int sprof_curl_set_pointer(void *function, void *handle, int option, const void *value) {
    return ((variadic)function)(handle, option, value);
}

int sprof_curl_set_receiver(void *function, void *handle, int option, sprof_curl_receiver value) {
    return ((variadic)function)(handle, option, value);
}

int sprof_curl_get_number(void *function, void *handle, int information, long *value) {
    return ((variadic)function)(handle, information, value);
}
