#pragma once

// Off-screen OpenGL contexts by EGL. Each function gives 0, or -1 with a message for cmj_last_error.

// A context, which is the calling thread's current one from then on.
int cmj_egl_make(void **context, const char *egl, const char *gl);
// Makes a context of this thread the current one again.
int cmj_egl_use(void *context);
void cmj_egl_free(void *context);
// What the current context draws with, as OpenGL names it; "" when it does not say.
const char *cmj_egl_device(void);
