#include <stdlib.h>
#include <string.h>

#include "internal.h"

static int build(cmj_world *world, const char *mjcf) {
  char problem[1000] = "";
  CMJ_GUARDED({
    mjSpec *spec = mj_parseXMLString(mjcf, NULL, problem, sizeof problem);
    if (spec) {
      world->model = mj_compile(spec, NULL);
      if (!world->model) cmj_fail("%s", mjs_getError(spec));
      mj_deleteSpec(spec);
    } else {
      cmj_fail("%s", problem);
    }
    if (world->model) {
      world->loaded = mj_copyModel(NULL, world->model);
      world->data = mj_makeData(world->model);
    }
  });
  if (!world->model) return -1;
  if (!world->loaded || !world->data) return cmj_fail("out of memory");
  return cmj_reset(world);
}

int cmj_load(cmj_world **out, const char *mjcf) {
  cmj_install_handlers();
  cmj_world *world = calloc(1, sizeof *world);
  if (!world) return cmj_fail("out of memory");
  if (build(world, mjcf)) {
    cmj_free(world);
    return -1;
  }
  *out = world;
  return 0;
}

void cmj_free(cmj_world *world) {
  if (!world) return;
  if (world->data) mj_deleteData(world->data);
  if (world->loaded) mj_deleteModel(world->loaded);
  if (world->model) mj_deleteModel(world->model);
  free(world);
}

int cmj_reset(cmj_world *world) {
  world->warning[0] = 0;
  CMJ_GUARDED({
    mj_copyModel(world->model, world->loaded);
    mj_resetData(world->model, world->data);
    mj_forward(world->model, world->data);
  });
  return 0;
}

// Keeps what MuJoCo warned of; it resets itself after numbers that are none, so one look a step.
static int has_warning(cmj_world *world) {
  for (int i = 0; i < mjNWARNING && !world->warning[0]; i++) {
    mjWarningStat warning = world->data->warning[i];
    if (!warning.number) continue;
    strncpy(world->warning, mju_warningText(i, warning.lastinfo), sizeof world->warning - 1);
    if (!world->warning[0]) strcpy(world->warning, "unknown warning");
  }
  return world->warning[0] != 0;
}

int cmj_forward(cmj_world *world) {
  CMJ_GUARDED({ mj_forward(world->model, world->data); });
  has_warning(world);
  return 0;
}

int cmj_step(cmj_world *world, int count, int *done) {
  volatile int i = 0;
  *done = 0;
  CMJ_GUARDED({
    for (; i < count && !has_warning(world); i = i + 1) mj_step(world->model, world->data);
  });
  has_warning(world);
  *done = i;
  return 0;
}

const char *cmj_warning(const cmj_world *world) {
  return world->warning[0] ? world->warning : NULL;
}

static int object_type(cmj_kind kind) {
  switch (kind) {
    case CMJ_BODY: return mjOBJ_BODY;
    case CMJ_JOINT: return mjOBJ_JOINT;
    case CMJ_GEOM: return mjOBJ_GEOM;
    case CMJ_CAMERA: return mjOBJ_CAMERA;
    case CMJ_LIGHT: return mjOBJ_LIGHT;
    case CMJ_EQUALITY: return mjOBJ_EQUALITY;
    case CMJ_ACTUATOR: return mjOBJ_ACTUATOR;
  }
  return mjOBJ_UNKNOWN;
}

int cmj_index(const cmj_world *world, cmj_kind kind, const char *name) {
  return mj_name2id(world->model, object_type(kind), name);
}

int cmj_count(const cmj_world *world, cmj_kind kind) {
  const mjModel *m = world->model;
  switch (kind) {
    case CMJ_BODY: return m->nbody;
    case CMJ_JOINT: return m->njnt;
    case CMJ_GEOM: return m->ngeom;
    case CMJ_CAMERA: return m->ncam;
    case CMJ_LIGHT: return m->nlight;
    case CMJ_EQUALITY: return m->neq;
    case CMJ_ACTUATOR: return m->nu;
  }
  return 0;
}

const char *cmj_name(const cmj_world *world, cmj_kind kind, int index) {
  const char *name = mj_id2name(world->model, object_type(kind), index);
  return name ? name : "";
}

double *cmj_array(const cmj_world *world, cmj_numbers which, int *count) {
  const mjModel *m = world->model;
  mjData *d = world->data;
  switch (which) {
    case CMJ_QPOS: return *count = m->nq, d->qpos;
    case CMJ_QVEL: return *count = m->nv, d->qvel;
    case CMJ_CTRL: return *count = m->nu, d->ctrl;
    case CMJ_MOCAP_POS: return *count = 3 * m->nmocap, d->mocap_pos;
    case CMJ_XPOS: return *count = 3 * m->nbody, d->xpos;
    case CMJ_XQUAT: return *count = 4 * m->nbody, d->xquat;
    case CMJ_BODY_POS: return *count = 3 * m->nbody, m->body_pos;
    case CMJ_GEOM_SIZE: return *count = 3 * m->ngeom, m->geom_size;
    case CMJ_CAM_POS: return *count = 3 * m->ncam, m->cam_pos;
    case CMJ_LIGHT_POS: return *count = 3 * m->nlight, m->light_pos;
    case CMJ_LIGHT_DIR: return *count = 3 * m->nlight, m->light_dir;
  }
  return NULL;
}

float *cmj_color_array(const cmj_world *world, cmj_colors which, int *count) {
  const mjModel *m = world->model;
  switch (which) {
    case CMJ_GEOM_RGBA: return *count = 4 * m->ngeom, m->geom_rgba;
    case CMJ_LIGHT_DIFFUSE: return *count = 3 * m->nlight, m->light_diffuse;
  }
  return NULL;
}

double cmj_time(const cmj_world *world) { return world->data->time; }

int cmj_joint_position_address(const cmj_world *world, int joint) {
  return world->model->jnt_qposadr[joint];
}
int cmj_joint_velocity_address(const cmj_world *world, int joint) {
  return world->model->jnt_dofadr[joint];
}
int cmj_mocap_index(const cmj_world *world, int body) { return world->model->body_mocapid[body]; }
int cmj_body_of_geom(const cmj_world *world, int geom) { return world->model->geom_bodyid[geom]; }

int cmj_equality_is_active(const cmj_world *world, int equality) {
  return world->data->eq_active[equality];
}

void cmj_set_equality(cmj_world *world, int equality, int active) {
  world->data->eq_active[equality] = active != 0;
}

void cmj_hold_weld(cmj_world *world, int equality) {
  const mjModel *m = world->model;
  const mjData *d = world->data;
  int first = m->eq_obj1id[equality], second = m->eq_obj2id[equality];
  // The anchor, which is in the second body's frame; then that body's pose in the first one's.
  mjtNum *anchor = m->eq_data + mjNEQDATA * equality, *position = anchor + 3, *turn = anchor + 6;
  mjtNum back[4], there[3], apart[3];
  mju_negQuat(back, d->xquat + 4 * first);
  mju_mulQuat(turn, back, d->xquat + 4 * second);
  mju_rotVecQuat(there, anchor, d->xquat + 4 * second);
  mju_addTo3(there, d->xpos + 3 * second);
  mju_sub3(apart, there, d->xpos + 3 * first);
  mju_rotVecQuat(position, apart, back);
  world->data->eq_active[equality] = 1;
}

int cmj_contact_count(const cmj_world *world) { return world->data->ncon; }

void cmj_get_contact(const cmj_world *world, int index, cmj_contact *contact) {
  const mjContact *c = world->data->contact + index;
  contact->geom1 = c->geom[0];
  contact->geom2 = c->geom[1];
  contact->distance = c->dist;
  mju_copy3(contact->position, c->pos);
}
