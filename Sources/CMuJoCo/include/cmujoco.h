#pragma once
#include <stddef.h>
#include <stdint.h>

// MuJoCo and off-screen OpenGL behind a C interface.
//
// Functions that return int give 0, or -1 after storing a message for cmj_last_error (per thread).
// MuJoCo's own errors, which would end the process, come back this way as well. Handles that are
// written to `out` are the caller's, who frees them; all other pointers are borrowed.
//
// A world belongs to one thread at a time. A renderer belongs to the thread that made it.

typedef struct cmj_world cmj_world;        // a model, a copy of it as it was loaded, and its data
typedef struct cmj_renderer cmj_renderer;  // an OpenGL context, a frame buffer and a model's assets

// What went wrong last in this thread.
const char *cmj_last_error(void);

// As "3.8.1".
const char *cmj_version(void);

// --- worlds

// Compiles a scene in MJCF.
int cmj_load(cmj_world **out, const char *mjcf);
void cmj_free(cmj_world *world);

// Model and data as they were loaded, whatever was changed since.
int cmj_reset(cmj_world *world);

// Positions, contacts and forces of the present state, without time passing.
int cmj_forward(cmj_world *world);

// Physics steps, up to the first that MuJoCo warns of; how many were done goes to `done`.
int cmj_step(cmj_world *world, int count, int *done);

// What MuJoCo has warned of since the reset, null when of nothing; valid until the next call.
const char *cmj_warning(const cmj_world *world);

typedef enum {
  CMJ_BODY, CMJ_JOINT, CMJ_GEOM, CMJ_CAMERA, CMJ_LIGHT, CMJ_EQUALITY, CMJ_ACTUATOR
} cmj_kind;

// The index of a named element, -1 when there is none.
int cmj_index(const cmj_world *world, cmj_kind kind, const char *name);
// How many elements there are, and what one is called: "" without a name.
int cmj_count(const cmj_world *world, cmj_kind kind);
const char *cmj_name(const cmj_world *world, cmj_kind kind, int index);

typedef enum {
  // of the data: the state, the controls, and what follows from them
  CMJ_QPOS, CMJ_QVEL, CMJ_CTRL, CMJ_MOCAP_POS, CMJ_XPOS, CMJ_XQUAT,
  // of the model: what a task may draw anew for every episode
  CMJ_BODY_POS, CMJ_GEOM_SIZE, CMJ_CAM_POS, CMJ_LIGHT_POS, CMJ_LIGHT_DIR
} cmj_numbers;

// Numbers that live as long as the world; how many goes to `count`.
double *cmj_array(const cmj_world *world, cmj_numbers which, int *count);

typedef enum { CMJ_GEOM_RGBA, CMJ_LIGHT_DIFFUSE } cmj_colors;
float *cmj_color_array(const cmj_world *world, cmj_colors which, int *count);

double cmj_time(const cmj_world *world);

// Where a joint's numbers begin in qpos and qvel.
int cmj_joint_position_address(const cmj_world *world, int joint);
int cmj_joint_velocity_address(const cmj_world *world, int joint);
// Among the mocap bodies, -1 when the body is none.
int cmj_mocap_index(const cmj_world *world, int body);
int cmj_body_of_geom(const cmj_world *world, int geom);

int cmj_equality_is_active(const cmj_world *world, int equality);
void cmj_set_equality(cmj_world *world, int equality, int active);
// Makes a weld hold its two bodies as they are to each other now.
void cmj_hold_weld(cmj_world *world, int equality);

typedef struct {
  int geom1, geom2;
  double distance;     // metres, negative inside each other
  double position[3];
} cmj_contact;
int cmj_contact_count(const cmj_world *world);
void cmj_get_contact(const cmj_world *world, int index, cmj_contact *contact);

// --- pictures

// A context of this thread that draws a world's scene; `egl` and `gl` are the libraries' names.
int cmj_make_renderer(cmj_renderer **out, const cmj_world *world, const char *egl, const char *gl);
void cmj_free_renderer(cmj_renderer *renderer);

// Draws what a camera sees, top row first, width * height * 3 bytes. The world must be of the scene
// that the renderer was made for.
int cmj_render(cmj_renderer *renderer, cmj_world *world, int camera, int width, int height,
               unsigned char *rgb);
// As OpenGL names it.
const char *cmj_renderer_device(cmj_renderer *renderer);
