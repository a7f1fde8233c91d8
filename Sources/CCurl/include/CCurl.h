// What Swift cannot say of libcurl: functions that take any argument, and the layout of its messages. The library itself
// is loaded at run time; option numbers and CURLMsg are part of its stable interface (curl_easy_setopt(3),
// curl_multi_info_read(3)).
#pragma once

// The `function` of these is what dlsym(3) gave for curl_easy_setopt.
int sprof_curl_set_number(void *function, void *handle, int option, long value);
int sprof_curl_set_pointer(void *function, void *handle, int option, const void *value);
// Options such as CURLOPT_WRITEFUNCTION.
typedef unsigned long (*sprof_curl_receiver)(char *bytes, unsigned long size, unsigned long count, void *context);
int sprof_curl_set_receiver(void *function, void *handle, int option, sprof_curl_receiver value);

// The `function` is what dlsym(3) gave for curl_easy_getinfo.
int sprof_curl_get_number(void *function, void *handle, int information, long *value);

// CURLMsg.
struct sprof_curl_message {
    int kind;
    void *handle;
    union {
        void *whatever;
        int result;
    } data;
};
