// EGL is loaded when the first picture is drawn, so that a machine without it runs everything else.
// The few declarations needed stand here: those of Khronos' egl.h 1.5 and eglext.h, which need not
// be installed.
#include "egl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

typedef void *(*get_proc_address_t)(const char *);
typedef const char *(*query_string_t)(void *, int32_t);
typedef void *(*get_display_t)(void *);
typedef void *(*get_platform_display_t)(unsigned, void *, const int32_t *);
typedef unsigned (*query_devices_t)(int32_t, void **, int32_t *);
typedef unsigned (*initialize_t)(void *, int32_t *, int32_t *);
typedef unsigned (*bind_api_t)(unsigned);
typedef unsigned (*choose_config_t)(void *, const int32_t *, void **, int32_t, int32_t *);
typedef void *(*create_context_t)(void *, void *, void *, const int32_t *);
typedef unsigned (*make_current_t)(void *, void *, void *, void *);
typedef void *(*get_current_context_t)(void);
typedef unsigned (*destroy_context_t)(void *, void *);
typedef int32_t (*get_error_t)(void);

enum {
  EGL_EXTENSIONS = 0x3055, EGL_PLATFORM_DEVICE = 0x313F, EGL_OPENGL_API = 0x30A2,
  EGL_PLATFORM_SURFACELESS = 0x31DD, EGL_NONE = 0x3038, EGL_RENDERABLE_TYPE = 0x3040,
  EGL_OPENGL_BIT = 8, EGL_SURFACE_TYPE = 0x3033, EGL_PBUFFER_BIT = 1, EGL_RED_SIZE = 0x3024,
  EGL_GREEN_SIZE = 0x3023, EGL_BLUE_SIZE = 0x3022, EGL_DEPTH_SIZE = 0x3025,
};

static struct {
  query_string_t query_string;
  get_proc_address_t get_proc_address;
  get_display_t get_display;
  initialize_t initialize;
  bind_api_t bind_api;
  choose_config_t choose_config;
  create_context_t create_context;
  make_current_t make_current;
  get_current_context_t get_current_context;
  destroy_context_t destroy_context;
  get_error_t get_error;
  void *display;
} api;
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static int load_functions(void *library) {
  const struct { void *place; const char *name; } functions[] = {
    {&api.query_string, "eglQueryString"}, {&api.get_proc_address, "eglGetProcAddress"},
    {&api.get_display, "eglGetDisplay"}, {&api.initialize, "eglInitialize"},
    {&api.bind_api, "eglBindAPI"}, {&api.choose_config, "eglChooseConfig"},
    {&api.create_context, "eglCreateContext"}, {&api.make_current, "eglMakeCurrent"},
    {&api.get_current_context, "eglGetCurrentContext"},
    {&api.destroy_context, "eglDestroyContext"}, {&api.get_error, "eglGetError"},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *found = dlsym(library, functions[i].name);
    if (!found) return cmj_fail("EGL has no function %s", functions[i].name);
    memcpy(functions[i].place, &found, sizeof found);
  }
  return 0;
}

static void *started(void *display) {
  int32_t major, minor;
  return display && api.initialize(display, &major, &minor) ? display : NULL;
}

// The first that works of: every device, graphics cards before Mesa's software; no device; the
// default.
static void *find_display(void) {
  const char *extensions = api.query_string(NULL, EGL_EXTENSIONS);
  get_platform_display_t get_platform_display =
      (get_platform_display_t)api.get_proc_address("eglGetPlatformDisplayEXT");
  void *display = NULL;
  if (extensions && get_platform_display) {
    query_devices_t query_devices = (query_devices_t)api.get_proc_address("eglQueryDevicesEXT");
    void *devices[16];
    int32_t count = 0;
    if (strstr(extensions, "EGL_EXT_platform_device") && query_devices &&
        query_devices(16, devices, &count)) {
      for (int i = 0; i < count && !display; i++)
        display = started(get_platform_display(EGL_PLATFORM_DEVICE, devices[i], NULL));
    }
    if (!display && strstr(extensions, "EGL_MESA_platform_surfaceless"))
      display = started(get_platform_display(EGL_PLATFORM_SURFACELESS, NULL, NULL));
  }
  return display ? display : started(api.get_display(NULL));
}

static int start(const char *egl, const char *gl) {
  // Worlds are drawn side by side, one thread each: Mesa's own threads would only get in the way.
  setenv("LP_NUM_THREADS", "0", 0);
  void *library = dlopen(egl, RTLD_NOW | RTLD_GLOBAL);
  if (!library) return cmj_fail("%s cannot be loaded", egl);
  if (!dlopen(gl, RTLD_NOW | RTLD_GLOBAL)) return cmj_fail("%s cannot be loaded", gl);
  if (api.display) return 0;
  if (load_functions(library)) return -1;
  api.display = find_display();
  return api.display ? 0 : cmj_fail("EGL is there but no device to draw on, not even Mesa's software");
}

static int make(void **context) {
  static const int32_t wanted[] = {
    EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_RED_SIZE, 8,
    EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8, EGL_DEPTH_SIZE, 24, EGL_NONE};
  void *config = NULL;
  int32_t count = 0;
  if (!api.bind_api(EGL_OPENGL_API)) return cmj_fail("EGL does not do OpenGL");
  if (!api.choose_config(api.display, wanted, &config, 1, &count) || count < 1)
    return cmj_fail("EGL has no RGB frame buffer with depth");
  *context = api.create_context(api.display, config, NULL, NULL);
  if (!*context) return cmj_fail("EGL makes no context (error 0x%x)", (unsigned)api.get_error());
  return 0;
}

int cmj_egl_make(void **context, const char *egl, const char *gl) {
  pthread_mutex_lock(&loading);
  int status = start(egl, gl);
  if (!status) status = make(context);
  pthread_mutex_unlock(&loading);
  if (status) return -1;
  if (cmj_egl_use(*context)) {
    cmj_egl_free(*context);
    return -1;
  }
  return 0;
}

int cmj_egl_use(void *context) {
  if (api.get_current_context() == context) return 0;
  if (!api.bind_api(EGL_OPENGL_API) || !api.make_current(api.display, NULL, NULL, context))
    return cmj_fail("EGL cannot use its context (error 0x%x); is it this thread's?",
                    (unsigned)api.get_error());
  return 0;
}

void cmj_egl_free(void *context) {
  if (api.get_current_context() == context) api.make_current(api.display, NULL, NULL, NULL);
  api.destroy_context(api.display, context);
}

const char *cmj_egl_device(void) {
  typedef const unsigned char *(*get_string_t)(unsigned);
  get_string_t get_string = (get_string_t)api.get_proc_address("glGetString");
  const unsigned char *name = get_string ? get_string(0x1F01) : NULL;  // GL_RENDERER
  return name ? (const char *)name : "";
}
