#pragma once
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// libcurl's variadic functions, which Swift cannot see. Every call that sets returns CURLE_OK or why
// libcurl refused; ccurl_close releases a handle.
typedef struct {
  CURL *raw;
} ccurl_handle;

typedef size_t (*ccurl_callback)(char *bytes, size_t one, size_t count, void *user);

static inline ccurl_handle ccurl_open(void) { return (ccurl_handle){curl_easy_init()}; }
static inline int ccurl_is_open(ccurl_handle handle) { return handle.raw != NULL; }
static inline void ccurl_close(ccurl_handle handle) { curl_easy_cleanup(handle.raw); }
// Options go back to their defaults; connections stay open.
static inline void ccurl_reset(ccurl_handle handle) { curl_easy_reset(handle.raw); }
static inline CURLcode ccurl_perform(ccurl_handle handle) { return curl_easy_perform(handle.raw); }

static inline CURLcode ccurl_set_number(ccurl_handle handle, CURLoption option, long value) {
  return curl_easy_setopt(handle.raw, option, value);
}
// libcurl copies the text.
static inline CURLcode ccurl_set_text(ccurl_handle handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle.raw, option, value);
}
// What is pointed to must stay until ccurl_perform has returned.
static inline CURLcode ccurl_set_pointer(ccurl_handle handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle.raw, option, value);
}
static inline CURLcode ccurl_set_callback(ccurl_handle handle, CURLoption option,
                                          ccurl_callback value) {
  return curl_easy_setopt(handle.raw, option, value);
}
// `stop` is asked about once a second; once it says 1 the transfer ends with CURLE_ABORTED_BY_CALLBACK.
typedef int (*ccurl_stop)(void);
static inline int ccurl_ask(void *stop, curl_off_t total_down, curl_off_t down, curl_off_t total_up,
                            curl_off_t up) {
  (void)total_down, (void)down, (void)total_up, (void)up;
  return ((ccurl_stop)stop)();
}
static inline CURLcode ccurl_stop_when(ccurl_handle handle, ccurl_stop stop) {
  CURLcode code = curl_easy_setopt(handle.raw, CURLOPT_XFERINFOFUNCTION, ccurl_ask);
  if (code == CURLE_OK) code = curl_easy_setopt(handle.raw, CURLOPT_XFERINFODATA, (void *)stop);
  return code == CURLE_OK ? curl_easy_setopt(handle.raw, CURLOPT_NOPROGRESS, 0L) : code;
}
// Where the last answer wants the client to go, absolute; null when it does not. Owned by the handle.
static inline const char *ccurl_redirect(ccurl_handle handle) {
  char *url = NULL;
  curl_easy_getinfo(handle.raw, CURLINFO_REDIRECT_URL, &url);
  return url;
}
