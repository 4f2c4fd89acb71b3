#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "egl.h"
#include "internal.h"

struct cmj_renderer {
  void *egl;
  mjvScene scene;
  mjvOption option;
  mjrContext context;
  uint64_t signature;  // of the model it was made for
  int has_scene, has_context;
};

// MuJoCo loads OpenGL's functions into globals whenever it makes a context.
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static int fill(cmj_renderer *renderer, const mjModel *model) {
  CMJ_GUARDED({
    mjv_defaultScene(&renderer->scene);
    mjv_defaultOption(&renderer->option);
    mjr_defaultContext(&renderer->context);
    mjv_makeScene(model, &renderer->scene, 1000);
    renderer->has_scene = 1;
    mjr_makeContext(model, &renderer->context, mjFONTSCALE_100);
    renderer->has_context = 1;
    mjr_setBuffer(mjFB_OFFSCREEN, &renderer->context);
  });
  if (renderer->context.currentBuffer != mjFB_OFFSCREEN)
    return cmj_fail("OpenGL has no off-screen frame buffer");
  return 0;
}

int cmj_make_renderer(cmj_renderer **out, const cmj_world *world, const char *egl,
                      const char *gl) {
  cmj_renderer *renderer = calloc(1, sizeof *renderer);
  if (!renderer) return cmj_fail("out of memory");
  if (cmj_egl_make(&renderer->egl, egl, gl)) {
    free(renderer);
    return -1;
  }
  renderer->signature = world->model->signature;
  pthread_mutex_lock(&making);
  int status = fill(renderer, world->model);
  pthread_mutex_unlock(&making);
  if (status) {
    cmj_free_renderer(renderer);
    return -1;
  }
  *out = renderer;
  return 0;
}

void cmj_free_renderer(cmj_renderer *renderer) {
  if (!renderer) return;
  if (!cmj_egl_use(renderer->egl) && renderer->has_context) mjr_freeContext(&renderer->context);
  if (renderer->has_scene) mjv_freeScene(&renderer->scene);
  cmj_egl_free(renderer->egl);
  free(renderer);
}

int cmj_render(cmj_renderer *renderer, cmj_world *world, int camera, int width, int height,
               unsigned char *rgb) {
  if (renderer->signature != world->model->signature)
    return cmj_fail("this renderer was made for another scene");
  if (cmj_egl_use(renderer->egl)) return -1;
  CMJ_GUARDED({
    mjrContext *context = &renderer->context;
    if (width > context->offWidth || height > context->offHeight)
      mjr_resizeOffscreen(mjMAX(width, context->offWidth), mjMAX(height, context->offHeight),
                          context);
    mjvCamera eye;
    mjv_defaultCamera(&eye);
    eye.type = mjCAMERA_FIXED;
    eye.fixedcamid = camera;
    mjrRect view = {0, 0, width, height};
    mjv_updateScene(world->model, world->data, &renderer->option, NULL, &eye, mjCAT_ALL,
                    &renderer->scene);
    mjr_render(view, &renderer->scene, context);
    mjr_readPixels(rgb, NULL, view, context);
  });
  // OpenGL's first row is the lowest.
  size_t row = (size_t)width * 3;
  unsigned char held[row];
  for (int top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
    memcpy(held, rgb + top * row, row);
    memcpy(rgb + top * row, rgb + bottom * row, row);
    memcpy(rgb + bottom * row, held, row);
  }
  return 0;
}

const char *cmj_renderer_device(cmj_renderer *renderer) {
  return cmj_egl_use(renderer->egl) ? "" : cmj_egl_device();
}
