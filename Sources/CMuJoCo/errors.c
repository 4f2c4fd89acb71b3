#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

_Thread_local jmp_buf *cmj_escape;
static _Thread_local char message[1024];

const char *cmj_last_error(void) { return message; }

const char *cmj_version(void) { return mj_versionString(); }

// One line, whatever it was.
static void store(const char *text) {
  snprintf(message, sizeof message, "%s", text);
  size_t end = strlen(message);
  while (end && (message[end - 1] == '\n' || message[end - 1] == ' ')) message[--end] = 0;
  for (char *c = message; *c; c++)
    if (*c == '\n' || *c == '\t') *c = ' ';
}

int cmj_fail(const char *format, ...) {
  char text[sizeof message];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  store(text);
  return -1;
}

// MuJoCo does not expect its handler to return: it ends the process otherwise.
static void on_error(const char *text) {
  store(text);
  if (cmj_escape) longjmp(*cmj_escape, 1);
  fprintf(stderr, "MuJoCo: %s\n", message);
  abort();
}

// Warnings are counted in the data, where cmj_step looks.
static void on_warning(const char *text) { (void)text; }

static void install(void) {
  mju_user_error = on_error;
  mju_user_warning = on_warning;
}

void cmj_install_handlers(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}
