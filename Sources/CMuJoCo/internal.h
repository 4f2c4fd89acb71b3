#pragma once
#include <mujoco/mujoco.h>
#include <setjmp.h>

#include "cmujoco.h"

struct cmj_world {
  mjModel *model;
  mjModel *loaded;  // the model as it was compiled
  mjData *data;
  char warning[512];
};

// Where MuJoCo's error handler of this thread goes; null when nobody is prepared.
extern _Thread_local jmp_buf *cmj_escape;

void cmj_install_handlers(void);
int cmj_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Runs statements that may meet an error of MuJoCo, in a function that returns int. Variables that
// they change and that are read afterwards must be volatile.
#define CMJ_GUARDED(...)                            \
  do {                                              \
    jmp_buf here;                                   \
    if (setjmp(here)) {                             \
      cmj_escape = NULL;                            \
      return -1;                                    \
    }                                               \
    cmj_escape = &here;                             \
    __VA_ARGS__                                     \
    cmj_escape = NULL;                              \
  } while (0)
